// Members that hold beside members that follow, hands on the wheel, and what counts as work.

import Protocol
import Testing

@testable import Weighting

private let busy = Bench.Doing(requestsPerSecond: 30, utilisation: 0.6)

private func codes(_ decision: Decision?) -> [String] {
    decision?.services[0].verdicts.map(\.reason.code) ?? []
}

@Test func `when a big server's agent dies, the small one keeps to its part`() {
    var bench = Bench(weights: [1800, 200])
    let doing = [
        Bench.Doing(requestsPerSecond: 90, utilisation: 0.5),
        Bench.Doing(requestsPerSecond: 10, utilisation: 0.5),
    ]
    for _ in 0..<10 {
        bench.pass(doing)
        _ = bench.tick()
    }
    let before = bench.weights
    for _ in 0..<40 {
        bench.pass(doing, silent: [0])
        _ = bench.tick()
    }
    #expect(bench.weights[0] == before[0])
    #expect(Double(bench.weights[1]) < 1.1 * Double(before[1]))
}

@Test func `on wrr silence rewrites nobody's weight`() {
    var bench = Bench(weights: [8, 8, 8, 8], scheduler: .known(.wrr))
    func pass(silent: Set<Int>) {
        bench.pass([busy, busy, busy, busy], silent: silent)
        // 320 connections a second for each: a mean of 16.
        bench.connect(160)
        _ = bench.tick()
    }
    for _ in 0..<120 { pass(silent: []) }
    let before = bench.weights
    #expect(before.allSatisfy { $0 >= 12 })
    for _ in 0..<40 { pass(silent: [0]) }
    #expect(bench.weights == before)
    for _ in 0..<3 { pass(silent: [0, 1, 2, 3]) }
    #expect(bench.weights == before)
}

@Test func `a weight that a person gives a silent server stays`() {
    var bench = Bench(weights: [1, 1, 1])
    for _ in 0..<10 {
        bench.pass([busy, busy, busy])
        _ = bench.tick()
    }
    for _ in 0..<4 {
        bench.pass([busy, busy, busy], silent: [1])
        _ = bench.tick()
    }
    bench.table.services[0].destinations[1].weight = 10
    var told: [Int] = []
    for _ in 0..<10 {
        bench.pass([busy, busy, busy], silent: [1])
        told += [bench.tick()?.services[0].verdicts[1].overridden].compactMap(\.self)
    }
    #expect(bench.weights[1] == 10)
    #expect(told == [1000])
}

@Test func `a weight that a person gives a server that reports is taken back, step by step`() {
    var bench = Bench(weights: [1, 1])
    for _ in 0..<10 {
        bench.pass([busy, busy])
        _ = bench.tick()
    }
    bench.table.services[0].destinations[0].weight = 100
    bench.pass([busy, busy])
    #expect(bench.tick()?.services[0].verdicts[0].overridden == 1000)
    #expect((101...150).contains(bench.weights[0]))
    for _ in 0..<20 {
        bench.pass([busy, busy])
        _ = bench.tick()
    }
    #expect(bench.weights == [1000, 1000])
}

@Test func `a server that comes back with somebody else's weight is not starved`() {
    var bench = Bench(weights: [1, 1, 1])
    for _ in 0..<10 {
        bench.pass([busy, busy, busy])
        _ = bench.tick()
    }
    bench.table.services[0].destinations[1].weight = 0
    bench.pass([busy, busy, busy], silent: [1])
    _ = bench.tick()
    // Its owner brings it back as it always does; its agent is not there yet.
    bench.table.services[0].destinations[1].weight = 1
    for _ in 0..<24 {
        bench.pass([busy, busy, busy], silent: [1])
        _ = bench.tick()
    }
    #expect(bench.weights[1] == 1000)
}

// Units.

@Test func `a missing count of requests holds the member, and is not taken for connections`() {
    var bench = Bench(weights: [1000, 1000])
    for _ in 0..<10 {
        bench.pass([busy, busy])
        bench.connect(1)
        _ = bench.tick()
    }
    let before = bench.weights
    for report in 1...20 {
        bench.pass([busy, busy], silent: [1])
        bench.report(1, countsRequests: false)
        bench.connect(1)
        // After 5 s; so long a page may not have been asked.
        #expect((codes(bench.tick())[1] == "no_load_in_reports") == (report >= 10))
    }
    #expect(bench.weights == before)
}

/// Every two, ten and thirty seconds.
@Test(arguments: [4, 20, 60])
func `a member whose requests are counted now and then follows its load`(
    every reports: Int
) {
    var bench = Bench(weights: [1000, 1000])
    let slow = Bench.Doing(requestsPerSecond: 15, utilisation: 0.9)
    for report in 0..<(15 * reports) {
        bench.pass([busy, slow], silent: [0, 1])
        for member in 0...1 { bench.report(member, countsRequests: report % reports == 0) }
        let codes = codes(bench.tick())
        // How often they come shows with the second.
        #expect(report <= reports || !codes.contains("no_load_in_reports"))
    }
    #expect(bench.weights[1] < bench.weights[0])
}

@Test func `where one agent does not count requests, connections count for all`() {
    var bench = Bench(weights: [1000, 1000])
    for _ in 0..<20 {
        bench.pass([busy, busy], silent: [1])
        bench.report(1, countsRequests: false)
        // One connection for 15 requests each.
        bench.connect(1)
        _ = bench.tick()
    }
    // Equal connections at equal use: equal servers.
    #expect(bench.weights == [1000, 1000])
}

@Test func `a late tick decides nothing`() {
    var bench = Bench(weights: [1, 1])
    for _ in 0..<3 { bench.pass([busy, busy]) }
    _ = bench.tick()
    for _ in 0..<4 { bench.pass([busy, busy]) }
    #expect(bench.tick()?.services[0].hold == .masterLate)
    bench.pass([busy, busy])
    #expect(bench.tick()?.services[0].hold == nil)
}

// What followers have together while others hold.

@Test func `a silent agent from the start takes nothing from the other server`() {
    for weight in [600, 2000] {
        var bench = Bench(weights: [weight, weight])
        for _ in 0..<20 {
            bench.pass([busy, busy], silent: [0])
            _ = bench.tick()
        }
        #expect(bench.weights == [weight, weight])
    }
}

@Test func `a restarted master on wrr takes up the scale that it finds`() {
    var bench = Bench(weights: [16, 16, 16, 16], scheduler: .known(.wrr))
    for _ in 0..<20 {
        bench.pass([busy, busy, busy, busy], silent: [0])
        bench.connect(160)
        _ = bench.tick()
    }
    #expect(bench.weights == [16, 16, 16, 16])
}

@Test func `a person's weight on a silent server leaves the others theirs`() {
    var bench = Bench(weights: [1, 1, 1])
    for _ in 0..<10 {
        bench.pass([busy, busy, busy])
        _ = bench.tick()
    }
    for round in 0..<20 {
        bench.pass([busy, busy, busy], silent: [0])
        if round == 4 { bench.table.services[0].destinations[0].weight = 3000 }
        _ = bench.tick()
    }
    #expect(bench.weights == [3000, 1000, 1000])
}

@Test func `when a follower leaves beside a silent server, nobody inherits its part`() {
    var bench = Bench(weights: [1000, 200, 1800])
    let doing = [50.0, 10, 90].map { Bench.Doing(requestsPerSecond: $0, utilisation: 0.5) }
    for _ in 0..<10 {
        bench.pass(doing)
        _ = bench.tick()
    }
    for round in 0..<20 {
        bench.pass(doing, silent: [0])
        if round == 6 { bench.table.services[0].destinations[2].weight = 0 }
        _ = bench.tick()
    }
    #expect(abs(bench.weights[1] - 200) <= 20)
}

@Test func `another scheduler is followed on its own scale, also beside a silent server`() {
    var bench = Bench(weights: [1, 1, 1])
    for _ in 0..<10 {
        bench.pass([busy, busy, busy])
        _ = bench.tick()
    }
    let destinations = bench.table.services[0].destinations
    bench.table = Table(services: [
        Table.Service(key: Bench.key, scheduler: .known(.wrr), destinations: destinations)
    ])
    for _ in 0..<10 {
        bench.pass([busy, busy, busy], silent: [0])
        _ = bench.tick()
    }
    #expect(bench.weights == [8, 8, 8])
}

@Test func `a weight that its owner gives on our scale is what it comes to`() {
    var bench = Bench(weights: [1, 1, 1])
    for _ in 0..<10 {
        bench.pass([busy, busy, busy])
        _ = bench.tick()
    }
    bench.table.services[0].destinations[1].weight = 0
    for _ in 0..<4 {
        bench.pass([busy, busy, busy], silent: [1])
        _ = bench.tick()
    }
    bench.table.services[0].destinations[1].weight = 300
    for _ in 0..<24 {
        bench.pass([busy, busy, busy], silent: [1])
        _ = bench.tick()
    }
    #expect(bench.weights[1] == 300)
}

@Test func `what was never written was not changed by somebody else`() {
    var bench = Bench(weights: [1, 1])
    for round in 0..<10 {
        bench.pass([busy, busy])
        let before = bench.table
        let decision = bench.tick()
        // As in a dry run: nothing is written; then its owner changes the weight.
        bench.table = before
        if round == 5 { bench.table.services[0].destinations[0].weight = 5 }
        #expect(decision?.services[0].verdicts.allSatisfy { $0.overridden == nil } == true)
    }
}

@Test func `at night nobody's weight walks`() {
    var bench = Bench(weights: [1000, 1000, 1000, 1000])
    for round in 0..<2_000 {
        // A request now and then, over some other work of the machines.
        bench.pass(
            (0..<4).map { index in
                Bench.Doing(
                    requestsPerSecond: (round + index) % 5 == 0 ? 0.4 : 0,
                    utilisation: 0.03 + 0.005 * Double(index))
            })
        _ = bench.tick()
    }
    #expect(bench.weights == [1000, 1000, 1000, 1000])
}
