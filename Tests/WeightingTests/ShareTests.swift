// How much one server's word is believed, and how newcomers come to their share.

import Protocol
import Testing

@testable import Weighting

private let busy = Bench.Doing(requestsPerSecond: 30, utilisation: 0.6)
private let liar = Bench.Doing(requestsPerSecond: 30, utilisation: 0.001)

/// Its part of the service, 1 the mean.
private func share(_ bench: Bench, _ place: Int) -> Double {
    let weights = bench.weights
    return Double(weights[place] * weights.count) / Double(weights.reduce(0, +))
}

/// Ticks in which the first one claims to be idle, whatever it gets.
private func lie(_ bench: inout Bench, seconds: Double, alone: Int? = nil) {
    for _ in 0..<Int(seconds * 2) {
        let count = bench.weights.count
        let doing = (0..<count).map { place in
            let requests = 30 * share(bench, place)
            return Bench.Doing(
                requestsPerSecond: requests,
                utilisation: place == 0 ? liar.utilisation : min(1, requests / 50))
        }
        bench.pass(doing)
        _ = bench.tick()
    }
}

@Test(arguments: [(2, 1.2), (3, 2.0), (8, 2.0)])
func `a server that claims to be idle gets at most a small multiple of its base share`(
    count: Int, most: Double
) {
    var bench = Bench(weights: Array(repeating: 1, count: count))
    bench.go(20)
    lie(&bench, seconds: 60)
    // Give or take the dead band, and what the base itself moves in a minute.
    #expect(share(bench, 0) > 1.1)
    #expect(share(bench, 0) < most * 1.05 * 1.12)
}

@Test func `what the operator declares is the base`() {
    var bench = Bench(weights: [1, 1, 1, 1], capacities: [3, 1, 1, 1])
    for _ in 0..<80 {
        let doing = [90.0, 30, 30, 30].enumerated().map { place, capacity in
            Bench.Doing(
                requestsPerSecond: 20 * share(bench, place),
                utilisation: 20 * share(bench, place) / capacity)
        }
        bench.pass(doing)
        _ = bench.tick()
    }
    #expect(abs(share(bench, 0) - 2) < 0.1)
}

@Test func `a bounded share says so, and the others have the rest`() {
    let input = Law.Input(
        rates: Rates(requests: 30, errors: 0, utilisation: 0.05, load: 0.05), prior: 300,
        previousShare: 2, shareBound: 2)
    let others = (0..<3).map { _ in
        Law.Input(
            rates: Rates(requests: 30, errors: 0, utilisation: 0.6, load: 0.6), prior: 50,
            previousShare: 0.667)
    }
    let chains = Law(policy: Policy(), meanWeight: 1000, elapsedSeconds: 0.5)
        .chains([input] + others, shareToGive: 4)
    #expect(chains[0].limits.contains(.share))
    #expect(chains[0].limitedShare == 2)
    #expect(abs(chains[1].share - 2.0 / 3) < 1e-9)
}

@Test func `a restarted master takes the kernel's weights as base`() {
    var bench = Bench(weights: [1900, 700, 700, 700])
    let doing = [95.0, 35, 35, 35].map { Bench.Doing(requestsPerSecond: $0, utilisation: 0.5) }
    for _ in 0..<20 {
        bench.pass(doing)
        _ = bench.tick()
    }
    #expect(bench.weights == [1900, 700, 700, 700])
    // It is believed as much as before: on sed 2 ÷ 1.2 times what it had.
    let chain = bench.balancer.take(.tick(at: bench.now, table: bench.table))?
        .services[0].chain(0)
    #expect(chain?.shareBound.map { abs($0 - 3.8 / 1.2) < 0.05 } == true)
}

@Test(arguments: [(Scheduler.Known.wrr, 2.0), (.wlc, 2), (.sed, 2 / 1.2), (.nq, 2 / 1.2)])
func `where the scheduler leans to the heaviest, its weight is bounded by that much more`(
    scheduler: Scheduler.Known, most: Double
) {
    var bench = Bench(weights: [1000, 1000, 1000, 1000], scheduler: .known(scheduler))
    let doing = Bench.Doing(requestsPerSecond: 40, utilisation: 0.5)
    for _ in 0..<20 {
        bench.pass([doing, doing, doing, doing])
        _ = bench.tick()
    }
    let chain = bench.balancer.take(.tick(at: bench.now, table: bench.table))?
        .services[0].chain(0)
    #expect(chain?.shareBound.map { abs($0 - most) < 0.05 } == true)
}

@Test func `a base follows its share slowly, and never below what is nominal`() {
    var share = ShareMemory()
    share.start(kernel: 100, unit: 1000, meanWeight: 1000)
    #expect(share.shareBound(1, limit: 2, members: 4) == 1)
    share.start(kernel: 1000, unit: 1000, meanWeight: 1000)
    share.decide(2)
    for _ in 0..<600 { share.settle(1, bySeconds: 0.5, isPlausible: false) }
    let after = share.shareBound(1, limit: 2, members: 4)
    #expect(after > 1.4 && after < 2.4)
    for _ in 0..<60_000 {
        share.decide(9)
        share.settle(1, bySeconds: 0.5, isPlausible: false)
        _ = share.shareBound(1, limit: 2, members: 4)
    }
    #expect(share.shareBound(1, limit: 2, members: 4) == 4)
    #expect(share.shareBound(1, limit: 2, members: 1) == .infinity)
}

@Test func `who says to be as busy as the others has its base follow within a minute or two`() {
    func bound(isPlausible: Bool) -> Double {
        var share = ShareMemory()
        share.start(kernel: 1000, unit: 1000, meanWeight: 1000)
        _ = share.shareBound(1, limit: 2, members: 4)
        share.decide(2)
        for _ in 0..<120 { share.settle(1, bySeconds: 0.5, isPlausible: isPlausible) }
        return share.shareBound(1, limit: 2, members: 4)
    }
    #expect(bound(isPlausible: true) > 3.2)
    #expect(bound(isPlausible: false) < 2.3)
}

// Newcomers.

@Test func `a server that comes back begins with a tenth and has its share after ten seconds`() {
    var bench = Bench(weights: [1, 1, 1, 1])
    bench.go(20)
    bench.ask(0, .draining)
    bench.go(4)
    bench.ask(0, .up)
    bench.go()
    #expect(bench.weights[0] == 100)
    var seen = [100]
    for _ in 0..<22 {
        bench.go()
        seen.append(bench.weights[0])
    }
    // Half way after about five seconds, and all of it soon after ten.
    #expect(seen == seen.sorted())
    #expect((300...650).contains(seen[10]))
    #expect(seen[22] > 850)
}

@Test func `a new destination beside others begins small, whatever its owner gave it`() {
    for weight in [1, 1000] {
        var bench = Bench(weights: [1, 1, 1, 1])
        let new = bench.table.services[0].destinations.removeLast()
        bench.go(20)
        bench.table.services[0].destinations.append(
            Table.Destination(key: new.key, weight: weight))
        bench.pass([busy, busy, busy, busy])
        _ = bench.tick()
        #expect(bench.weights[3] <= 130)
        bench.go(24)
        #expect(bench.weights[3] > 850)
    }
}

@Test func `a table that left one out once makes no newcomer of it`() {
    var bench = Bench(weights: [1, 1, 1, 1])
    bench.go(20)
    let one = bench.table.services[0].destinations.removeLast()
    bench.pass([busy, busy, busy, busy])
    _ = bench.tick()
    bench.table.services[0].destinations.append(one)
    bench.go()
    #expect(bench.weights == [1000, 1000, 1000, 1000])
}

@Test func `neither a restarted master nor a restarted agent makes newcomers`() {
    var bench = Bench(weights: [1, 1, 1, 1])
    bench.go(20)
    bench.restartMaster()
    bench.go(10)
    #expect(bench.weights == [1000, 1000, 1000, 1000])
    bench.counters[0].boot = 2
    bench.go(10)
    #expect(bench.weights == [1000, 1000, 1000, 1000])
}

@Test func `a newcomer whose agent says nothing comes to its share by time`() {
    var bench = Bench(weights: [1, 1, 1, 1])
    bench.go(20)
    bench.ask(0, .draining)
    bench.go(4)
    bench.ask(0, .up)
    bench.go()
    bench.go(24, silent: [0])
    #expect(bench.weights[0] == 1000)
}

@Test func `slow start may be switched off`() {
    var policy = Policy()
    policy.slowStart = 0
    var bench = Bench(weights: [1, 1, 1, 1], policy: policy)
    bench.go(20)
    bench.ask(0, .draining)
    bench.go(4)
    bench.ask(0, .up)
    bench.go()
    #expect(bench.weights[0] == 1000)
}

@Test(arguments: [8.0, 7.3, 0.01])
func `capacities say how servers compare, and their scale nothing`(factor: Double) {
    func weights(_ factor: Double) -> [[Int]] {
        var dice = SplitMix(state: 77)
        var bench = Bench(weights: [1, 1, 1], capacities: [1, 2, 3].map { $0 * factor })
        return (0..<60).map { _ in
            let doing = [20.0, 40, 60].map { capacity in
                Bench.Doing(
                    requestsPerSecond: capacity * (0.4 + 0.2 * dice.unit()),
                    utilisation: 0.4 + 0.2 * dice.unit())
            }
            bench.pass(doing)
            _ = bench.tick()
            return bench.weights
        }
    }
    for (one, other) in zip(weights(1), weights(factor)) {
        #expect(zip(one, other).allSatisfy { abs($0 - $1) <= 1 })
    }
}
