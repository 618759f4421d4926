// Newcomers whose service holds, and what is forgotten of a share that errors took.

import Protocol
import Testing

@testable import Weighting

private let busy = Bench.busy

private func all(_ count: Int) -> [Bench.Doing] { Array(repeating: busy, count: count) }

/// Five servers, of which the first one has just come back.
private func oneReturned() -> Bench {
    var bench = Bench.settled(atRest: 5)
    bench.ask(0, .draining)
    bench.spend(2, all(5))
    bench.ask(0, .up)
    bench.spend(1, all(5))
    return bench
}

@Test func `a newcomer comes to its share in time, though the others fall silent`() {
    var bench = oneReturned()
    #expect((90...130).contains(bench.weights[0]))
    let others = Array(bench.weights[1...])
    let silent: Set = [1, 2, 3]
    #expect(bench.spend(7, all(5), silent: silent)?.hold == .fewerThanHalfFresh)
    #expect((400...900).contains(bench.weights[0]))
    let last = bench.spend(7, all(5), silent: silent)
    #expect(bench.weights[0] > 950)
    #expect(Array(bench.weights[1...]) == others)
    #expect(last?.verdicts[0].reason == .holds(.fewerThanHalfFresh))
    // And load goes on when they are heard again.
    #expect(bench.spend(8, all(5))?.hold == nil)
}

@Test func `a service in which nobody is busy brings a newcomer to its share`() {
    var bench = oneReturned()
    let idle = Array(repeating: Bench.idle, count: 5)
    #expect(bench.spend(60, idle)?.hold == .tooIdle)
    #expect(bench.weights[0] > 950)
}

@Test func `one late tick moves no newcomer`() {
    var bench = oneReturned()
    let before = bench.weights
    bench.pass(all(5), seconds: 2)
    #expect(bench.tick()?.services[0].hold == .masterLate)
    #expect(bench.weights == before)
}

@Test func `what its owner brings while the service holds stays as it is`() {
    var bench = Bench.settled(atRest: 5)
    bench.setByHand(0, 0)
    let silent: Set = [1, 2, 3]
    bench.spend(8, all(5), silent: silent)
    bench.setByHand(0, 7)
    bench.spend(20, all(5), silent: silent)
    #expect(bench.weights[0] == 7)
}

@Test func `who went slowly for its errors comes back to what it had before them`() {
    var bench = Bench.settled(atRest: 9)
    let sick = [Bench.failing, Bench.failing] + all(7)
    bench.spend(20, sick)
    let (out, other) = bench.weights[0] == 0 ? (0, 1) : (1, 0)
    // No more than one in ten goes in half a minute.
    #expect(bench.weights[out] == 0 && (1...21).contains(bench.weights[other]))
    bench.spend(20, sick)
    #expect(bench.weights[other] == 0)
    // Nothing is heard of it any more, so time alone brings it back.
    bench.spend(80, all(9), silent: [other])
    #expect(bench.weights[other] > 900)
}

@Test func `who went slowly for its errors and is well comes back in time`() {
    var bench = Bench.settled(atRest: 9)
    let sick = [Bench.failing, Bench.failing] + all(7)
    bench.spend(40, sick)
    #expect(bench.weights[0] == 0 && bench.weights[1] == 0)
    let healthy = [Bench.idle, Bench.idle] + all(7)
    var seen = 0
    while seen < 180, bench.weights[0] == 0 || bench.weights[1] == 0 {
        bench.spend(0.5, healthy)
        seen += 1
    }
    #expect(bench.weights[0] <= 1000)
    bench.spend(15, all(9))
    #expect(bench.weights[0] > 900 && bench.weights[1] > 900)
}
