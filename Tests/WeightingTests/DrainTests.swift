// Drains that agents ask for: what is taken to 0, what is not, and how it comes back.

import Protocol
import Testing

@testable import Weighting

private let busy = Bench.Doing(requestsPerSecond: 30, utilisation: 0.6)
private let idle = Bench.Doing(requestsPerSecond: 0, utilisation: 0)

@Test(arguments: [
    (HostState.draining, StateReason.maintenanceFile), (.down, .notListening),
    (.leaving, .serviceStopping), (.leaving, .hostShutdown),
])
func `a server whose agent asks for it is drained, and comes back when the agent says up`(
    state: HostState, reason: StateReason
) {
    var bench = Bench(weights: [1, 1, 1, 1])
    bench.go(10)
    bench.ask(0, state, reason)
    #expect(bench.go() == ["drains", "within_deadband", "within_deadband", "within_deadband"])
    #expect(bench.weights == [0, 1000, 1000, 1000])
    #expect(bench.go(10)[0] == "drains")
    bench.ask(0, .up)
    #expect(bench.go()[0] == "returns")
    #expect(bench.weights == [100, 1000, 1000, 1000])
    #expect(bench.go(30)[0] == "within_deadband")
    #expect(bench.weights[0] > 950)
}

@Test(arguments: [HostState.up, .degraded, .warming])
func `every state in which a server serves ends its drain, and unknown does not`(
    state: HostState
) {
    var bench = Bench(weights: [1, 1, 1])
    bench.ask(0, .draining)
    bench.go(4)
    bench.ask(0, .unknown)
    #expect(bench.go(4)[0] == "drains")
    bench.ask(0, state)
    #expect(bench.go()[0] == "returns")
    #expect(bench.weights[0] > 0)
}

@Test func `one service is drained by its own state, and unknown takes nothing back`() {
    var bench = Bench(weights: [1, 1, 1])
    bench.counters[1].serviceState = .down
    bench.go(4)
    #expect(bench.weights[1] == 0)
    bench.counters[1].serviceState = .unknown
    #expect(bench.go(4)[1] == "drains")
    bench.counters[1].serviceState = .up
    bench.go(1)
    #expect(bench.weights[1] > 0)
    // A drain of the server ends by the server's state, where the service's is unknown.
    bench.counters[1].serviceState = .unknown
    bench.ask(1, .draining)
    #expect(bench.go(4)[1] == "drains")
    bench.ask(1, .up)
    #expect(bench.go()[1] == "returns")
}

@Test func `silence keeps a drain, however long`() {
    var bench = Bench(weights: [1, 1, 1])
    bench.go(10)
    bench.ask(2, .leaving, .hostShutdown)
    bench.go()
    #expect(bench.go(60, silent: [2])[2] == "drains")
    #expect(bench.weights == [1000, 1000, 0])
    // After the boot.
    bench.counters[2].boot = 2
    bench.ask(2, .up)
    bench.go()
    #expect(bench.weights == [1000, 1000, 100])
}

@Test func `an agent that restarts leaves its server as it is`() {
    var bench = Bench(weights: [1, 1, 1])
    bench.go(10)
    bench.ask(0, .leaving, .agentRestart)
    #expect(bench.go()[0] == "agent_says")
    bench.go(20, silent: [0])
    #expect(bench.weights == [1000, 1000, 1000])
    bench.ask(0, .draining, .maintenanceFile)
    bench.go()
    bench.ask(0, .leaving, .agentRestart)
    bench.counters[0].serviceState = .up
    #expect(bench.go()[0] == "drains")
    #expect(bench.go(20, silent: [0])[0] == "drains")
}

@Test func `what drains comes back on its way to the share it had, at most the mean`() {
    var bench = Bench(weights: [500, 1500, 1000])
    let doing = [
        Bench.Doing(requestsPerSecond: 20, utilisation: 0.5),
        Bench.Doing(requestsPerSecond: 60, utilisation: 0.5),
        Bench.Doing(requestsPerSecond: 40, utilisation: 0.5),
    ]
    func pass() {
        bench.pass(doing)
        _ = bench.tick()
    }
    for _ in 0..<10 { pass() }
    let before = bench.weights
    for (place, expected) in [before[0] / 10, 100].enumerated() {
        bench.ask(place, .draining)
        pass()
        #expect(bench.weights[place] == 0)
        bench.ask(place, .up)
        pass()
        #expect(abs(bench.weights[place] - expected) <= 1)
    }
}

@Test(arguments: Scheduler.Known.allCases)
func `drains work on every scheduler, and give back the weight`(known: Scheduler.Known) {
    var bench = Bench(weights: [3, 2, 7, 1], scheduler: .known(known))
    // Never busy: no weight follows load anywhere.
    bench.go(4, idle)
    bench.ask(2, .draining)
    bench.go(2, idle)
    #expect(bench.weights == [3, 2, 0, 1])
    bench.ask(2, .up)
    bench.go(4, idle)
    #expect(bench.weights == [3, 2, 7, 1])
}

@Test func `a service that holds as a whole drains all the same`() {
    // Few are fresh.
    var bench = Bench(weights: [1, 1, 1, 1])
    bench.go(10)
    bench.go(20, silent: [1, 2, 3])
    bench.ask(0, .draining)
    bench.go(silent: [1, 2, 3])
    #expect(bench.weights == [0, 1000, 1000, 1000])
    bench.ask(0, .up)
    bench.go(silent: [1, 2, 3])
    #expect(bench.weights == [1000, 1000, 1000, 1000])
    // A destination that nobody declared.
    bench.table.services[0].destinations.append(
        Table.Destination(key: Bench.destination(9), weight: 1))
    bench.ask(0, .draining)
    bench.pass([busy, busy, busy, busy])
    _ = bench.tick()
    #expect(bench.weights == [0, 1000, 1000, 1000, 1])
}

@Test(arguments: [(1, 0), (2, 1), (3, 1), (4, 2), (5, 2), (9, 4)])
func `at most half of the members drain at once, and those that asked first`(
    count: Int, most: Int
) {
    var bench = Bench(weights: Array(repeating: 1, count: count))
    bench.go(4)
    for index in (0..<count).reversed() {
        bench.ask(index, .draining)
        bench.go()
    }
    let held = count - most
    let expected =
        Array(repeating: "last_ones", count: held) + Array(repeating: "drains", count: most)
    #expect(bench.go(4) == expected)
    #expect(bench.weights.prefix(held).allSatisfy { $0 > 0 })
    #expect(bench.weights.suffix(most).allSatisfy { $0 == 0 })
    // One that comes back makes room for the next that asked.
    guard most > 0 else { return }
    bench.ask(count - 1, .up)
    bench.go(3)
    #expect(bench.weights[count - 1] > 0)
    #expect(bench.weights[held - 1] == 0)
}

@Test func `the last one with a weight stays, whoever set the others to 0`() {
    var bench = Bench(weights: [1, 0, 0, 0])
    bench.ask(0, .draining)
    #expect(bench.go(4)[0] == "last_ones")
    #expect(bench.weights == [1, 0, 0, 0])
}

@Test func `when nobody else is left, the last that asked comes back until somebody is`() {
    var bench = Bench(weights: [1, 1, 1, 1])
    bench.go(10)
    bench.ask(0, .draining)
    bench.go()
    bench.ask(1, .draining)
    bench.go()
    for index in [2, 3] { bench.setByHand(index, 0) }
    #expect(bench.go() == ["drains", "returns", "foreign_zero", "foreign_zero"])
    #expect(bench.go(4) == ["drains", "last_ones", "foreign_zero", "foreign_zero"])
    #expect(bench.weights == [0, 1000, 0, 0])
    bench.setByHand(3, 1000)
    bench.go(2)
    #expect(bench.weights == [0, 0, 0, 1000])
}

@Test func `a drain leaves the others their weights, also beside a silent server`() {
    for silent in [Set<Int>(), [3]] {
        var bench = Bench(weights: [400, 1600, 1000, 1000])
        let doing = [20.0, 80, 50, 50].map { Bench.Doing(requestsPerSecond: $0, utilisation: 0.5) }
        for _ in 0..<10 {
            bench.pass(doing)
            _ = bench.tick()
        }
        let before = bench.weights
        bench.ask(2, .draining)
        for _ in 0..<20 {
            bench.pass(doing, silent: silent)
            _ = bench.tick()
        }
        for index in [0, 1, 3] {
            #expect(abs(bench.weights[index] - before[index]) <= before[index] / 10)
        }
    }
}

@Test func `of two that ask at once, the one that is down goes`() {
    var bench = Bench(weights: [1, 1])
    bench.go(4)
    bench.ask(0, .draining)
    bench.ask(1, .down)
    bench.go(3)
    #expect(bench.weights[0] > 0)
    #expect(bench.weights[1] == 0)
}

@Test func `a server that drains comes back when all others are down`() {
    var bench = Bench(weights: [1, 1])
    bench.go(4)
    bench.ask(0, .draining)
    bench.go(2)
    #expect(bench.weights[0] == 0)
    bench.ask(1, .down)
    bench.go(3)
    #expect(bench.weights[0] > 0)
    #expect(bench.weights[1] == 0)
}
