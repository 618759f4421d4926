// Services and destinations that are made, set up anew and removed, on a played kernel.

import CNetlink
import Glibc
import Testing
import Weighting

@testable import IPVS

private let service = ServiceKey.address(.v4(0x0A00_0064), port: 53, .udp)
private let sixth = ServiceKey.firewallMark(7, .v6)

private func destination(_ number: Int) -> DestinationKey {
    DestinationKey(address: .v4(0x0A01_0000 + UInt32(number)), port: 80)
}

private let setups: [ServiceSetup] = [
    ServiceSetup(scheduler: .known(.wrr)),
    ServiceSetup(scheduler: .known(.mh), flags: [.fallback, .port]),
    ServiceSetup(
        scheduler: .known(.sed),
        persistence: ServiceSetup.Persistence(timeoutSeconds: 300, mask: 0xFFFF_FF00)),
    ServiceSetup(
        scheduler: .known(.rr),
        persistence: ServiceSetup.Persistence(timeoutSeconds: 7, mask: .max, engine: "sip"),
        isOnePacket: true),
]

private let forwardings: [Forwarding] = [
    .masquerading, .direct, .tunnel(Forwarding.Tunnel()),
    .tunnel(Forwarding.Tunnel(kind: .gue, port: 6_080, checksum: .remote)),
    .tunnel(Forwarding.Tunnel(kind: .gre, checksum: .full)),
]

@Test func `a service is made with all its destinations, and is read as it was declared`() throws {
    for setup in setups {
        let kernel = PlayedKernel()
        let table = kernel.table()
        let destinations = forwardings.enumerated().map { number, forwarding in
            Plan.Step.addDestination(
                service: service, destination: destination(number),
                setup: DestinationSetup(
                    forwarding: forwarding, upperConnections: 9, lowerConnections: 3),
                weight: Weight(clamping: number + 1))
        }
        let outcomes = table.apply(Plan(steps: [.makeService(service, setup)] + destinations))
        #expect(outcomes.allSatisfy { $0.result == .done })
        // 32 in a datagram, the service before what is in it.
        #expect(kernel.requests == 1)

        let held = try #require(try table.read([service])[service: service])
        #expect(held.setup == setup)
        #expect(held.scheduler == setup.scheduler)
        #expect(held.fallsBack == setup.fallsBack)
        #expect(held.details.map(\.setup.forwarding) == forwardings)
        #expect(held.details.allSatisfy { $0.setup.upperConnections == 9 })
        #expect(held.details.allSatisfy { $0.setup.lowerConnections == 3 })
        #expect(held.destinations.map(\.weight) == [1, 2, 3, 4, 5])
    }
}

@Test func `a service of IPv6 has a prefix where one of IPv4 has a mask`() throws {
    let kernel = PlayedKernel()
    let setup = ServiceSetup(
        scheduler: .known(.wrr),
        persistence: ServiceSetup.Persistence(timeoutSeconds: 60, mask: 64))
    _ = kernel.table().apply(Plan(steps: [.makeService(sixth, setup)]))
    #expect(kernel.services[0].netmask == 64)
    #expect(try kernel.table().read([sixth])[service: sixth]?.setup == setup)
}

@Test func `what is set up anew is so as a whole, and keeps its weight and its destinations`()
    throws
{
    let kernel = PlayedKernel()
    let table = kernel.table()
    _ = table.apply(
        Plan(steps: [
            .makeService(service, setups[3]),
            .addDestination(
                service: service, destination: destination(1),
                setup: DestinationSetup(forwarding: forwardings[3], upperConnections: 5),
                weight: Weight(clamping: 77)),
        ]))
    let outcomes = table.apply(
        Plan(steps: [
            .editService(service, setups[0]),
            .editDestination(
                service: service, destination: destination(1),
                setup: DestinationSetup(forwarding: .direct)),
        ]))
    #expect(outcomes.map(\.result) == [.done, .done])
    let held = try #require(try table.read([service])[service: service])
    #expect(held.setup == setups[0])
    #expect(held.details.map(\.setup) == [DestinationSetup(forwarding: .direct)])
    #expect(held.destinations.map(\.weight) == [77])
}

@Test func `what is there or gone already is said, and is no error`() {
    let kernel = PlayedKernel()
    let table = kernel.table()
    let make = Plan.Step.makeService(service, setups[0])
    let add = Plan.Step.addDestination(
        service: service, destination: destination(1), setup: DestinationSetup(),
        weight: Weight(clamping: 1))
    let remove = Plan.Step.removeDestination(service: service, destination: destination(1))
    let steps = [
        make, make, add, add, remove, remove, .removeService(service), .removeService(service),
        remove, .editService(service, setups[0]),
    ]
    #expect(
        table.apply(Plan(steps: steps)).map(\.result) == [
            .done, .alreadyThere, .done, .alreadyThere, .done, .destinationGone, .done,
            .serviceGone, .serviceGone, .serviceGone,
        ])
    #expect(kernel.services.isEmpty)
}

@Test func `a scheduler or an engine without its module is named with what to load`() throws {
    let kernel = PlayedKernel()
    kernel.modules = ["wrr"]
    let table = kernel.table()
    let results = table.apply(
        Plan(steps: [.makeService(service, setups[1]), .makeService(sixth, setups[3])])
    ).map(\.result)
    #expect(
        results == [
            .refused(.noScheduler("mh", engine: nil)), .refused(.noScheduler("rr", engine: "sip")),
        ])
    let text = IPVSError.noScheduler("rr", engine: "sip").description
    #expect(text.contains("modprobe ip_vs_rr") && text.contains("modprobe ip_vs_pe_sip"))
}

@Test func `the table in memory takes every step as the kernel's does`() throws {
    var dice = Dice(seed: 5)
    for _ in 0..<200 {
        let real = PlayedKernel().table()
        var memory = MemoryTable()
        for _ in 0..<4 {
            // The kernel's is read before the first step, so no plan makes what it changes later.
            let makes = Bool.random(using: &dice)
            let plan = Plan(steps: (0..<12).map { _ in randomStep(&dice, makes: makes) })
            #expect(memory.apply(plan) == real.apply(plan))
            #expect(try memory.read([service, sixth]) == real.read([service, sixth]))
            #expect(try Set(memory.services()) == Set(real.services()))
        }
    }
}

private func randomStep(_ dice: inout Dice, makes: Bool) -> Plan.Step {
    let key = Bool.random(using: &dice) ? service : sixth
    let place = destination(Int.random(in: 0..<3, using: &dice))
    let setup = DestinationSetup(forwarding: forwardings.randomElement(using: &dice) ?? .direct)
    let weight = Weight(clamping: Int.random(in: 0...2, using: &dice))
    // Its mask would be one of IPv4.
    let service = (key == sixth ? setups.dropLast(2) : setups[...]).randomElement(using: &dice)
    switch Int.random(in: makes ? 0...8 : 9...12, using: &dice) {
    case 0...2: return .makeService(key, service ?? setups[0])
    case 3: return .editService(key, service ?? setups[0])
    case 4: return .removeService(key)
    case 5...7:
        return .addDestination(service: key, destination: place, setup: setup, weight: weight)
    case 8: return .removeDestination(service: key, destination: place)
    case 9: return .editDestination(service: key, destination: place, setup: setup)
    default:
        return .setWeight(
            service: key, destination: place, from: Int.random(in: 0...2, using: &dice),
            to: weight)
    }
}

@Test func `all services are listed, whosever they are, each once`() throws {
    let kernel = PlayedKernel()
    let keys: [ServiceKey] = [service, sixth, .firewallMark(3, .v4)]
    kernel.services = keys.map { PlayedKernel.Service(key: $0) }
    #expect(try kernel.table().services() == keys)
    #expect(try PlayedKernel().table().services() == [])
}

@Test func `timeouts are read, and those that are given are set`() throws {
    let kernel = PlayedKernel()
    kernel.configuration = [
        Int(IPVS_CMD_ATTR_TIMEOUT_TCP): 900, Int(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN): 120,
        Int(IPVS_CMD_ATTR_TIMEOUT_UDP): 300,
    ]
    let table = kernel.table()
    #expect(try table.timeouts() == Timeouts(tcp: 900, tcpFin: 120, udp: 300))
    try table.set(Timeouts(tcpFin: 20))
    #expect(try table.timeouts() == Timeouts(tcp: 900, tcpFin: 20, udp: 300))
    kernel.configuration = [:]
    #expect(throws: IPVSError.self) { try table.timeouts() }
}

@Test func `sync daemons of both roles are started, listed and stopped`() throws {
    let kernel = PlayedKernel()
    let table = kernel.table()
    let master = SyncDaemon(
        role: .master, id: 5, interface: "eth1", group: Address("224.0.0.99"), port: 8_849, ttl: 2,
        mostBytes: 1_400)
    let backup = SyncDaemon(role: .backup, id: 0, interface: "eth1", group: Address("ff05::99"))
    try table.start(master)
    try table.start(backup)
    #expect(try table.daemons() == [master, backup])
    #expect(throws: IPVSError.refused(to: master.startAction, errno: EEXIST)) {
        try table.start(master)
    }
    try table.stop(master)
    #expect(try table.daemons() == [backup])
    #expect(SyncDaemon(role: .backup, id: 0, interface: "eth1").isMet(by: backup))
    #expect(!SyncDaemon(role: .backup, id: 1, interface: "eth1").isMet(by: backup))
}

@Test func `beside kube-proxy nothing is read or written`() throws {
    let kernel = PlayedKernel()
    kernel.services = [PlayedKernel.Service(key: service)]
    kernel.isOfKubeProxy = true
    let table = kernel.table()
    #expect(throws: IPVSError.ownedByKubeProxy) { try table.read([service]) }
    let outcomes = table.apply(Plan(steps: [.removeService(service)]))
    #expect(outcomes.map(\.result) == [.refused(.ownedByKubeProxy)])
    #expect(kernel.requests == 0)
    #expect(IPVSError.ownedByKubeProxy.description.contains("kube-ipvs0"))
}
