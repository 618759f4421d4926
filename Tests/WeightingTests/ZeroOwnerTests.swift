// Whose a weight 0 is: only our own is raised.

import Protocol
import Testing

@testable import Weighting

private let busy = Bench.Doing(requestsPerSecond: 30, utilisation: 0.6)

private func codes(_ decision: Decision?) -> [String] {
    decision?.services[0].verdicts.map(\.reason.code) ?? []
}

@Test func `a 0 that somebody else set is not raised when a drain ends`() {
    var bench = Bench(weights: [1, 1, 1])
    bench.go(4)
    bench.setByHand(0, 0)
    bench.go(2)
    bench.ask(0, .draining)
    #expect(bench.go(2)[0] == "foreign_zero")
    bench.ask(0, .up)
    #expect(bench.go(4)[0] == "foreign_zero")
    #expect(bench.weights[0] == 0)
}

@Test func `a 0 set right after a drain ended is somebody else's`() {
    var bench = Bench(weights: [1, 1, 1])
    bench.go(4)
    bench.ask(0, .draining)
    bench.go(2)
    bench.ask(0, .up)
    #expect(bench.go()[0] == "returns")
    bench.setByHand(0, 0)
    #expect(bench.go(4)[0] == "foreign_zero")
}

@Test func `what was not written is not ours`() {
    var bench = Bench(weights: [1, 1, 1])
    bench.go(4)
    bench.ask(0, .draining)
    bench.pass([busy, busy, busy])
    let decision = bench.balancer.take(.tick(at: bench.now, table: bench.table))
    #expect(codes(decision)[0] == "drains")
    // The table refused it, and then a person did the same.
    bench.setByHand(0, 0)
    #expect(bench.go()[0] == "foreign_zero")
}

@Test func `a 0 that was not written after all is no 0 that somebody raised`() {
    var bench = Bench(weights: [1, 1, 1])
    bench.go(4)
    bench.ask(0, .draining)
    bench.go()
    // Its answer was lost, and the kernel never had it.
    bench.setByHand(0, 1000)
    #expect(bench.go()[0] == "drains")
    #expect(bench.weights[0] == 0)
}

@Test func `whoever raises our 0 is not contradicted, until the agent asks anew`() {
    var bench = Bench(weights: [1, 1, 1])
    bench.go(10)
    bench.ask(0, .draining)
    bench.go(2)
    bench.setByHand(0, 10)
    bench.pass([busy, busy, busy])
    let verdict = bench.tick()?.services[0].verdicts[0]
    let cause = DrainCause(state: .draining, reason: .none)
    #expect(verdict?.reason == .holds(.overruled(cause)))
    #expect(verdict?.overridden == 0)
    #expect(bench.go(4)[0] == "overruled")
    #expect(bench.weights[0] == 10)
    bench.ask(0, .up)
    bench.go(2)
    bench.ask(0, .draining)
    bench.go()
    #expect(bench.weights[0] == 0)
}

@Test func `a destination that was removed and came back is drained again`() {
    var bench = Bench(weights: [1, 1, 1])
    bench.go(10)
    bench.ask(0, .draining)
    bench.go()
    let removed = bench.table.services[0].destinations.removeFirst()
    bench.pass([busy, busy, busy])
    #expect(codes(bench.tick())[0] == "absent")
    bench.table.services[0].destinations.insert(
        Table.Destination(key: removed.key, weight: 1), at: 0)
    #expect(bench.go()[0] == "drains")
    // With a 0 the agent's word tells whose that is, as after a restart.
    bench.table.services[0].destinations.removeFirst()
    bench.pass([busy, busy, busy])
    _ = bench.tick()
    bench.table.services[0].destinations.insert(
        Table.Destination(key: removed.key, weight: 0), at: 0)
    #expect(bench.go()[0] == "drains")
}

@Test func `a restarted master knows by the agent's first word whose a 0 is`() {
    for (state, code) in [(HostState.draining, "returns"), (.up, "foreign_zero")] {
        var bench = Bench(weights: [4, 2, 0], scheduler: .known(.rr))
        bench.go(2)
        bench.restartMaster()
        #expect(bench.go(3, silent: [2])[2] == "foreign_zero")
        bench.ask(2, state)
        #expect(bench.go(3)[2] == (state == .up ? "foreign_zero" : "drains"))
        bench.ask(2, .up)
        #expect(bench.go()[2] == code)
        // What it had is not known any more.
        #expect(bench.weights == [4, 2, state == .up ? 0 : 2])
    }
}

@Test func `a reload forgets no drain`() {
    var bench = Bench(weights: [1, 1, 1])
    bench.go(10)
    bench.ask(0, .draining)
    bench.go(2)
    bench.balancer.adopt(bench.balancer.cluster)
    #expect(bench.go(2, silent: [0])[0] == "drains")
    bench.ask(0, .up)
    bench.go()
    #expect(bench.weights[0] == 100)
}

@Test func `while two processes speak for a server, neither drains it nor brings it back`() {
    var bench = Bench(weights: [1, 1, 1])
    bench.go(10)
    bench.counters[0].isDuplicateIdentity = true
    bench.ask(0, .draining)
    #expect(bench.go(2)[0] == "duplicate_identity")
    bench.counters[0].isDuplicateIdentity = false
    bench.go()
    bench.counters[0].isDuplicateIdentity = true
    bench.ask(0, .up)
    #expect(bench.go(2)[0] == "drains")
    #expect(bench.weights[0] == 0)
}

@Test(arguments: [1, 2, 5])
func `a drained member that the table left out for a while is still ours`(
    ticks: Int
) {
    var bench = Bench(weights: [1, 1, 1])
    bench.go(4)
    bench.ask(0, .draining)
    bench.go(2)
    let drained = bench.table.services[0].destinations.removeFirst()
    #expect(drained.weight == 0)
    for _ in 0..<ticks {
        bench.pass([busy, busy, busy])
        #expect(codes(bench.tick())[0] == "absent")
    }
    bench.table.services[0].destinations.insert(drained, at: 0)
    bench.go(2)
    #expect(bench.weights[0] == 0)
    bench.ask(0, .up)
    #expect(bench.go()[0] == "returns")
    #expect(bench.weights[0] > 0)
}
