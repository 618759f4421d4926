// One service on a table of its own, driven as the master drives the kernel's; for trying policies.

internal import Protocol
internal import Weighting

/// A balancer, and the table that follows it.
struct PolicyTrial {
    static let service = "trial"
    static let mostMembers = 1000

    struct Member {
        let name: String
        var capacity = 1.0
    }

    /// What the kernel would count for one member.
    struct Counts {
        var scheduled: UInt64 = 0
        var active = 0
        var inactive = 0
    }

    private var balancer: Balancer
    private let scheduler: Scheduler
    private let key = ServiceKey.address(.v4(0xC000_0201), port: 80, .tcp)
    private let destinations: [DestinationKey]
    private let places: [DestinationKey: Int]
    /// Parallel to the members, as what follows.
    private(set) var weights: [Int]
    var counts: [Counts]

    init(policy: Policy, scheduler: Scheduler, members: [Member]) {
        let keys = members.indices.map {
            DestinationKey(address: .v4(0x0A00_0001 + UInt32(clamping: $0)), port: 80)
        }
        balancer = Balancer(
            Cluster(
                servers: members.map { Cluster.Server(name: $0.name) },
                services: [
                    Cluster.Service(
                        name: Self.service, key: key,
                        members: zip(members, keys).enumerated().map { place, member in
                            Cluster.Member(
                                server: place, destination: member.1,
                                nominalCapacity: member.0.capacity)
                        })
                ], policy: policy))
        self.scheduler = scheduler
        destinations = keys
        places = Dictionary(uniqueKeysWithValues: zip(keys, keys.indices))
        // As somebody sets up a service by hand.
        weights = members.map { max(1, Int($0.capacity.rounded())) }
        counts = members.map { _ in Counts() }
    }

    mutating func hear(_ report: borrowing Report, member: Int, boot: UInt32, at now: Instant) {
        balancer.hear(report, Event.Heard(server: member, boot: boot, at: now))
    }

    /// Somebody else writes weights.
    mutating func override(_ weights: [Int]) { self.weights = weights }

    /// Decides, and has the table take what was decided.
    mutating func tick(at now: Instant) -> Decision? {
        let table = Table(services: [
            Table.Service(
                key: key, scheduler: scheduler,
                destinations: destinations.indices.map { place in
                    Table.Destination(
                        key: destinations[place], weight: weights[place],
                        activeConnections: counts[place].active,
                        inactiveConnections: counts[place].inactive,
                        scheduledConnections: counts[place].scheduled)
                })
        ])
        let decision = balancer.take(.tick(at: now, table: table))
        guard let decision else { return nil }
        for step in decision.plan.steps { apply(step) }
        _ = balancer.take(.applied(decision.plan.steps))
        return decision
    }

    private mutating func apply(_ step: Plan.Step) {
        guard case .setWeight(_, let destination, _, let weight, _) = step,
            let place = places[destination]
        else { return }
        weights[place] = weight.rawValue
    }
}
