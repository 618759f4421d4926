// Servers in one service or two, each of which says of itself what a test wants; nothing answers.

import Protocol

@testable import Weighting

/// A balancer, a table that applies its plans, and servers with cumulative counters.
struct Site {
    static let names = ["web", "mail"]
    private static let keys = [Bench.key, .address(.v4(0x0A00_0065), port: 25, .tcp)]
    private static let seconds = 0.5

    private var balancer: Balancer
    private(set) var table: Table
    private var tick = 0
    private var totals: [Totals]

    /// What one server does, by the second.
    struct Doing {
        var use = 0.3
        var memoryAvailable: Double?
        var memoryStalled: Double?
        var ioStalled: Double?
        var state = HostState.up
        /// In the order of the services.
        var services = [Service(), Service()]

        struct Service {
            var requests: Double? = 50
            var errors = 0.0
            var connections = 50.0
            var inFlight: UInt64?
            var load: Double?
            var state = HostState.up
        }
    }

    private struct Totals {
        var busy = 0.0
        var memory = 0.0
        var io = 0.0
        var requests = [0.0, 0]
        var errors = [0.0, 0]
    }

    init(
        servers: Int, services: Int = 1, policy: Policy = Policy(),
        scheduler: Scheduler.Known = .sed
    ) {
        totals = Array(repeating: Totals(), count: servers)
        let places = Array(0..<servers)
        balancer = Balancer(
            Cluster(
                servers: places.map { .init(name: "r\($0)") },
                services: (0..<services).map { service in
                    Cluster.Service(
                        name: Self.names[service], key: Self.keys[service],
                        members: places.map {
                            .init(server: $0, destination: Bench.destination($0))
                        })
                }, policy: policy))
        table = Table(
            services: (0..<services).map { service in
                Table.Service(
                    key: Self.keys[service], scheduler: .known(scheduler),
                    destinations: places.map {
                        Table.Destination(key: Bench.destination($0), weight: 1000)
                    })
            })
    }

    mutating func adopt(_ policy: Policy) {
        var cluster = balancer.cluster
        cluster.policy = policy
        balancer.adopt(cluster)
    }

    /// By service, then server.
    var weights: [[Int]] { table.services.map { $0.destinations.map(\.weight) } }

    /// So many intervals; the last decision.
    @discardableResult
    mutating func pass(_ doing: [Doing], times: Int = 1) -> Decision? {
        var decision: Decision?
        for _ in 0..<times {
            tick += 1
            let now = Instant(nanoseconds: UInt64(tick) * 500_000_000)
            for (server, does) in doing.enumerated() {
                count(does, server)
                let report = report(does, server)
                _ = balancer.take(.report(report, Event.Heard(server: server, boot: 1, at: now)))
            }
            decision = balancer.take(.tick(at: now, table: table))
            apply(decision?.plan.steps ?? [])
        }
        return decision
    }

    /// Somebody else takes a service's last destination away.
    mutating func removeLast(ofService service: Int) {
        table.services[service].destinations.removeLast()
    }

    private mutating func count(_ does: Doing, _ server: Int) {
        totals[server].busy += does.use * Self.seconds
        totals[server].memory += (does.memoryStalled ?? 0) * Self.seconds
        totals[server].io += (does.ioStalled ?? 0) * Self.seconds
        for service in table.services.indices
        where server < table.services[service].destinations.count {
            let part = does.services[service]
            totals[server].requests[service] += (part.requests ?? 0) * Self.seconds
            totals[server].errors[service] += part.errors * Self.seconds
            let held = table.services[service].destinations[server]
            table.services[service].destinations[server] = Table.Destination(
                key: held.key, weight: held.weight,
                scheduledConnections: held.scheduledConnections
                    + UInt64(part.connections * Self.seconds))
        }
    }

    private func report(_ does: Doing, _ server: Int) -> Report {
        let counted = totals[server]
        func ticks(_ seconds: Double) -> UInt32 { UInt32(seconds * 10_000) }
        func share(_ value: Double?) -> UInt16? { value.map { UInt16($0 * 10_000) } }
        let ids = table.services.indices.map { ServiceID(name: Self.names[$0]) }
        return Report(
            state: does.state, intervalMilliseconds: 500,
            clockTenthsOfMillisecond: UInt32(tick * 5_000),
            host: HostLoad(
                cpuBusyTenthsOfMillisecond: ticks(counted.busy), coresHundredths: 100,
                memoryAvailableTenThousandths: share(does.memoryAvailable)),
            services: ids.indices.map {
                let part = does.services[$0]
                return ServiceLoad(
                    id: ids[$0], state: part.state, inFlight: part.inFlight,
                    loadTenThousandths: share(part.load))
            },
            pressure: Pressure(
                memoryFullTenthsOfMillisecond: does.memoryStalled.map { _ in
                    ticks(counted.memory)
                }, ioFullTenthsOfMillisecond: does.ioStalled.map { _ in ticks(counted.io) }),
            requests: ids.indices.filter { does.services[$0].requests != nil }.map {
                RequestCounters(
                    id: ids[$0], requests: UInt32(counted.requests[$0]),
                    errors: UInt32(counted.errors[$0]))
            })
    }

    private mutating func apply(_ steps: [Plan.Step]) {
        for case .setWeight(let key, let destination, _, let weight, _) in steps {
            guard let service = Self.keys.firstIndex(of: key),
                let place = table.services[service].destinations
                    .firstIndex(where: { $0.key == destination })
            else { continue }
            table.services[service].destinations[place].weight = weight.rawValue
        }
        _ = balancer.take(.applied(steps))
    }
}
