// Servers that fail requests: who is taken out, how it comes back, and when errors are everybody's.

import Protocol
import Testing

@testable import Weighting

private let busy = Bench.Doing(requestsPerSecond: 30, utilisation: 0.6)
private let failing = Bench.Doing(
    requestsPerSecond: 30, utilisation: 0.02, errorsPerSecond: 30)

extension Bench {
    /// Ticks in which each does its own; the last decision.
    fileprivate mutating func live(
        _ doing: [Doing], seconds: Double, silent: Set<Int> = []
    ) -> Decision.Service? {
        var last: Decision.Service?
        for _ in 0..<Int(seconds * 2) {
            pass(doing, silent: silent)
            last = tick()?.services[0]
        }
        return last
    }

    fileprivate static func settled(
        _ count: Int, scheduler: Scheduler = .known(.sed), fallsBack: Bool = false
    ) -> Bench {
        var bench = Bench(
            weights: Array(repeating: 1, count: count), scheduler: scheduler,
            fallsBack: fallsBack)
        _ = bench.live(Array(repeating: busy, count: count), seconds: 15)
        return bench
    }
}

@Test func `a server that fails everything is out within five seconds, and back when it is well`() {
    var bench = Bench.settled(4)
    let sick = [failing, busy, busy, busy]
    let decision = bench.live(sick, seconds: 5)
    #expect(decision?.verdicts[0].reason == .ejected)
    #expect(bench.weights == [0, 1000, 1000, 1000])
    // It gets no requests, so nothing but time can clear it.
    let idle = Bench.Doing(requestsPerSecond: 0, utilisation: 0)
    var waited = 0.0
    while bench.weights[0] == 0, waited < 60 {
        _ = bench.live([idle, busy, busy, busy], seconds: 0.5)
        waited += 0.5
    }
    #expect((20...45).contains(waited))
    #expect(bench.weights[0] <= 100)
    _ = bench.live([busy, busy, busy, busy], seconds: 20)
    #expect(bench.weights[0] > 900)
}

@Test func `one that still fails when it comes back is out again after a few requests`() {
    var bench = Bench.settled(4)
    var requests = 0.0
    for _ in 0..<240 {
        let part = Double(bench.weights[0]) / 1000
        let doing = Bench.Doing(
            requestsPerSecond: 30 * part, utilisation: 0, errorsPerSecond: 30 * part)
        requests += 15 * part
        _ = bench.live([doing, busy, busy, busy], seconds: 0.5)
    }
    // Two minutes at its part would be 3600.
    #expect(requests < 3600 * 0.05)
}

@Test func `errors of all take nobody out`() {
    var bench = Bench.settled(4)
    let doing = Bench.Doing(requestsPerSecond: 30, utilisation: 0.6, errorsPerSecond: 20)
    _ = bench.live([doing, doing, doing, doing], seconds: 20)
    #expect(bench.weights == [1000, 1000, 1000, 1000])
}

@Test func `errors on more than half of the capacity have a common cause, and that is said`() {
    var bench = Bench(weights: [2000, 500, 500])
    let big = Bench.Doing(requestsPerSecond: 120, utilisation: 0.6)
    _ = bench.live([big, busy, busy], seconds: 40)
    var sick = big
    sick.errorsPerSecond = 120
    let decision = bench.live([sick, busy, busy], seconds: 10)
    #expect(decision?.alarm == .commonCause)
    #expect(bench.weights[0] > 0)
    #expect(decision?.chain(0)?.limits.contains(.commonCause) == true)
    #expect(bench.live([big, busy, busy], seconds: 60)?.alarm == nil)
}

@Test func `of two equals the one that fails goes, and never the last one`() {
    var bench = Bench.settled(2)
    _ = bench.live([failing, busy], seconds: 10)
    #expect(bench.weights.filter { $0 > 0 }.count == 1)
    _ = bench.live([failing, failing], seconds: 10)
    #expect(bench.weights.contains { $0 > 0 })
}

@Test func `of many that fail, one after the other goes, and a third at most`() {
    var bench = Bench.settled(9)
    let doing = Array(repeating: failing, count: 4) + Array(repeating: busy, count: 5)
    let decision = bench.live(doing, seconds: 10)
    #expect(bench.weights.count { $0 == 0 } == 1)
    #expect(decision?.alarm == .tooManyFail)
    // The rest of them have the least share meanwhile.
    #expect(bench.weights.count { (1...21).contains($0) } == 3)
}

@Test func `a few errors, and those of a few requests, take nobody out`() {
    var bench = Bench.settled(4)
    let little = Bench.Doing(requestsPerSecond: 30, utilisation: 0.6, errorsPerSecond: 0.5)
    _ = bench.live([little, busy, busy, busy], seconds: 30)
    #expect(bench.weights[0] > 900)
    #expect(!Bench.settled(4).weights.contains(0))
    var evidence = ErrorEvidence()
    evidence.hear(
        Rates.Interval(
            rates: Rates(requests: 2, errors: 2, utilisation: 0.1, load: 0.1), seconds: 0.5),
        memory: 30)
    #expect(evidence.share < 0.1)
}

@Test func `evidence fades with time, also in silence`() {
    var bench = Bench.settled(4)
    _ = bench.live([failing, busy, busy, busy], seconds: 5)
    #expect(bench.weights[0] == 0)
    _ = bench.live([busy, busy, busy, busy], seconds: 60, silent: [0])
    #expect(bench.weights[0] > 0)
}

@Test func `a hand that raises a server which is out is not contradicted at once`() {
    var bench = Bench.settled(4)
    _ = bench.live([failing, busy, busy, busy], seconds: 5)
    bench.setByHand(0, 500)
    let decision = bench.live([failing, busy, busy, busy], seconds: 3)
    #expect(decision?.verdicts[0].reason != .ejected)
    #expect(bench.weights[0] > 0)
    // Once it was well, it may be taken out again.
    _ = bench.live([busy, busy, busy, busy], seconds: 60)
    _ = bench.live([failing, busy, busy, busy], seconds: 5)
    #expect(bench.weights[0] == 0)
}

@Test func `a 0 for errors is not ours any more after a restart`() {
    var bench = Bench.settled(4)
    _ = bench.live([failing, busy, busy, busy], seconds: 5)
    bench.restartMaster()
    let decision = bench.live([busy, busy, busy, busy], seconds: 90)
    #expect(decision?.verdicts[0].reason == .holds(.foreignZero))
}

@Test(arguments: [
    (Scheduler.Known.rr, true), (.lc, true), (.dh, false), (.fo, false), (.lblc, false),
])
func `where weights do not follow load, errors take out all the same if the scheduler lets them`(
    known: Scheduler.Known, isOut: Bool
) {
    var bench = Bench(weights: [7, 3, 5], scheduler: .known(known))
    _ = bench.live([busy, busy, busy], seconds: 5)
    _ = bench.live([failing, busy, busy], seconds: 5)
    #expect(bench.weights == (isOut ? [0, 3, 5] : [7, 3, 5]))
    let idle = Bench.Doing(requestsPerSecond: 0, utilisation: 0)
    _ = bench.live([idle, busy, busy], seconds: 60)
    #expect(bench.weights == [7, 3, 5])
}

@Test(arguments: [Scheduler.Known.mh, .sh], [true, false])
func `mh and sh take out only with their fallback flag`(known: Scheduler.Known, fallsBack: Bool) {
    var bench = Bench.settled(4, scheduler: .known(known), fallsBack: fallsBack)
    _ = bench.live([failing, busy, busy, busy], seconds: 12)
    #expect((bench.weights[0] == 0) == fallsBack)
    #expect(fallsBack || bench.weights[0] <= 3)
}

@Test func `a drained server that failed comes back by its agent's word`() {
    var bench = Bench.settled(6)
    _ = bench.live([failing] + Array(repeating: busy, count: 5), seconds: 5)
    bench.ask(0, .draining)
    bench.go(2)
    #expect(bench.weights[0] == 0)
    bench.ask(0, .up)
    bench.go(120)
    #expect(bench.weights[0] > 0)
}
