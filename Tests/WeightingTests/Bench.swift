// A service of a few servers that reports by hand: what the tests of the balancer are told with.

import Protocol

@testable import Weighting

/// Servers with cumulative counters, a table that applies plans, and a balancer between them.
struct Bench {
    static let key = ServiceKey.address(.v4(0x0A00_0064), port: 80, .tcp)

    var balancer: Balancer
    var table: Table
    var now = Instant(nanoseconds: 1_000_000_000)
    var counters: [Counters]

    struct Counters {
        var boot: UInt32 = 1
        var clock: UInt32 = 0
        var busy: Double = 0
        var runnable: Double = 0
        var requests: Double = 0
        var errors: Double = 0
        var state = HostState.up
        var reason = StateReason.none
        /// Of the service, where the agent tells it apart.
        var serviceState: HostState?
        var isDuplicateIdentity = false
    }

    /// What one server does while time passes.
    struct Doing {
        var requestsPerSecond: Double
        var utilisation: Double
        var runnable: Double = 0
        var errorsPerSecond: Double = 0
    }

    init(
        weights: [Int], scheduler: Scheduler = .known(.sed), fallsBack: Bool = false,
        policy: Policy = Policy(), capacities: [Double]? = nil, without: Safeguard? = nil
    ) {
        let keys = weights.indices.map(Self.destination)
        let cluster = Self.cluster(
            count: weights.count, policy: policy, capacities: capacities ?? weights.map { _ in 1 })
        balancer = without.map { Balancer(cluster, without: $0) } ?? Balancer(cluster)
        table = Table(services: [
            Table.Service(
                key: Self.key, scheduler: scheduler, fallsBack: fallsBack,
                destinations: zip(keys, weights).map {
                    Table.Destination(key: $0, weight: $1)
                })
        ])
        counters = weights.map { _ in Counters() }
    }

    static func destination(_ index: Int) -> DestinationKey {
        DestinationKey(address: .v4(0x0A00_000B + UInt32(index)), port: 80)
    }

    static func cluster(count: Int, policy: Policy = Policy(), capacities: [Double]) -> Cluster {
        Cluster(
            servers: (0..<count).map { Cluster.Server(name: "r\($0 + 1)") },
            services: [
                Cluster.Service(
                    name: "web", key: key,
                    members: (0..<count).map {
                        Cluster.Member(
                            server: $0, destination: destination($0),
                            nominalCapacity: capacities[$0])
                    })
            ], policy: policy)
    }

    var weights: [Int] { table.services[0].destinations.map(\.weight) }

    /// One interval passes: each server does what is said, and those not `silent` report.
    mutating func pass(_ doing: [Doing], seconds: Double = 0.5, silent: Set<Int> = []) {
        now = now.advanced(bySeconds: seconds)
        for (index, doing) in doing.enumerated() {
            counters[index].clock &+= UInt32(seconds * 10_000)
            counters[index].busy += doing.utilisation * seconds
            counters[index].runnable += doing.runnable * seconds
            counters[index].requests += doing.requestsPerSecond * seconds
            counters[index].errors += doing.errorsPerSecond * seconds
            if !silent.contains(index) { report(index) }
        }
    }

    mutating func report(_ index: Int, countsRequests: Bool = true) {
        let counted = counters[index]
        var report = Report(
            state: counted.state, reason: counted.reason, intervalMilliseconds: 500,
            clockTenthsOfMillisecond: counted.clock)
        report.services =
            counted.serviceState.map {
                [ServiceLoad(id: ServiceID(name: "web"), state: $0)]
            } ?? []
        report.host = HostLoad(
            cpuBusyTenthsOfMillisecond: UInt32(counted.busy * 10_000),
            runnableTenthsOfMillisecond: UInt32(counted.runnable * 10_000),
            coresHundredths: 100, memoryAvailableTenThousandths: nil)
        report.requests =
            !countsRequests
            ? []
            : [
                RequestCounters(
                    id: ServiceID(name: "web"), p99Microseconds: nil,
                    requests: UInt32(counted.requests), errors: UInt32(counted.errors))
            ]
        _ = balancer.take(
            .report(
                report,
                Event.Heard(
                    server: index, boot: counted.boot,
                    isDuplicateIdentity: counted.isDuplicateIdentity, at: now)))
    }

    /// The kernel gives each destination so many connections.
    mutating func connect(_ count: UInt64) {
        table.services[0].destinations = table.services[0].destinations.map {
            Table.Destination(
                key: $0.key, weight: $0.weight,
                scheduledConnections: $0.scheduledConnections + count)
        }
    }

    /// Decides, checks the invariants, and applies the plan to the table.
    mutating func tick() -> Decision? {
        guard let decision = balancer.take(.tick(at: now, table: table)) else { return nil }
        for case .setWeight(_, let destination, _, let to, _) in decision.plan.steps {
            for place in table.services[0].destinations.indices
            where table.services[0].destinations[place].key == destination {
                table.services[0].destinations[place].weight = to.rawValue
            }
        }
        _ = balancer.take(.applied(decision.plan.steps))
        return decision
    }
}
