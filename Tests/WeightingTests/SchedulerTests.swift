// What each scheduler is given, in its own terms.

import Protocol
import Testing

@testable import Weighting

private let capacities = [10.0, 20, 40, 80]

/// A closed loop over servers of those capacities; the plan's size at each tick.
private func live(_ bench: inout Bench, ticks: Int, _ capacities: [Double] = capacities) -> [Int] {
    (0..<ticks).map { _ in
        let sum = Double(max(bench.weights.reduce(0, +), 1))
        bench.pass(
            zip(bench.weights, capacities).map { weight, capacity in
                let arrivals = 0.6 * capacities.reduce(0, +) * Double(weight) / sum
                return Bench.Doing(
                    requestsPerSecond: min(arrivals, capacity),
                    utilisation: min(1, arrivals / capacity),
                    runnable: min(4, arrivals / capacity))
            })
        return bench.tick()?.plan.steps.count ?? 0
    }
}

@Test func `mh gets at most 63 levels, in batches that are five seconds apart`() {
    var bench = Bench(weights: [1, 1, 1, 1], scheduler: .known(.mh))
    let steps = live(&bench, ticks: 240)
    #expect(bench.weights.allSatisfy { (1...63).contains($0) })
    let batches = steps.indices.filter { steps[$0] > 0 }
    #expect(batches.count > 2)
    #expect(zip(batches, batches.dropFirst()).allSatisfy { $1 - $0 >= 10 })
    let mean = Double(bench.weights.reduce(0, +)) / 4
    for (weight, capacity) in zip(bench.weights, capacities) {
        #expect(abs(Double(weight) / mean - capacity / 37.5) < 0.25 * max(capacity / 37.5, 0.5))
    }
}

@Test func `mh leaves room for what was declared`() {
    var bench = Bench(
        weights: [1, 1, 1, 1], scheduler: .known(.mh), capacities: capacities)
    _ = live(&bench, ticks: 240)
    #expect(bench.weights.allSatisfy { (1...63).contains($0) })
    let ratio = Double(bench.weights[3]) / Double(bench.weights[1])
    #expect(abs(ratio - 4) < 1)
}

@Test func `on mh the largest change comes first`() {
    var bench = Bench(weights: [1, 30, 24, 24], scheduler: .known(.mh))
    var found: [Plan.Step] = []
    for _ in 0..<60 where found.count < 2 {
        bench.pass(
            [10.0, 20, 40, 80].map { Bench.Doing(requestsPerSecond: $0, utilisation: 0.5) })
        found = bench.tick()?.plan.steps ?? []
    }
    let changes = found.compactMap { step -> Double? in
        guard case .setWeight(_, _, let from, let to, _) = step else { return nil }
        return Double(abs(to.rawValue - from)) / Double(from)
    }
    #expect(changes.count >= 2)
    #expect(changes == changes.sorted(by: >))
}

@Test(arguments: [
    [10.0, 20, 40, 80], Array(repeating: 1, count: 9), [5, 1, 1], [1, 2, 3, 4, 5, 6, 7],
])
func `sh gets weights that fill its 256 places exactly`(_ capacities: [Double]) {
    var bench = Bench(
        weights: capacities.map { _ in 1 }, scheduler: .known(.sh), capacities: capacities)
    for _ in 0..<12 {
        _ = live(&bench, ticks: 20, capacities.map { $0 * 20 })
        #expect(bench.weights.reduce(0, +) == 256)
    }
    let mean = 256 / Double(capacities.count)
    let whole = capacities.reduce(0, +) / Double(capacities.count)
    for (weight, capacity) in zip(bench.weights, capacities) {
        #expect(abs(Double(weight) - mean * capacity / whole) < 2 + 0.25 * mean * capacity / whole)
    }
}

@Test func `sh with too many servers is refused, and says so`() {
    let profile = Profile.of(.known(.sh), rate: 0, members: 65, previousMean: nil)
    guard case .unfit(let why) = profile else {
        Issue.record("it was not refused")
        return
    }
    #expect(why.contains("256"))
    #expect(
        Profile.of(.known(.sh), rate: 0, members: 64, previousMean: nil) == .weights(mean: 4))
}

@Test(arguments: [Scheduler.Known.fo, .ovf, .lblc, .lblcr, .dh, .rr, .lc])
func `who does not read weights as shares is refused with advice`(known: Scheduler.Known) {
    let profile = Profile.of(.known(known), rate: 0, members: 4, previousMean: nil)
    guard case .unfit(let why) = profile else {
        Issue.record("\(known) was not refused")
        return
    }
    #expect(why.contains("sed"))
}

// Policies.

@Test func `a service may have its own policy, but for the interval`() {
    var own = Policy()
    own.deadband = 0.4
    own.interval = 9
    var cluster = Bench.cluster(count: 2, capacities: [1, 1])
    cluster.services = cluster.services.map {
        Cluster.Service(name: $0.name, key: $0.key, members: $0.members, policy: own)
    }
    #expect(cluster.policy(ofService: 0).interval == Policy().interval)
    var bench = Bench(weights: [1000, 1000])
    bench.balancer.adopt(cluster)
    for _ in 0..<6 {
        bench.pass([
            Bench.Doing(requestsPerSecond: 30, utilisation: 0.6),
            Bench.Doing(requestsPerSecond: 30, utilisation: 0.7),
        ])
        #expect(bench.tick()?.plan.steps.isEmpty == true)
    }
}

@Test func `on wrr a part of a unit counts for less, the less the smaller the weight`() {
    var law = Law(policy: Policy(), meanWeight: 8, elapsedSeconds: 0.5)
    #expect([2.4, 2.6, 18.4, 18.6].map(law.weight) == [2, 3, 18, 19])
    law.isCoarse = true
    #expect(
        [0, 0.3, 1.8, 2.6, 2.8, 5.55, 5.7, 18.4, 18.6].map(law.weight) == [
            1, 1, 1, 2, 3, 5, 6, 18, 19,
        ])
    // More is never less.
    let weights = stride(from: 0.0, to: 40, by: 0.01).map(law.weight)
    #expect(zip(weights, weights.dropFirst()).allSatisfy { $0 <= $1 })
}
