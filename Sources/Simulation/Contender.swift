// Who is compared: a policy on a scheduler.

internal import Weighting

/// Whose weights the director works with.
package enum SimulatedPolicy: String, CaseIterable, Sendable {
    case poise
    /// In proportion to what each server can do at this moment.
    case oracle
    /// In proportion to cores, for ever: what an operator sets who knows the servers.
    case fixed = "static"
    case fixedEqual = "static_equal"
    case naive
    case idlePercentage = "idle_percentage"
    case orcaLike = "orca_like"
    case unimogLike = "unimog_like"

    /// What it is, for people.
    package var help: String {
        switch self {
        case .poise: "the weights of Poise, which is told no capacities"
        case .oracle: "weights in proportion to what each server can do at this moment"
        case .fixed: "weights in proportion to cores, which do not change"
        case .fixedEqual: "all weights 1"
        case .naive: "100 × (1 − utilisation)"
        case .idlePercentage: "cores × the percentage of idle time, as agent-check weights go"
        case .orcaLike: "requests ÷ (utilisation + errors), after gRFC A58"
        case .unimogLike: "weights that grow while utilisation is below the mean, after Unimog"
        }
    }
}

/// A policy on a scheduler, which its figures are of.
package struct Contender: Hashable, Sendable {
    package let policy: SimulatedPolicy
    package let scheduler: SimulatedScheduler

    /// Nothing where the two do not go together.
    package init?(_ policy: SimulatedPolicy, on scheduler: SimulatedScheduler) {
        // Poise knows the kernel's schedulers; the best of all looks at no weights.
        guard policy != .poise || scheduler.inTable != nil,
            scheduler != .jsq || policy == .fixedEqual
        else { return nil }
        (self.policy, self.scheduler) = (policy, scheduler)
    }

    private init(oracleOn scheduler: SimulatedScheduler) {
        (policy, self.scheduler) = (.oracle, scheduler)
    }

    /// Whom it is measured by: the oracle on the same scheduler, and on the smoothest for wrr.
    package var reference: Contender {
        switch scheduler {
        case .wrr, .swrr: Contender(oracleOn: .swrr)
        case .jsq, .sed: Contender(oracleOn: .sed)
        case .wlc, .nq, .mh, .sh: Contender(oracleOn: scheduler)
        }
    }

    /// The comparison that WEIGHTING's goals are about.
    package static let standard: [Contender] =
        [
            Contender(.poise, on: .wrr), Contender(.poise, on: .sed), Contender(.poise, on: .wlc),
            Contender(.poise, on: .mh),
            Contender(.oracle, on: .swrr), Contender(.oracle, on: .wrr),
            Contender(.oracle, on: .sed), Contender(.oracle, on: .wlc),
            Contender(.oracle, on: .mh), Contender(.fixedEqual, on: .jsq),
        ].compactMap { $0 }
        + [SimulatedPolicy.fixed, .fixedEqual, .naive, .idlePercentage, .orcaLike, .unimogLike]
        .flatMap { policy in
            [SimulatedScheduler.wrr, .sed].compactMap { Contender(policy, on: $0) }
        }
}

extension World {
    /// The start of a run.
    init(_ scenario: Scenario, _ contender: Contender, knobs: Policy, seed: UInt64) {
        let cores = scenario.cores
        let count = scenario.servers
        let scheduler = contender.scheduler
        let mean = scheduler.meanWeight(servers: count)
        let interval = scenario.reporting.intervalSeconds
        var weights = cores.map { _ in max(1, Int(mean)) }
        let policy: any WeightPolicy
        switch contender.policy {
        case .poise:
            var knobs = knobs
            knobs.interval = interval
            weights = cores.map { _ in 1 }
            policy = PoisePolicy(
                servers: count, scheduler: scheduler.inTable ?? .known(.sed), policy: knobs)
        case .oracle:
            policy = OraclePolicy(meanWeight: mean)
        case .fixed:
            weights = cores
            policy = FixedPolicy(weights: weights)
        case .fixedEqual:
            weights = cores.map { _ in 1 }
            policy = FixedPolicy(weights: weights)
        case .naive:
            policy = IdlePolicy(
                interval: interval, fullWeights: cores.map { _ in 100 }, isPercentage: false)
        case .idlePercentage:
            policy = IdlePolicy(
                interval: interval, fullWeights: cores.map { 50 * Double($0) }, isPercentage: true)
        case .orcaLike:
            policy = OrcaLikePolicy(servers: count, meanWeight: min(mean, 100))
        case .unimogLike:
            policy = UnimogLikePolicy(
                interval: interval, servers: count, meanWeight: min(mean, 100))
        }
        self.init(scenario, scheduler: scheduler, weights: weights, policy: policy, seed: seed)
    }
}
