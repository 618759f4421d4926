// Events in, decisions out. No clock, no dice, no logger, no I/O: all of them come with the event.

package import Protocol

/// Keeps the weights of a cluster true to what its servers can carry.
package struct Balancer: Sendable {
    private var fleet: Fleet
    private var tickedAt: Instant?

    package init(_ cluster: Cluster) { fleet = Fleet(cluster) }

    package var cluster: Cluster { fleet.cluster }

    /// Takes a new configuration without forgetting what is known.
    package mutating func adopt(_ cluster: Cluster) { fleet.adopt(cluster) }

    /// The one entry: a tick is answered with a decision, everything else is remembered.
    package mutating func take(_ event: Event) -> Decision? {
        switch event {
        case .report(let heard):
            fleet.hear(heard)
            return nil
        case .tick(let now, let table):
            return decide(at: now, on: table)
        }
    }

    /// The newest report of a server, its state, and how old it is; for people and programs.
    package func reportAgeSeconds(server: Int, at now: Instant) -> Double? {
        fleet.reportAgeSeconds(server: server, at: now)
    }

    package func state(server: Int) -> HostState? { fleet.hosts[server].lastReport?.state }

    private mutating func decide(at now: Instant, on table: Table) -> Decision {
        // A master that was late must not jump: the limits allow at most two intervals of movement.
        let interval = fleet.cluster.policy.interval
        let elapsed = tickedAt.map { min(max(now.seconds(since: $0), 0), 2 * interval) } ?? interval
        tickedAt = now

        let held = Dictionary(
            table.services.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let services = fleet.cluster.services.indices.map { index in
            decide(service: index, on: held[fleet.cluster.services[index].key], at: now, elapsed)
        }
        let plans = zip(fleet.cluster.services, services).map { Self.plan(for: $0, $1) }
        let violations = plans.map { Invariants.violations(of: $0, on: table) }
        return Decision(
            at: now, services: services,
            plan: Plan(
                steps: zip(plans, violations).flatMap { $1.isEmpty ? $0.steps : [] }),
            violations: violations.flatMap(\.self))
    }

    private mutating func decide(
        service index: Int, on table: Table.Service?, at now: Instant, _ elapsed: Double
    ) -> Decision.Service {
        let declared = fleet.cluster.services[index]
        guard let table else {
            return Decision.Service(
                scheduler: nil, hold: .serviceAbsent,
                verdicts: declared.members.map {
                    Verdict(
                        server: $0.server, destination: $0.destination, kernel: nil, weight: nil,
                        reason: .absent)
                })
        }
        let destinations = declared.members.map { table[$0.destination] }
        for (place, destination) in destinations.enumerated() {
            fleet.services[index].members[place].kernelConnections =
                destination?.scheduledConnections
        }
        let holds = declared.members.indices.map { place -> Hold? in
            guard let destination = destinations[place] else { return nil }
            return Guard.hold(
                fleet, service: index, place: place, kernel: destination.weight, at: now)
        }
        let takingPart = declared.members.indices.filter {
            destinations[$0] != nil && holds[$0] == nil
        }
        let rate = takingPart.reduce(0) {
            $0 + (fleet.services[index].members[$1].estimate.slow?.requests ?? 0)
        }
        let serviceHold: Hold?
        var meanWeight = 1.0
        switch Profile.of(
            table.scheduler, rate: rate, members: declared.members.count,
            previousMean: fleet.services[index].meanWeight)
        {
        case .unfit(let why):
            serviceHold = .scheduler(why)
        case .weights(let mean):
            meanWeight = mean
            serviceHold = Guard.hold(
                table, declared: declared, memory: fleet.services[index], memberHolds: holds)
        }

        let chains: [Int: Chain]
        if serviceHold == nil {
            fleet.services[index].meanWeight = meanWeight
            chains = follow(
                service: index, takingPart: takingPart, destinations: destinations,
                meanWeight: meanWeight, elapsed: elapsed)
        } else {
            chains = [:]
        }
        return Decision.Service(
            scheduler: table.scheduler, hold: serviceHold,
            verdicts: declared.members.indices.map { place in
                verdict(
                    declared.members[place], kernel: destinations[place]?.weight,
                    hold: holds[place] ?? serviceHold, chain: chains[place],
                    serviceFollows: serviceHold == nil, service: index, place: place)
            })
    }

    /// Asks the law, and remembers what it said.
    private mutating func follow(
        service index: Int, takingPart: [Int], destinations: [Table.Destination?],
        meanWeight: Double, elapsed: Double
    ) -> [Int: Chain] {
        adoptShares(service: index, destinations: destinations, meanWeight: meanWeight)
        let members = fleet.cluster.services[index].members
        let perNominal = takingPart.compactMap { place in
            fleet.services[index].members[place].estimate.observedCapacity.map {
                $0 / members[place].nominalCapacity
            }
        }.sorted()
        guard !perNominal.isEmpty else { return [:] }
        let median = perNominal[perNominal.count / 2]

        var inputs: [Law.Input] = []
        var places: [Int] = []
        for place in takingPart {
            fleet.services[index].members[place].estimate.advance(
                bySeconds: elapsed, fallback: median * members[place].nominalCapacity)
            let member = fleet.services[index].members[place]
            guard let rates = member.estimate.slow, let prior = member.estimate.prior,
                let previousShare = member.previousShare
            else { continue }
            inputs.append(Law.Input(rates: rates, prior: prior, previousShare: previousShare))
            places.append(place)
        }
        let chains = Law(
            policy: fleet.cluster.policy, meanWeight: meanWeight, elapsedSeconds: elapsed
        ).chains(inputs)
        for (place, chain) in zip(places, chains) {
            fleet.services[index].members[place].previousShare = chain.limitedShare
        }
        return Dictionary(uniqueKeysWithValues: zip(places, chains))
    }

    /// Takes the kernel's weights as the shares to start from.
    ///
    /// Weights on about our scale are taken as they are, so that a restarted master changes
    /// nothing. On any other scale, such as all 1, only their ratios count.
    private mutating func adoptShares(
        service index: Int, destinations: [Table.Destination?], meanWeight: Double
    ) {
        let weights = destinations.compactMap { $0?.weight }.filter { $0 > 0 }
        guard !weights.isEmpty else { return }
        let mean = Double(weights.reduce(0, +)) / Double(weights.count)
        let isOurScale = (meanWeight / 2...meanWeight * 2).contains(mean)
        let unit = isOurScale ? meanWeight : mean
        let isFirst = fleet.services[index].members.allSatisfy { $0.previousShare == nil }

        for (place, destination) in destinations.enumerated() {
            guard let destination, destination.weight > 0 else {
                fleet.services[index].members[place].previousShare = nil
                continue
            }
            guard fleet.services[index].members[place].previousShare == nil else { continue }
            // Whoever arrives later, with a weight on somebody's own scale, starts at most with
            // the mean share.
            let share = Double(destination.weight) / (isFirst ? unit : meanWeight)
            fleet.services[index].members[place].previousShare = isFirst ? share : min(share, 1)
        }
    }

    private func verdict(
        _ member: Cluster.Member, kernel: Int?, hold: Hold?, chain: Chain?,
        serviceFollows: Bool, service: Int, place: Int
    ) -> Verdict {
        func verdict(_ weight: Weight?, _ reason: Verdict.Reason) -> Verdict {
            Verdict(
                server: member.server, destination: member.destination, kernel: kernel,
                weight: weight, reason: reason, chain: chain)
        }
        guard let kernel else { return verdict(nil, .absent) }
        if let chain {
            let weight = Weight(clamping: chain.weight)
            return verdict(weight, isNear(weight, kernel) ? .withinDeadband : .follows)
        }
        let hold = hold ?? .learning
        // While its service follows load, a member that holds keeps its share of the mean.
        guard hold != .foreignZero, serviceFollows,
            let share = fleet.services[service].members[place].previousShare,
            let meanWeight = fleet.services[service].meanWeight
        else { return verdict(Weight(kernel), .holds(hold)) }
        let weight = Weight(clamping: max(1, Int((share * meanWeight).rounded())))
        return isNear(weight, kernel)
            ? verdict(Weight(kernel), .holds(hold)) : verdict(weight, .keepsShare(hold))
    }

    private func isNear(_ weight: Weight, _ kernel: Int) -> Bool {
        Double(abs(weight.rawValue - kernel)) <= fleet.cluster.policy.deadband * Double(kernel)
    }

    private static func plan(for declared: Cluster.Service, _ decision: Decision.Service) -> Plan {
        Plan(
            steps: decision.verdicts.compactMap { verdict in
                switch verdict.reason {
                case .follows, .keepsShare: break
                case .withinDeadband, .holds, .absent: return nil
                }
                guard let weight = verdict.weight, let kernel = verdict.kernel else { return nil }
                return .setWeight(
                    service: declared.key, destination: verdict.destination, from: kernel,
                    to: weight)
            })
    }
}
