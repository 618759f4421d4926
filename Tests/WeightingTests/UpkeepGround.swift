// A table under upkeep, for its tests.

@testable import Weighting

let webService = ServiceKey.address(.v4(0x0A00_0064), port: 80, .tcp)
let mailService = ServiceKey.firewallMark(7, .v4)

func destinationKey(_ number: UInt32) -> DestinationKey {
    DestinationKey(address: .v4(0x0A00_000A + number), port: 80)
}

/// A service whose members can carry what their numbers say: 1, 2, 3.
func declaredService(
    _ name: ServiceKey = webService, members: ClosedRange<UInt32> = 1...3,
    scheduler: Scheduler = .known(.wrr), setup: DestinationSetup = DestinationSetup()
) -> Declaration.Service {
    Declaration.Service(
        key: name, setup: ServiceSetup(scheduler: scheduler),
        members: members.map {
            Declaration.Member(key: destinationKey($0), setup: setup, capacity: Double($0))
        })
}

/// A table that upkeep is let loose on, and that tests change behind its back.
struct UpkeepGround {
    var table = Table()
    var upkeep: Upkeep
    var now = Instant(nanoseconds: 1_000_000_000)
    /// What was left for weights by the newest tick.
    var left = Table()
    var availability = Upkeep.Availability()

    init(
        _ services: [Declaration.Service], rule: Drift.Rule = .reassert,
        holdings: Holdings = Holdings()
    ) {
        upkeep = Upkeep(
            Declaration(services: services), rule: rule, leaveSeconds: 60, holdings: holdings)
    }

    @discardableResult
    mutating func tick(_ seconds: Double = 0.5) -> Upkeep.Pass {
        now = now.advanced(bySeconds: seconds)
        let read = Table(services: upkeep.keys.compactMap { table[service: $0] })
        let pass = upkeep.pass(on: read, at: now, availability)
        let effects = table.apply(pass.plan.steps)
        let taken = zip(pass.plan.steps, effects).filter { $1 == .done }.map(\.0)
        left = upkeep.finish(taken, on: read)
        return pass
    }

    mutating func adopt(_ services: [Declaration.Service], isConfirmed: Bool = false) {
        upkeep.adopt(
            Declaration(services: services), rule: upkeep.rule, leaveSeconds: 60,
            isRemovalConfirmed: isConfirmed)
    }

    /// As the balancer does it.
    mutating func write(_ weight: Int, of destination: DestinationKey, in service: ServiceKey) {
        let from = table[service: service]?[destination]?.weight ?? 0
        let step = Plan.Step.setWeight(
            service: service, destination: destination, from: from, to: Weight(clamping: weight))
        _ = table.apply([step])
        upkeep.wrote([step])
    }

    /// As ipvsadm does it.
    mutating func setBehind(_ weight: Int, of destination: DestinationKey) {
        for place in table.services[0].destinations.indices
        where table.services[0].destinations[place].key == destination {
            table.services[0].destinations[place].weight = weight
        }
    }

    mutating func connect(_ count: Int, to destination: DestinationKey) {
        for place in table.services[0].destinations.indices
        where table.services[0].destinations[place].key == destination {
            let held = table.services[0].destinations[place]
            table.services[0].destinations[place] = Table.Destination(
                key: held.key, weight: held.weight, activeConnections: count)
        }
    }

    func weights(_ service: ServiceKey? = nil) -> [Int]? {
        table[service: service ?? webService]?.destinations.map(\.weight)
    }
}
