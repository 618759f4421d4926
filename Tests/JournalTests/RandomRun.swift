// A made-up director and its servers, with all that may happen to them, for recordings to be of.

import Protocol
import Weighting

@testable import Journal

/// The same numbers for the same seed.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_F491_4F6C_DD1D
    }
}

/// Events of a cluster whose weights act on what its servers report.
struct RandomRun {
    private var dice: Dice
    private(set) var balancer: Balancer
    private(set) var now = Instant(nanoseconds: 5_000_000_000)
    private(set) var table: Table
    private var servers: [Server]
    private var cluster: Cluster
    private var orders: [Order] = []
    private var orderCount: UInt64 = 0
    /// Of the writes, which the kernel does not take.
    private let refusedShare: Double

    private struct Server {
        var boot: UInt32
        var clock: UInt32
        var cpu: UInt32 = 0
        var requests: UInt32 = 0
        var errors: UInt32 = 0
        var state = HostState.up
        var silentUntil: UInt64 = 0
        var isFailing = false
    }

    /// What happened, with the decision where it was a tick.
    enum Step {
        case report(Report, Event.Heard)
        case tick(Table, Decision, applied: [Plan.Step])
        case adopted(Cluster)
        case checked(Checked)
        case ordered([Order])
    }

    init(seed: UInt64, serverCount: Int = 6, refusedShare: Double = 0.05) {
        dice = Dice(seed: seed)
        self.refusedShare = refusedShare
        cluster = Self.cluster(serverCount: serverCount, policy: Policy(), isSmall: false)
        balancer = Balancer(cluster)
        servers = (0..<serverCount).map { Server(boot: UInt32($0 + 1), clock: UInt32($0) * 77) }
        table = Table(
            services: cluster.services.map { service in
                Table.Service(
                    key: service.key, scheduler: .known(service.name == "web" ? .wlc : .wrr),
                    destinations: service.members.map {
                        // Two are at 0 from the start, one of them by an order.
                        Table.Destination(
                            key: $0.destination,
                            weight: service.name == "api" && (1...2).contains($0.server) ? 0 : 1000)
                    })
            })
        // In force before anything is decided, as after a restart.
        orders = [order(server: 1, .drain)]
        _ = balancer.take(.ordered(orders))
    }

    private mutating func order(
        server: Int, _ action: Order.Action, service: String? = nil, isForced: Bool = false
    ) -> Order {
        orderCount += 1
        return Order(
            id: orderCount, server: "r\(server)", service: service, action: action,
            reason: "by chance", owner: "alice", isForced: isForced)
    }

    /// Somebody orders something, or an order ends.
    private mutating func changeOrders() -> Step {
        if chance(0.5), !orders.isEmpty {
            orders.removeFirst()
        } else {
            let weight = Weight(clamping: .random(in: 0...1_500, using: &dice))
            orders.append(
                order(
                    server: .random(in: 0..<servers.count, using: &dice),
                    chance(0.5) ? .drain : .weight(weight),
                    service: chance(0.3) ? "api" : nil, isForced: chance(0.2)))
        }
        _ = balancer.take(.ordered(orders))
        return .ordered(orders)
    }

    /// A check found something.
    private mutating func check() -> Step? {
        guard let service = cluster.services.first(where: \.hasChecks),
            let member = service.members.randomElement(using: &dice)
        else { return nil }
        let checked = Checked(
            member: MemberKey(service: service.key, destination: member.destination),
            isUp: chance(0.6), text: "tcp: connection refused", at: now)
        _ = balancer.take(.checked(checked))
        return .checked(checked)
    }

    private static func cluster(serverCount: Int, policy: Policy, isSmall: Bool) -> Cluster {
        func members(_ port: UInt16, _ servers: Range<Int>) -> [Cluster.Member] {
            servers.map {
                Cluster.Member(
                    server: $0,
                    destination: DestinationKey(
                        address: .v4(0x0A00_0001 + UInt32($0)), port: port),
                    nominalCapacity: $0 == 0 ? 2 : 1)
            }
        }
        var apiPolicy = Policy()
        apiPolicy.resources.ioPressure = 0.5
        return Cluster(
            servers: (0..<serverCount).map { Cluster.Server(name: "r\($0)") },
            services: [
                Cluster.Service(
                    name: "web", key: .address(.v4(0x0A00_0050), port: 80, .tcp),
                    members: members(80, 0..<serverCount), hasChecks: true,
                    quorum: Quorum(least: .share(0.5), hysteresis: .members(1)),
                    sorry: DestinationKey(address: .v4(0x0A00_00FE), port: 80)),
                Cluster.Service(
                    name: "api", key: .firewallMark(7, .v6),
                    members: members(81, 0..<(isSmall ? 2 : serverCount / 2 + 1)),
                    policy: apiPolicy),
            ], policy: policy)
    }

    /// Goes on by tenths of a second and says what happened in them.
    mutating func advance(_ count: Int) -> [Step] {
        var steps: [Step] = []
        advance(count) { step, _, _ in
            steps.append(step)
        } beforeTick: { _ in
        }
        return steps
    }

    /// The same, telling of each step when the balancer knows of it and of none behind it.
    mutating func advance(
        _ count: Int, _ body: (Step, Balancer, Instant) -> Void, beforeTick: (Balancer) -> Void
    ) {
        for index in 0..<count {
            now = now.advanced(bySeconds: Double.random(in: 0.095...0.1, using: &dice))
            for server in servers.indices where (index + server).isMultiple(of: 5) {
                if let report = report(of: server) { body(report, balancer, now) }
            }
            if index.isMultiple(of: 5) {
                beforeTick(balancer)
                if let tick = tick() { body(tick, balancer, now) }
            }
            if chance(0.004) { body(reload(), balancer, now) }
            if chance(0.01) { body(changeOrders(), balancer, now) }
            if chance(0.05), let step = check() { body(step, balancer, now) }
        }
    }

    private mutating func chance(_ share: Double) -> Bool {
        Double.random(in: 0..<1, using: &dice) < share
    }

    private mutating func report(of index: Int) -> Step? {
        if chance(0.01) {
            servers[index].silentUntil =
                now.advanced(bySeconds: .random(in: 1...12, using: &dice)).nanoseconds
        }
        if chance(0.01) {
            servers[index].state =
                [HostState.up, .up, .draining, .down, .warming].randomElement(using: &dice) ?? .up
        }
        if chance(0.005) {
            servers[index] = Server(boot: .random(in: 1...UInt32.max, using: &dice), clock: 0)
        }
        if chance(0.01) { servers[index].isFailing.toggle() }
        let requests = UInt32.random(in: 10...60, using: &dice)
        servers[index].clock &+= .random(in: 4_990...5_010, using: &dice)
        servers[index].cpu &+= .random(in: 500...9_000, using: &dice)
        servers[index].requests &+= requests
        servers[index].errors &+= servers[index].isFailing ? requests * 4 / 5 : 0
        guard now.nanoseconds >= servers[index].silentUntil, !chance(0.02) else { return nil }
        let server = servers[index]
        let web = ServiceID(name: "web")
        var report = Report(
            state: server.state, reason: server.state == .down ? .localCheck : .none,
            flags: chance(0.01) ? .sampleStale : [], intervalMilliseconds: 500,
            sampleAgeMilliseconds: UInt16.random(in: 0...3, using: &dice),
            clockTenthsOfMillisecond: server.clock,
            host: HostLoad(
                cpuBusyTenthsOfMillisecond: server.cpu,
                runnableTenthsOfMillisecond: chance(0.1) ? nil : server.cpu &* 2,
                coresHundredths: 200, memoryAvailableTenThousandths: 4_000))
        if !chance(0.1) {
            report.services = [ServiceLoad(id: web, state: .up, inFlight: 12, queue: 0)]
            report.requests = [
                RequestCounters(
                    id: web, p99Microseconds: 1_024, requests: server.requests,
                    errors: server.errors)
            ]
        }
        report.pressure = Pressure(
            memoryFullTenthsOfMillisecond: server.cpu / 50,
            ioFullTenthsOfMillisecond: server.cpu / 20)
        if index == 1 {
            let api = ServiceID(name: "api")
            report.services.append(
                ServiceLoad(id: api, state: chance(0.1) ? .draining : .up, reason: .operator))
            report.requests.append(RequestCounters(id: api, requests: server.requests / 2))
            report.pressure?.cpuSomeTenthsOfMillisecond = server.cpu / 3
        }
        if server.clock % 32 == 3 {
            // A full datagram, in which its service is not named.
            report.requests = []
            report.services = (0..<Report.serviceLimit).map {
                ServiceLoad(id: ServiceID(name: "other\($0)"), state: .up)
            }
        }
        if chance(0.02) { report.info = AgentInfo(agentVersion: 0x10000, uptimeSeconds: 9) }
        let heard = Event.Heard(
            server: index, boot: server.boot, isDuplicateIdentity: chance(0.005), at: now)
        _ = balancer.take(.report(report, heard))
        return .report(report, heard)
    }

    private mutating func tick() -> Step? {
        if chance(0.01) { now = now.advanced(bySeconds: 1.5) }
        for service in table.services.indices {
            for place in table.services[service].destinations.indices {
                let old = table.services[service].destinations[place]
                table.services[service].destinations[place] = Table.Destination(
                    key: old.key,
                    weight: chance(0.004) ? .random(in: 0...2_000, using: &dice) : old.weight,
                    activeConnections: .random(in: 0...30, using: &dice),
                    inactiveConnections: chance(0.5)
                        ? old.inactiveConnections : .random(in: 0...9, using: &dice),
                    scheduledConnections: chance(0.005)
                        ? 0 : old.scheduledConnections + .random(in: 0...50, using: &dice))
            }
        }
        var read = table
        if chance(0.01) { read.services.removeLast() }
        if chance(0.01) { read.services[0].destinations.removeFirst() }
        guard let decision = balancer.take(.tick(at: now, table: read)) else { return nil }
        let applied = decision.plan.steps.filter { _ in !chance(refusedShare) }
        for case .setWeight(let service, let destination, _, let weight, _) in applied {
            for index in table.services.indices where table.services[index].key == service {
                for place in table.services[index].destinations.indices
                where table.services[index].destinations[place].key == destination {
                    table.services[index].destinations[place].weight = weight.rawValue
                }
            }
        }
        _ = balancer.take(.applied(applied))
        return .tick(read, decision, applied: applied)
    }

    private mutating func reload() -> Step {
        var policy = Policy()
        policy.deadband = .random(in: 0.01...0.2, using: &dice)
        cluster = Self.cluster(
            serverCount: servers.count, policy: policy, isSmall: chance(0.5))
        balancer.adopt(cluster)
        return .adopted(cluster)
    }
}
