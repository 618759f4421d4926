// What one decision costs: a balancer of many members, with fresh reports before each pass.

internal import Daemon
internal import Foundation
internal import Protocol
internal import Weighting

/// Services of a hundred members each, whose loads never stand still.
struct DecideBench {
    private let count: Int
    private let ids: [ServiceID]
    private var balancer: Balancer
    private var table: Table
    private var servers: [Server]
    private var dice = Dice()
    private var now: Int64 = 1_000_000_000
    private var milliseconds: [Double] = []
    private var referenceMilliseconds: [Double] = []
    private var steps = 0

    private static let membersOfService = 100
    /// Until averages stand and weights have left the ones that they begin with.
    private static let settlingPasses = 60
    private static let intervalNanoseconds: Int64 = 500_000_000
    /// Those that take weights, in turn.
    private static let schedulers: [Scheduler] = [
        .known(.sed), .known(.wlc), .known(.wrr), .known(.mh),
    ]

    /// Cumulative counters, as an agent reads them.
    private struct Server {
        var busyTenthsOfMillisecond: UInt32 = 0
        var runnableTenthsOfMillisecond: UInt32 = 0
        var requests: UInt32 = 0
        var connections: UInt64 = 0
    }

    static func run(passes: Int) throws {
        var benches = [10, 100].map { DecideBench(services: $0) }
        for _ in 0..<settlingPasses {
            for place in benches.indices { try benches[place].pass(isTimed: false) }
        }
        // In turns, so that what disturbs one disturbs both.
        for _ in 0..<max(passes, 1) {
            for place in benches.indices { try benches[place].pass(isTimed: true) }
        }
        for bench in benches { bench.tell() }
        let perMember = benches.map { median($0.milliseconds) / Double($0.count) }
        line("cost_per_member_ratio", perMember[1] / perMember[0], "10000:1000")
    }

    private init(services count: Int) {
        let names = Crowd.serviceNames(count: count)
        let members = Self.membersOfService
        self.count = count * members
        ids = names.map { ServiceID(name: $0) }
        servers = Array(repeating: Server(), count: count * members)
        func key(_ service: Int) -> ServiceKey { .address(.v4(UInt32(service)), port: 80, .tcp) }
        func destination(_ server: Int) -> DestinationKey {
            DestinationKey(address: .v4(UInt32(server)), port: 80)
        }
        func serversOf(_ service: Int) -> Range<Int> {
            (service * members)..<((service + 1) * members)
        }
        balancer = Balancer(
            Cluster(
                servers: (0..<(count * members)).map { Cluster.Server(name: "a\($0)") },
                services: names.enumerated().map { service, name in
                    Cluster.Service(
                        name: name, key: key(service),
                        members: serversOf(service).map {
                            Cluster.Member(server: $0, destination: destination($0))
                        })
                }))
        table = Table(
            services: (0..<count).map { service in
                Table.Service(
                    key: key(service),
                    scheduler: Self.schedulers[service % Self.schedulers.count],
                    destinations: serversOf(service).map {
                        Table.Destination(key: destination($0), weight: 1)
                    })
            })
    }

    /// Everybody reports, the kernel counts, and the balancer decides.
    private mutating func pass(isTimed: Bool) throws {
        now += Self.intervalNanoseconds
        for server in servers.indices { report(server) }
        let tick = Event.tick(
            at: Instant(nanoseconds: UInt64(now)), table: table)
        let start = MonotonicClock.now()
        let decision = balancer.take(tick)
        let taken = MonotonicClock.now() - start
        guard let decision, decision.violations.isEmpty else { throw BenchError.notDecided }
        follow(decision.plan)
        guard isTimed else { return }
        milliseconds.append(Double(taken) / 1e6)
        referenceMilliseconds.append(reference())
        steps += decision.plan.steps.count
    }

    /// Half a second of 100 requests or so, at a use that differs by server and moves by chance.
    private mutating func report(_ index: Int) {
        let use = 0.3 + 0.05 * Double(index % 7) + 0.2 * dice.share()
        servers[index].busyTenthsOfMillisecond &+= UInt32(use * 5_000)
        servers[index].runnableTenthsOfMillisecond &+= UInt32(use / (1 - use) * 5_000)
        let requests = UInt32(80 + 40 * dice.share())
        servers[index].requests &+= requests
        servers[index].connections += UInt64(requests)
        let counted = servers[index]
        let id = ids[index / Self.membersOfService]
        balancer.hear(
            Report(
                state: .up, intervalMilliseconds: 500,
                clockTenthsOfMillisecond: UInt32(truncatingIfNeeded: now / 100_000),
                host: HostLoad(
                    cpuBusyTenthsOfMillisecond: counted.busyTenthsOfMillisecond,
                    runnableTenthsOfMillisecond: counted.runnableTenthsOfMillisecond,
                    coresHundredths: 100, memoryAvailableTenThousandths: 5_000),
                services: [ServiceLoad(id: id, state: .up, inFlight: 3, queue: 0)],
                requests: [RequestCounters(id: id, requests: counted.requests, errors: 0)]),
            Event.Heard(
                server: index, boot: 1, at: Instant(nanoseconds: UInt64(now - 250_000_000))))
    }

    /// The kernel takes every step, and has had the connections that were reported.
    private mutating func follow(_ plan: Plan) {
        var weights: [MemberKey: Int] = [:]
        for case .setWeight(let service, let destination, _, let to, _) in plan.steps {
            weights[MemberKey(service: service, destination: destination)] = to.rawValue
        }
        for service in table.services.indices {
            let key = table.services[service].key
            for place in table.services[service].destinations.indices {
                let held = table.services[service].destinations[place]
                table.services[service].destinations[place] = Table.Destination(
                    key: held.key,
                    weight: weights[MemberKey(service: key, destination: held.key)] ?? held.weight,
                    activeConnections: 3,
                    scheduledConnections:
                        servers[service * Self.membersOfService + place].connections)
            }
        }
        _ = balancer.take(.applied(plan.steps))
    }

    /// What the host takes for the bare arithmetic: two logarithms and a power for each member.
    private func reference() -> Double {
        let start = MonotonicClock.now()
        var sum = 0.0
        for server in servers {
            let use = Double(server.busyTenthsOfMillisecond) + 1
            let rate = Double(server.requests) + 1
            sum += exp(0.75 * log(use / rate)) + log(rate)
        }
        let taken = MonotonicClock.now() - start
        // Never true, which the compiler does not know: the sum is not for nothing.
        return sum.isNaN ? .infinity : Double(taken) / 1e6
    }

    private func tell() {
        let reference = Self.median(referenceMilliseconds)
        let value = Self.median(milliseconds)
        Self.line(
            "pass_\(count)", value, "ms",
            more: ", \"reference\": \(reference), \"ratio\": \(value / reference)")
        Self.line("steps_\(count)", Double(steps) / Double(milliseconds.count), "1/pass")
    }

    private static func line(_ name: String, _ value: Double, _ unit: String, more: String = "") {
        print(
            "{\"bench\": \"decide\", \"name\": \"\(name)\", \"value\": \(value), "
                + "\"unit\": \"\(unit)\"\(more)}")
    }

    private static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }
}

/// The same numbers in each run: a linear congruence, of which the upper bits count.
private struct Dice {
    private var state: UInt64 = 1

    mutating func share() -> Double {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 11) / Double(UInt64(1) << 53)
    }
}
