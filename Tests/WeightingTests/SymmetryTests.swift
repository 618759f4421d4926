// Neither the order in which things are named nor the scale of what was declared changes a weight.

import Protocol
import Testing

@testable import Weighting

/// Three services that share eight servers, told in some order and on some scale.
private struct Account {
    var balancer: Balancer
    private var table: Table
    /// Where each server is in this account's order.
    private let places: [Int]

    struct Declared {
        let name: String
        let key: ServiceKey
        let scheduler: Scheduler.Known
        let members: [(server: Int, nominal: Double)]
    }

    static let serverCount = 8

    init(
        _ services: [Declared], scale: Double = 1,
        order: (Int) -> [Int] = { Array(0..<$0) }
    ) {
        let names = order(Self.serverCount)
        var places = Array(repeating: 0, count: Self.serverCount)
        for (place, server) in names.enumerated() { places[server] = place }
        self.places = places
        let told = order(services.count).map { services[$0] }
        let members = told.map { service in
            order(service.members.count).map { service.members[$0] }
        }
        balancer = Balancer(
            Cluster(
                servers: names.map { Cluster.Server(name: "r\($0)") },
                services: zip(told, members).map { service, members in
                    Cluster.Service(
                        name: service.name, key: service.key,
                        members: members.map {
                            Cluster.Member(
                                server: places[$0.server],
                                destination: Bench.destination($0.server),
                                nominalCapacity: $0.nominal * scale)
                        })
                }))
        table = Table(
            services: zip(told, members).map { service, members in
                Table.Service(
                    key: service.key, scheduler: .known(service.scheduler),
                    destinations: members.map {
                        Table.Destination(key: Bench.destination($0.server), weight: 1)
                    })
            })
    }

    mutating func hear(_ report: Report, server: Int, at now: Instant) {
        _ = balancer.take(
            .report(report, Event.Heard(server: places[server], boot: 1, at: now)))
    }

    mutating func setByHand(_ service: ServiceKey, _ server: Int, _ weight: Int) {
        for index in table.services.indices where table.services[index].key == service {
            set(index, Bench.destination(server), weight)
        }
    }

    private mutating func set(_ index: Int, _ key: DestinationKey, _ weight: Int) {
        for place in table.services[index].destinations.indices
        where table.services[index].destinations[place].key == key {
            table.services[index].destinations[place].weight = weight
        }
    }

    mutating func tick(at now: Instant) {
        let steps = balancer.take(.tick(at: now, table: table))?.plan.steps ?? []
        for case .setWeight(let service, let destination, _, let weight, _) in steps {
            for index in table.services.indices where table.services[index].key == service {
                set(index, destination, weight.rawValue)
            }
        }
        _ = balancer.take(.applied(steps))
    }

    var weights: [MemberKey: Int] {
        var weights: [MemberKey: Int] = [:]
        for service in table.services {
            for destination in service.destinations {
                weights[MemberKey(service: service.key, destination: destination.key)] =
                    destination.weight
            }
        }
        return weights
    }
}

/// Servers that serve by their weights, fail, fall silent and ask for drains.
private struct Life {
    var dice: SplitMix
    let services: [Account.Declared]
    private var servers = (0..<Account.serverCount).map { _ in Server() }
    private(set) var now = Instant(nanoseconds: 1_000_000_000)
    private var clock: UInt32 = 0

    private struct Server {
        var capacity = 40.0
        var failing = 0.0
        var isSilent = false
        var state = HostState.up
        var busy = 0.0
        /// By service.
        var requests = [0.0, 0, 0]
        var errors = [0.0, 0, 0]
    }

    init(seed: UInt64) {
        dice = SplitMix(state: seed)
        let known: [Scheduler.Known] = [.sed, .wrr, .wlc, .mh]
        var services: [Account.Declared] = []
        for index in 0..<3 {
            let count = 3 + Int(dice.next() % 6)
            let members = (0..<Account.serverCount).shuffled(using: &dice).prefix(count)
            var declared: [(server: Int, nominal: Double)] = []
            for server in members { declared.append((server, [0.5, 1, 2][Int(dice.next() % 3)])) }
            services.append(
                Account.Declared(
                    name: "s\(index)",
                    key: .address(.v4(100 + UInt32(index)), port: 80, .tcp),
                    scheduler: known[Int(dice.next() % 4)], members: declared))
        }
        self.services = services
        for place in servers.indices { servers[place].capacity = 20 + 60 * dice.unit() }
    }

    /// Half a second passes, under these weights; a hand that sets one, perhaps.
    mutating func pass(_ weights: [MemberKey: Int]) -> (ServiceKey, Int, Int)? {
        now = now.advanced(bySeconds: 0.5)
        clock &+= 5000
        let hand = happen()
        for (index, service) in services.enumerated() {
            let sum = service.members.reduce(0) { $0 + weight($1.server, service, weights) }
            for member in service.members {
                let asked = 80 * weight(member.server, service, weights) / max(sum, 1)
                servers[member.server].requests[index] += asked / 2
                servers[member.server].errors[index] +=
                    asked / 2 * servers[member.server].failing
                servers[member.server].busy +=
                    asked / 2 * (1 - servers[member.server].failing)
                    / servers[member.server].capacity
            }
        }
        return hand
    }

    private func weight(
        _ server: Int, _ service: Account.Declared, _ weights: [MemberKey: Int]
    ) -> Double {
        let key = MemberKey(service: service.key, destination: Bench.destination(server))
        return Double(weights[key] ?? 0)
    }

    /// One thing at a time: of two that ask in the same tick the first in the list goes first.
    private mutating func happen() -> (ServiceKey, Int, Int)? {
        guard dice.next() % 5 == 0 else { return nil }
        let place = Int(dice.next() % UInt64(Account.serverCount))
        switch dice.next() % 6 {
        case 0: servers[place].failing = [0, 0, 0.5, 1][Int(dice.next() % 4)]
        case 1: servers[place].isSilent.toggle()
        case 2:
            let states: [HostState] = [.up, .up, .up, .draining, .down]
            servers[place].state = states[Int(dice.next() % 5)]
        case 3: servers[place].capacity = 20 + 60 * dice.unit()
        case 4:
            let service = services[Int(dice.next() % 3)]
            return (service.key, place, [0, 1, 500][Int(dice.next() % 3)])
        default: break
        }
        return nil
    }

    func report(_ server: Int) -> Report? {
        let told = servers[server]
        guard !told.isSilent else { return nil }
        var report = Report(
            state: told.state, reason: .none, intervalMilliseconds: 500,
            clockTenthsOfMillisecond: clock)
        report.host = HostLoad(
            cpuBusyTenthsOfMillisecond: UInt32(told.busy * 10_000),
            runnableTenthsOfMillisecond: 0, coresHundredths: 100,
            memoryAvailableTenThousandths: nil)
        for (index, service) in services.enumerated()
        where service.members.contains(where: { $0.server == server }) {
            report.requests.append(
                RequestCounters(
                    id: ServiceID(name: service.name), p99Microseconds: nil,
                    requests: UInt32(told.requests[index]), errors: UInt32(told.errors[index])))
        }
        return report
    }
}

private func expectSame(seed: UInt64, _ makeOther: ([Account.Declared]) -> Account) {
    var life = Life(seed: seed)
    var accounts = [Account(life.services), makeOther(life.services)]
    var isMoving = false
    for tick in 0..<150 {
        let before = accounts[0].weights
        let hand = life.pass(before)
        for index in accounts.indices {
            if let hand { accounts[index].setByHand(hand.0, hand.1, hand.2) }
            for server in 0..<Account.serverCount {
                if let report = life.report(server) {
                    accounts[index].hear(report, server: server, at: life.now)
                }
            }
            accounts[index].tick(at: life.now)
        }
        isMoving = isMoving || accounts[0].weights != before
        guard accounts[0].weights == accounts[1].weights else {
            Issue.record("seed \(seed), tick \(tick)")
            return
        }
    }
    #expect(isMoving)
}

@Test(arguments: UInt64(0)..<60)
func `the order of servers, services and members changes no weight`(seed: UInt64) {
    var dice = SplitMix(state: seed + 900)
    expectSame(seed: seed) { services in
        Account(services) { Array(0..<$0).shuffled(using: &dice) }
    }
}

@Test(arguments: UInt64(100)..<130)
func `capacities that are all declared three times as large change no weight`(seed: UInt64) {
    expectSame(seed: seed) { Account($0, scale: 3) }
}
