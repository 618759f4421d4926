// The balancer as a whole: what it does on events, and what it must never do.

import Protocol
import Testing

@testable import Weighting

private let busy = Bench.Doing(requestsPerSecond: 30, utilisation: 0.6)

private func codes(_ decision: Decision?) -> [String] {
    decision?.services[0].verdicts.map(\.reason.code) ?? []
}

@Test func `a master that has heard nobody writes nothing`() {
    var bench = Bench(weights: [1, 1, 1])
    bench.pass([busy, busy, busy], silent: [0, 1, 2])
    let decision = bench.tick()
    #expect(decision?.plan.steps.isEmpty == true)
    #expect(codes(decision) == ["never_heard", "never_heard", "never_heard"])
}

@Test func `a restarted master writes nothing before it has fresh reports that compare`() {
    var bench = Bench(weights: [500, 1500])
    bench.pass([busy, busy])
    #expect(bench.tick()?.plan.steps.isEmpty == true)
    bench.pass([busy, busy])
    #expect(bench.tick()?.plan.steps.isEmpty == false)
}

@Test func `weights go from equal to what the servers can carry`() {
    var bench = Bench(weights: [1, 1, 1, 1])
    let capacities = [10.0, 20, 40, 80]
    for _ in 0..<240 {
        let total = Double(bench.weights.reduce(0, +))
        bench.pass(
            zip(bench.weights, capacities).map { weight, capacity in
                let arrivals = 100 * Double(weight) / total
                return Bench.Doing(
                    requestsPerSecond: min(arrivals, capacity),
                    utilisation: min(1, arrivals / capacity),
                    runnable: arrivals < capacity ? arrivals / capacity : 3)
            })
        _ = bench.tick()
    }
    let total = Double(bench.weights.reduce(0, +))
    for (weight, capacity) in zip(bench.weights, capacities) {
        #expect(abs(Double(weight) / total - capacity / 150) < 0.1 * capacity / 150)
    }
}

@Test func `the first write carries every share over to the new scale`() {
    var bench = Bench(weights: [1, 1, 1])
    for _ in 0..<2 { bench.pass([busy, busy, busy], silent: [2]) }
    let decision = bench.tick()
    #expect(decision?.services[0].verdicts[2].reason == .keepsShare(.neverHeard))
    #expect(bench.weights == [1000, 1000, 1000])
}

@Test func `weights on our own scale are adopted as they are`() {
    var bench = Bench(weights: [700, 1300, 1000])
    for _ in 0..<2 { bench.pass([busy, busy, busy], silent: [1]) }
    _ = bench.tick()
    #expect(bench.weights[1] == 1300)
}

@Test func `an agent that dies changes its server's weight by nothing`() {
    var bench = Bench(weights: [1, 1, 1])
    for _ in 0..<20 {
        bench.pass([busy, Bench.Doing(requestsPerSecond: 30, utilisation: 0.4), busy])
        _ = bench.tick()
    }
    // One tick may still act on the last report; from the next on it is missing.
    bench.pass([busy, busy, busy], silent: [1])
    _ = bench.tick()
    let before = bench.weights[1]
    var seen: Set<String> = []
    for _ in 0..<40 {
        bench.pass(
            [busy, busy, Bench.Doing(requestsPerSecond: 30, utilisation: 0.9)], silent: [1])
        seen.insert(codes(bench.tick())[1])
        #expect(bench.weights[1] == before)
    }
    #expect(seen == ["late", "stale"])
}

@Test func `when fewer than half report, every weight holds`() {
    var bench = Bench(weights: [1, 1, 1])
    for _ in 0..<10 {
        bench.pass([busy, busy, busy])
        _ = bench.tick()
    }
    func drown() -> Decision? {
        bench.pass(
            [Bench.Doing(requestsPerSecond: 5, utilisation: 1), busy, busy], silent: [1, 2])
        return bench.tick()
    }
    // Two of three fall silent together: nothing moves while that may be the path's fault,
    for _ in 0..<4 { _ = drown() }
    let held = bench.weights
    #expect(drown()?.services[0].hold == .manyFallSilent)
    // and nothing once they are stale.
    var last: Decision?
    for _ in 0..<20 { last = drown() }
    #expect(last?.services[0].hold == .fewerThanHalfFresh)
    #expect(bench.weights == held)
}

@Test func `a 0 that somebody else set is not raised`() {
    var bench = Bench(weights: [1, 0, 1])
    for _ in 0..<10 {
        bench.pass([busy, busy, busy])
        _ = bench.tick()
    }
    let decision = bench.tick()
    #expect(codes(decision)[1] == "foreign_zero")
    #expect(bench.weights[1] == 0)
    #expect(bench.weights[0] == 1000)
}

@Test func `a destination that nobody declared holds its whole service`() {
    var bench = Bench(weights: [1, 1])
    let stranger = DestinationKey(address: .v4(0x0A00_00C8), port: 80)
    bench.table.services[0].destinations.append(Table.Destination(key: stranger, weight: 1))
    for _ in 0..<3 { bench.pass([busy, busy]) }
    let decision = bench.tick()
    #expect(decision?.services[0].hold == .undeclaredDestinations([stranger]))
    #expect(decision?.plan.steps.isEmpty == true)
}

@Test func `an absent service and an absent destination are said, not made`() {
    var bench = Bench(weights: [1, 1])
    bench.table.services[0].destinations.removeLast()
    for _ in 0..<3 { bench.pass([busy, busy]) }
    #expect(codes(bench.tick())[1] == "absent")
    bench.table.services.removeAll()
    let decision = bench.balancer.take(.tick(at: bench.now, table: bench.table))
    #expect(decision?.services[0].hold == .serviceAbsent)
}

@Test(arguments: Scheduler.Known.allCases)
func `only schedulers on which weights are shares get weights`(known: Scheduler.Known) {
    var bench = Bench(weights: [1, 1], scheduler: .known(known))
    for _ in 0..<3 { bench.pass([busy, busy]) }
    let isFit = [.sed, .nq, .wlc, .twos, .wrr, .mh, .sh].contains(known)
    #expect(bench.tick()?.plan.steps.isEmpty == !isFit)
}

@Test func `wrr gets small weights, and its mean does not hunt`() {
    #expect(
        Profile.of(.known(.wrr), rate: 210, members: 8, previousMean: nil) == .weights(mean: 8))
    #expect(
        Profile.of(.known(.wrr), rate: 4_000, members: 10, previousMean: nil)
            == .weights(mean: 20))
    #expect(
        Profile.of(.known(.wrr), rate: 4_600, members: 10, previousMean: 20)
            == .weights(mean: 20))
    #expect(
        Profile.of(.known(.wrr), rate: 5_200, members: 10, previousMean: 20)
            == .weights(mean: 24))
    #expect(
        Profile.of(.known(.wrr), rate: 2_300, members: 10, previousMean: 20)
            == .weights(mean: 8))
}

@Test func `without a count of requests the kernel's connections stand in`() {
    var bench = Bench(weights: [1, 1])
    for round in UInt64(0)..<6 {
        bench.pass([busy, busy], silent: [0, 1])
        for index in 0..<2 {
            let counted = bench.counters[index]
            let report = Report(
                state: .up, intervalMilliseconds: 500, clockTenthsOfMillisecond: counted.clock,
                host: HostLoad(
                    cpuBusyTenthsOfMillisecond: UInt32(counted.busy * 10_000),
                    runnableTenthsOfMillisecond: nil, coresHundredths: 100,
                    memoryAvailableTenThousandths: nil))
            _ = bench.balancer.take(
                .report(report, Event.Heard(server: index, boot: 1, at: bench.now)))
        }
        bench.table.services[0].destinations = (0..<2).map {
            Table.Destination(
                key: Bench.destination($0), weight: bench.weights[$0],
                scheduledConnections: round * 20 * UInt64($0 + 1))
        }
        _ = bench.tick()
    }
    // At the same use the second takes twice the connections, so it can carry more.
    #expect(bench.weights[1] > bench.weights[0])
}

@Test func `a reload keeps what is known of members that stay`() {
    var bench = Bench(weights: [1, 1])
    for _ in 0..<10 {
        bench.pass([busy, busy])
        _ = bench.tick()
    }
    var policy = Policy()
    policy.deadband = 0.2
    bench.balancer.adopt(Bench.cluster(count: 2, policy: policy, capacities: [1, 1]))
    bench.pass([busy, busy])
    #expect(codes(bench.tick()) == ["within_deadband", "within_deadband"])
}

@Test func `nothing is ever written that an invariant forbids`() {
    var generator = SplitMix(state: 20)
    for seed in 0..<300 {
        let count = 1 + Int(generator.next() % 6)
        let scheduler = Scheduler.Known.allCases[
            Int(generator.next() % UInt64(Scheduler.Known.allCases.count))]
        var bench = Bench(
            weights: (0..<count).map { _ in Int(generator.next() % 4) * 500 },
            scheduler: .known(scheduler))
        for _ in 0..<12 {
            let before = bench.weights
            let doing = (0..<count).map { _ in
                Bench.Doing(
                    requestsPerSecond: generator.unit() * 100, utilisation: generator.unit(),
                    runnable: generator.unit() * 4)
            }
            let silent = Set((0..<count).filter { _ in generator.next() % 3 == 0 })
            bench.pass(doing, silent: silent)
            let decision = bench.tick()
            #expect(decision?.violations.isEmpty == true, "seed \(seed)")
            for (old, new) in zip(before, bench.weights) {
                #expect((old == 0) == (new == 0), "seed \(seed): a 0 came or went")
            }
            let service = decision?.services[0]
            for chain in (0..<count).compactMap({ service?.chain($0) }) {
                expectRecomputes(chain, isCoarse: scheduler == .wrr)
            }
            // The plan leads to a table on which the same knowledge plans nothing.
            let table = bench.table
            var again = bench.balancer
            let repeated = again.take(.tick(at: bench.now, table: table))
            #expect(repeated?.plan.steps.isEmpty == true, "seed \(seed)")
        }
    }
}

@Test func `a plan that breaks an invariant is refused`() {
    let table = Bench(weights: [5, 0, 5]).table
    func step(_ index: Int, from: Int, to: Int, for cause: Plan.Cause = .load) -> Plan.Step {
        .setWeight(
            service: Bench.key, destination: Bench.destination(index), from: from,
            to: Weight(clamping: to), cause: cause)
    }
    func violations(_ steps: Plan.Step..., ours: [Int] = []) -> [Invariants.Violation] {
        Invariants.violations(
            of: Plan(steps: steps), on: table,
            zeros: Invariants.Zeros(
                ours: Set(
                    ours.map {
                        MemberKey(service: Bench.key, destination: Bench.destination($0))
                    })))
    }
    let destinations = (0..<4).map(Bench.destination)
    #expect(violations(step(0, from: 5, to: 7)).isEmpty)
    #expect(violations(step(0, from: 5, to: 0)) == [.zeroByLoad(Bench.key, destinations[0])])
    #expect(
        violations(step(0, from: 5, to: 0, for: .endOfDrain))
            == [.zeroByLoad(Bench.key, destinations[0])])
    #expect(violations(step(0, from: 5, to: 0, for: .drain)).isEmpty)
    let raise = [Invariants.Violation.raisesForeignZero(Bench.key, destinations[1])]
    #expect(violations(step(1, from: 0, to: 7)) == raise)
    #expect(violations(step(1, from: 0, to: 7), ours: [1]) == raise)
    #expect(violations(step(1, from: 0, to: 7, for: .endOfDrain)) == raise)
    #expect(violations(step(1, from: 0, to: 7, for: .endOfDrain), ours: [1]).isEmpty)
    // A raise from 0 does not make up for the last ones: it may fail.
    #expect(
        violations(
            step(0, from: 5, to: 0, for: .drain), step(1, from: 0, to: 7, for: .endOfDrain),
            step(2, from: 5, to: 0, for: .drain), ours: [1])
            == [.empties(Bench.key, destinations[0]), .empties(Bench.key, destinations[2])])
    #expect(violations(step(0, from: 6, to: 7)) == [.madeOnOtherWeight(Bench.key, destinations[0])])
    #expect(violations(step(3, from: 6, to: 7)) == [.notInTable(Bench.key, destinations[3])])
    #expect(
        violations(step(0, from: 5, to: 7), step(0, from: 5, to: 8))
            == [.doubled(Bench.key, destinations[0])])
}
