// Events in, decisions out. No clock, no dice, no logger, no I/O: all of them come with the event.

package import Protocol

/// Keeps the weights of a cluster true to what its servers can carry.
package struct Balancer: Sendable {
    // For its parts too; see `BalancerPart.swift`.
    var fleet: Fleet
    var tickedAt: Instant?
    /// See ``wantsTick(at:)``; decides nothing, so no recording has it.
    private var isChanged = false

    package init(_ cluster: Cluster) { fleet = Fleet(cluster) }

    /// One that lacks a rule, so that a test can see what the rule is good for.
    init(_ cluster: Cluster, without safeguard: Safeguard) {
        fleet = Fleet(cluster)
        fleet.safeguards = .without(safeguard)
    }

    package var cluster: Cluster { fleet.cluster }

    /// Takes a new configuration without forgetting what is known.
    package mutating func adopt(_ cluster: Cluster) { fleet.adopt(cluster) }

    /// The one entry: a tick is answered with a decision, everything else is remembered.
    package mutating func take(_ event: Event) -> Decision? {
        switch event {
        case .report(let report, let heard):
            hear(report, heard)
            return nil
        case .checked(let checked):
            if fleet.hear(checked) { isChanged = true }
            return nil
        case .ordered(let orders):
            fleet.take(orders)
            isChanged = true
            return nil
        case .tick(let now, let table):
            return decide(at: now, on: table)
        case .applied(let steps):
            fleet.applied(steps, at: tickedAt ?? Instant(nanoseconds: 0))
            return nil
        }
    }

    /// The event of a report without a copy of it.
    package mutating func hear(_ report: borrowing Report, _ heard: Event.Heard) {
        if fleet.hear(report, heard) { isChanged = true }
    }

    /// Whether something happened that should not wait for the next interval: a check failed or
    /// passed, an agent asks for a drain or ends it, or a person ordered something.
    ///
    /// To be asked after events; whoever changes his mind all the time gets a few ticks a second.
    package func wantsTick(at now: Instant) -> Bool { wantedTick.map { now >= $0 } ?? false }

    /// When there should be a tick for that; nothing where none is wanted before the next interval.
    package var wantedTick: Instant? {
        isChanged ? tickedAt?.advanced(bySeconds: Self.leastSeconds) : nil
    }

    private static let leastSeconds = 0.1

    /// A report of this server will be heard soon: asks for the memory of what is known of it.
    package func expect(server: Int) { fleet.expectHost(server) }

    /// The same for its members, when the server's own has had time to come.
    package func expectMembers(ofServer server: Int) { fleet.expectMembers(server) }

    /// What the newest report of a server promised for the next one.
    package func intervalMilliseconds(server: Int) -> UInt16? {
        fleet.hosts[server].lastReport?.intervalMilliseconds
    }

    /// The release of a server's agent, once it told.
    package func agentVersion(server: Int) -> UInt32? { fleet.hosts[server].agentVersion }

    /// The newest report of a server, its state, and how old it is; for people and programs.
    package func reportAgeSeconds(server: Int, at now: Instant) -> Double? {
        fleet.reportAgeSeconds(server: server, at: now)
    }

    package func state(server: Int) -> HostState? { fleet.hosts[server].said?.state }

    private mutating func decide(at now: Instant, on table: Table) -> Decision {
        let interval = fleet.cluster.policy.interval
        let sinceTick = tickedAt.map { max(now.seconds(since: $0), 0) }
        (tickedAt, isChanged) = (now, false)
        let isLate =
            sinceTick.map { $0 > interval + Guard.latenessSeconds } ?? false
            && fleet.safeguards.hold(.lateMasterHolds)

        let held = Dictionary(
            table.services.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        var plan = Plan()
        let services = fleet.cluster.services.indices.map { index in
            // The memory of the next comes while this one is decided.
            fleet.expectService(index + 1)
            let decided = decide(
                service: index, on: held[fleet.cluster.services[index].key], at: now,
                // The limits allow one interval of movement for one tick, however late it is.
                elapsedSeconds: min(sinceTick ?? interval, interval),
                standstill: isLate ? .masterLate : nil, isFirst: sinceTick == nil)
            // While its verdicts are at hand.
            plan.steps += Self.plan(for: fleet.cluster.services[index], decided).steps
            return decided
        }
        guard !plan.steps.isEmpty else {
            return Decision(at: now, services: services, plan: plan, violations: [])
        }
        let violations = Invariants.violations(
            of: plan, on: table,
            // For load no 0 may be touched, whosever it is.
            zeros: fleet.zeros(
                in: Set(plan.steps.lazy.filter { $0.cause != .load }.map(\.service)),
                of: table))
        guard !violations.isEmpty else {
            return Decision(at: now, services: services, plan: plan, violations: [])
        }
        let refused = Set(violations.map(\.member.service))
        return Decision(
            at: now, services: services,
            plan: Plan(steps: plan.steps.filter { !refused.contains($0.service) }),
            violations: violations)
    }

    private mutating func decide(
        service index: Int, on table: Table.Service?, at now: Instant, elapsedSeconds: Double,
        standstill: Hold?, isFirst: Bool
    ) -> Decision.Service {
        guard let table else { return absent(service: index) }
        // A sorry server that an earlier master put in stays until enough checks passed.
        if isFirst, let sorry = fleet.cluster.services[index].sorry {
            fleet.services[index].isBelowQuorum = (table[sorry]?.weight ?? 0) > 0
        }
        // Taken out for the while: memory that two hold is copied when one of them writes.
        let memory = fleet.services[index]
        fleet.services[index].members = []
        let (decision, next) = Self.decide(
            Deliberation(
                fleet, service: index, memory: consume memory, table: table, at: now,
                elapsedSeconds: elapsedSeconds, standstill: standstill))
        fleet.services[index] = next
        return decision
    }

    private static func decide(
        _ deliberation: consuming Deliberation
    ) -> (Decision.Service, ServiceMemory) {
        deliberation.decide()
    }

    /// The kernel does not hold the service; what is known of its members stays.
    private mutating func absent(service index: Int) -> Decision.Service {
        let members = fleet.cluster.services[index].members
        for place in members.indices {
            fleet.services[index].members[place].share.leave()
            _ = fleet.services[index].members[place].drain.look(kernel: nil)
        }
        return Decision.Service(
            scheduler: nil, hold: .serviceAbsent,
            verdicts: members.map {
                Verdict(
                    server: $0.server, destination: $0.destination, kernel: nil, weight: nil,
                    reason: .absent, state: fleet.hosts[$0.server].said?.state)
            })
    }

    private static func plan(for declared: Cluster.Service, _ decision: Decision.Service) -> Plan {
        var steps: [Plan.Step] = []
        for place in decision.verdicts.indices {
            guard let cause = decision.verdicts[place].reason.causeOfStep,
                let weight = decision.verdicts[place].weight,
                let kernel = decision.verdicts[place].kernel, kernel != weight.rawValue
            else { continue }
            steps.append(
                .setWeight(
                    service: declared.key, destination: decision.verdicts[place].destination,
                    from: kernel, to: weight, cause: cause))
        }
        switch decision.scheduler {
        // Each write rebuilds its table: what matters most comes first.
        case .known(.mh): steps.sort { $1.relativeChange < $0.relativeChange }
        // Its places are never given out twice.
        case .known(.sh): steps.sort { $0.change < $1.change }
        default: break
        }
        return Plan(steps: steps)
    }
}

extension Plan.Step {
    fileprivate var change: Int {
        guard case .setWeight(_, _, let from, let to, _) = self else { return 0 }
        return to.rawValue - from
    }

    fileprivate var relativeChange: Double {
        guard case .setWeight(_, _, let from, let to, _) = self else { return 0 }
        return Double(abs(to.rawValue - from)) / Double(max(from, 1))
    }
}
