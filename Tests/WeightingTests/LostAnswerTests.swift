// A weight that the kernel took although its answer was lost is ours, and no other hand's.

import Protocol
import Testing

@testable import Weighting

private let busy = Bench.busy

@Test func `an end of a drain whose answer was lost is nobody else's hand`() {
    var bench = Bench.settled(atRest: 4)
    let all = Array(repeating: busy, count: 4)
    bench.ask(0, .draining)
    bench.spend(2, all)
    bench.ask(0, .up)
    bench.pass(all)
    bench.tickWithLostAnswers()
    #expect(bench.weights[0] == 100)
    // It asks anew meanwhile, and nobody has overruled it.
    bench.ask(0, .draining)
    bench.pass(all)
    let verdict = bench.tick()?.services[0].verdicts[0]
    #expect(verdict?.overridden == nil)
    #expect(verdict?.reason.code == "drains")
    #expect(bench.weights[0] == 0)
}

@Test func `a return from errors whose answer was lost is nobody else's hand, and starts slowly`() {
    var bench = Bench.settled(atRest: 4)
    bench.spend(5, [Bench.failing, busy, busy, busy])
    #expect(bench.weights[0] == 0)
    var ticks = 0
    while bench.weights[0] == 0, ticks < 200 {
        bench.pass([Bench.idle, busy, busy, busy])
        bench.tickWithLostAnswers()
        ticks += 1
    }
    #expect(bench.weights[0] > 0)
    let decision = bench.spend(0.5, [busy, busy, busy, busy])
    #expect(decision?.verdicts[0].overridden == nil)
    #expect(decision?.chain(0).map { $0.startShare < 1 } == true)
    // It may be taken out again, which a person's hand would put off.
    bench.spend(5, [Bench.failing, busy, busy, busy])
    #expect(bench.weights[0] == 0)
}

@Test func `another weight than ours is a hand's`() {
    var bench = Bench.settled(atRest: 4)
    let all = Array(repeating: busy, count: 4)
    bench.ask(0, .draining)
    bench.spend(2, all)
    bench.setByHand(0, 101)
    bench.pass(all)
    #expect(bench.tick()?.services[0].verdicts[0].overridden == 0)
}
