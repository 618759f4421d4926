// Servers in two services: one machine each, whose load is counted once.

import Protocol
import Testing

@testable import Weighting

/// Three machines; web on all of them, mail on some, each request of either 10 ms of a core.
private struct Machines {
    static let mailKey = ServiceKey.address(.v4(0x0A00_0065), port: 25, .tcp)
    private static let ids = [ServiceID(name: "web"), ServiceID(name: "mail")]
    private static let keys = [Bench.key, mailKey]

    private var balancer: Balancer
    /// By service and member.
    var weights: [[Int]]
    private let members: [[Int]]
    /// Of each service, requests a second in all.
    private let demand: [Double]
    private var requests = [[0.0, 0, 0], [0.0, 0, 0]]
    private var busy = [0.0, 0, 0]
    var use = [0.0, 0, 0]
    private var tick = 0
    private var dice = SplitMix(state: 5)
    var noise = 0.0

    init(demand: [Double], mailOn mail: [Int]) {
        self.demand = demand
        let places = [[0, 1, 2], mail]
        members = places
        weights = places.map { $0.map { _ in 1000 } }
        func service(_ name: String, _ index: Int) -> Cluster.Service {
            Cluster.Service(
                name: name, key: Self.keys[index],
                members: places[index].map {
                    Cluster.Member(server: $0, destination: Bench.destination($0))
                })
        }
        balancer = Balancer(
            Cluster(
                servers: ["r1", "r2", "r3"].map { .init(name: $0) },
                services: [service("web", 0), service("mail", 1)]))
    }

    /// One interval.
    mutating func pass() {
        tick += 1
        let now = Instant(nanoseconds: UInt64(tick) * 500_000_000)
        use = [0, 0, 0]
        for service in 0...1 {
            let sum = Double(weights[service].reduce(0, +))
            for (place, server) in members[service].enumerated() {
                let part = Double(weights[service][place]) / sum
                let rate = demand[service] * part * (1 + noise * (2 * dice.unit() - 1))
                requests[service][server] += rate / 2
                use[server] = min(1, use[server] + rate / 100)
            }
        }
        for server in 0..<3 {
            busy[server] += use[server] / 2
            var report = Report(
                state: .up, intervalMilliseconds: 500,
                clockTenthsOfMillisecond: UInt32(tick * 5_000))
            report.host = HostLoad(
                cpuBusyTenthsOfMillisecond: UInt32(busy[server] * 10_000), coresHundredths: 100)
            report.requests = (0...1).map {
                RequestCounters(
                    id: Self.ids[$0], requests: UInt32(requests[$0][server]), errors: 0)
            }
            _ = balancer.take(.report(report, Event.Heard(server: server, boot: 1, at: now)))
        }
        let table = Table(
            services: (0...1).map { service in
                Table.Service(
                    key: Self.keys[service], scheduler: .known(.wlc),
                    destinations: members[service].indices.map {
                        Table.Destination(
                            key: Bench.destination(members[service][$0]),
                            weight: weights[service][$0])
                    })
            })
        for step in balancer.take(.tick(at: now, table: table))?.plan.steps ?? [] {
            guard case .setWeight(let key, let destination, _, let to, _) = step,
                let service = Self.keys.firstIndex(of: key),
                let place = members[service].firstIndex(where: {
                    Bench.destination($0) == destination
                })
            else { continue }
            weights[service][place] = to.rawValue
        }
    }
}

@Test func `a service leaves a machine what another service needs there`() {
    // Mail takes 0.3 of the second machine, and nobody else serves it.
    var machines = Machines(demand: [180, 30], mailOn: [1])
    for _ in 0..<600 { machines.pass() }
    // 2.1 machines' worth of work over three.
    for use in machines.use { #expect(abs(use - 0.7) < 0.06) }
}

@Test func `a small service beside a busy one on the same machines does not walk`() {
    var machines = Machines(demand: [180, 3], mailOn: [0, 1, 2])
    machines.noise = 0.5
    for _ in 0..<4_000 { machines.pass() }
    for weight in machines.weights[1] { #expect((600...1500).contains(weight)) }
    for use in machines.use { #expect(abs(use - 0.61) < 0.25) }
}
