// Another policy beside the live one: decided on the same events, shown, and never written.

internal import Protocol
internal import Weighting

/// What services would do under other policies.
struct ShadowCluster: Equatable, Sendable {
    /// The live servers, and of the services those that have a shadow and those that share a server
    /// with them.
    var cluster: Cluster
    /// The policy's name, by the key of the service that has a shadow.
    var names: [ServiceKey: String]
}

/// Decides on a table of its own, which follows it as the kernel would.
struct Shadow {
    private var balancer: Balancer
    private var names: [ServiceKey: String]
    private var weights: [MemberKey: Weights] = [:]
    private(set) var decision: Decision?

    /// Of one destination, after the newest tick.
    private struct Weights {
        /// In the shadow's table.
        var own: Int
        /// In the kernel's, as far as the live plan knows.
        var kernel: Int
    }

    init(_ shadow: ShadowCluster) {
        balancer = Balancer(shadow.cluster)
        names = shadow.names
    }

    /// Takes other policies without forgetting what is known.
    mutating func adopt(_ next: ShadowCluster) {
        balancer.adopt(next.cluster)
        names = next.names
        // Its services may have other places now.
        decision = nil
    }

    mutating func hear(_ report: borrowing Report, _ heard: Event.Heard) {
        balancer.hear(report, heard)
    }

    /// Takes what is neither a report nor a tick.
    mutating func take(_ event: Event) { _ = balancer.take(event) }

    /// Decides on what was `read`, of which the live plan changed `taken` since.
    mutating func tick(at now: Instant, _ read: Table, taken: [Plan.Step]) {
        let keys = Set(balancer.cluster.services.map(\.key))
        let kernel = read.services.filter { keys.contains($0.key) }
        let own = Table(services: kernel.map(own))
        guard let decided = balancer.take(.tick(at: now, table: own)) else { return }
        // Services that only share servers are as they are in the kernel.
        let steps =
            decided.plan.steps.filter { names[$0.service] != nil }
            + taken.filter {
                keys.contains($0.service) && names[$0.service] == nil
            }
        _ = balancer.take(.applied(steps))
        decision = decided
        let (ownSteps, liveSteps) = (Self.weights(steps), Self.weights(taken))
        weights = [:]
        for (shown, held) in zip(own.services, kernel) where names[held.key] != nil {
            for (mine, theirs) in zip(shown.destinations, held.destinations) {
                let key = MemberKey(service: held.key, destination: theirs.key)
                weights[key] = Weights(
                    own: ownSteps[key] ?? mine.weight, kernel: liveSteps[key] ?? theirs.weight)
            }
        }
    }

    /// The kernel's service with the shadow's weights; what somebody else wrote holds here, too.
    private func own(_ service: Table.Service) -> Table.Service {
        var service = service
        for place in service.destinations.indices {
            let key = MemberKey(
                service: service.key, destination: service.destinations[place].key)
            guard let known = weights[key], service.destinations[place].weight == known.kernel
            else { continue }
            service.destinations[place].weight = known.own
        }
        return service
    }

    private static func weights(_ steps: [Plan.Step]) -> [MemberKey: Int] {
        var weights: [MemberKey: Int] = [:]
        for case .setWeight(let service, let destination, _, let weight, _) in steps {
            weights[MemberKey(service: service, destination: destination)] = weight.rawValue
        }
        return weights
    }
}

extension Shadow {
    /// Puts what this policy would do beside what the live one does.
    func show(in services: inout [Snapshot.Service], of cluster: Cluster) {
        guard let decision else { return }
        let decided = Dictionary(
            zip(balancer.cluster.services.map(\.key), decision.services),
            uniquingKeysWith: { first, _ in first })
        for (place, declared) in cluster.services.enumerated()
        where services.indices.contains(place) {
            guard let name = names[declared.key], let mine = decided[declared.key],
                mine.verdicts.count == services[place].members.count
            else { continue }
            services[place].shadow = name
            for (member, verdict) in mine.verdicts.enumerated() {
                let key = MemberKey(service: declared.key, destination: verdict.destination)
                services[place].members[member].shadow = Snapshot.Shadow(
                    weight: weights[key]?.own,
                    reason: Snapshot.Reason(code: verdict.reason.code, text: verdict.reason.text),
                    chain: mine.chain(member))
            }
        }
    }
}
