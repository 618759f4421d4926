// Reading a played kernel that changes, errs and refuses meanwhile.

import CNetlink
import Glibc
import Testing
import Weighting

@testable import IPVS

private func kernel(destinations count: UInt32) throws -> (PlayedKernel, ServiceKey) {
    let kernel = PlayedKernel()
    let key = try #require(ServiceKey("10.0.0.100:80/tcp"))
    let destinations = (0..<count).map {
        PlayedKernel.Destination(
            DestinationKey(address: .v4(0x0A00_000B + $0), port: 80), weight: $0 + 1)
    }
    kernel.services = [PlayedKernel.Service(key: key, destinations: destinations)]
    return (kernel, key)
}

@Test func `services are read in the order asked for, with every destination`() throws {
    let (kernel, key) = try kernel(destinations: 5)
    kernel.services[0].destinations[4].scheduledConnections = 1 << 40
    let empty = try #require(ServiceKey("fwmark:9/ipv6"))
    kernel.services.append(PlayedKernel.Service(key: empty, scheduler: "later"))

    let table = try kernel.table().read([empty, key])
    #expect(table.services.map(\.key) == [empty, key])
    #expect(table.services[0].destinations.isEmpty)
    #expect(table.services[0].scheduler == .unknown("later"))
    #expect(table.services[1].destinations.map(\.weight) == [1, 2, 3, 4, 5])
    #expect(table.services[1].destinations[4].scheduledConnections == 1 << 40)
    #expect(try MemoryTable(table).read([key, empty]) == kernel.table().read([key, empty]))
}

@Test func `a service that is not there is left out`() throws {
    let (kernel, key) = try kernel(destinations: 1)
    let absent = ServiceKey.firewallMark(5, .v4)
    #expect(try kernel.table().read([absent, key]).services.map(\.key) == [key])
    #expect(try PlayedKernel().table().read([absent, key]) == Table())
}

@Test func `services that nobody asked for are not looked at`() throws {
    let (kernel, key) = try kernel(destinations: 2)
    kernel.services += (1...1_000).map {
        PlayedKernel.Service(key: .firewallMark($0, .v4), isTold: .withoutScheduler)
    }
    #expect(try kernel.table().read([key]).services.map(\.key) == [key])
    #expect(kernel.requests == 3)

    let everything = kernel.table()
    let before = kernel.requests
    #expect(try everything.read([]) == Table())
    #expect(kernel.requests == before)
}

@Test(arguments: [
    PlayedKernel.Service.Told.withoutScheduler, .notAtAll, .underAnotherName,
])
func `a service that is told wrongly is no absent one`(told: PlayedKernel.Service.Told) throws {
    let (kernel, key) = try kernel(destinations: 1)
    let odd = ServiceKey.firewallMark(5, .v4)
    kernel.services.append(PlayedKernel.Service(key: odd, isTold: told))
    let table = kernel.table()
    #expect(throws: IPVSError.inconsistent(to: "read fwmark:5", .malformed("a service"))) {
        try table.read([key, odd])
    }
    #expect(try table.read([key]).services.map(\.key) == [key])
}

@Test(arguments: [0, 1, 2])
func
    `row 11 of the failures: a service that vanishes during its dump is gone, not empty or shorter`(
        part: Int
    ) throws
{
    let (kernel, key) = try kernel(destinations: 4)
    kernel.beforePart = { if $0 == part { kernel.services = [] } }
    #expect(try kernel.table().read([key]) == Table())
}

@Test func `row 12 of the failures: a destination that a shifted dump tells twice is there once`()
    throws
{
    let (kernel, key) = try kernel(destinations: 3)
    let added = PlayedKernel.Destination(
        DestinationKey(address: .v4(0x0A00_0001), port: 80), weight: 9)
    kernel.beforePart = { if $0 == 1 { kernel.services[0].destinations.insert(added, at: 0) } }
    let destinations = try #require(try kernel.table().read([key])[service: key]).destinations
    #expect(destinations.map(\.weight) == [1, 2, 3])
}

@Test(arguments: [
    PlayedKernel.Fault.interrupted, .cut, .ofAnotherRequest, .overrun,
])
func `rows 13 and 14 of the failures: a faulty answer is asked for again, three times in all`(
    fault: PlayedKernel.Fault
) throws {
    let (kernel, key) = try kernel(destinations: 3)
    let wanted = try kernel.table().read([key])

    kernel.faults = [fault, fault]
    let table = kernel.table()
    let before = kernel.openings
    #expect(try table.read([key]) == wanted)
    #expect(kernel.openings == before + 3)

    kernel.faults = [fault, fault, fault]
    let error = #expect(throws: IPVSError.self) { try table.read([key]) }
    guard case .inconsistent(to: "read \(key)", _) = error else {
        Issue.record("\(error.debugDescription)")
        return
    }
    #expect(try table.read([key]) == wanted)
}

@Test func `a fault in the middle of a dump leaves nothing of it`() throws {
    let (kernel, key) = try kernel(destinations: 6)
    // GET_SERVICE and its end, the first part; then the second part is cut.
    kernel.faults = [nil, nil, nil, .cut]
    let destinations = try #require(try kernel.table().read([key])[service: key]).destinations
    #expect(destinations.map(\.weight) == [1, 2, 3, 4, 5, 6])
}

@Test func `a silent kernel is waited for once`() throws {
    let (kernel, key) = try kernel(destinations: 1)
    kernel.faults = [.silent]
    #expect(throws: IPVSError.inconsistent(to: "read \(key)", .silence)) {
        try kernel.table().read([key, .firewallMark(5, .v4)])
    }
    #expect(kernel.requests == 1)
}

@Test func `row 16 of the failures: a process without the capability is told so`() throws {
    let (kernel, key) = try kernel(destinations: 1)
    kernel.refusal = EPERM
    #expect(throws: IPVSError.notPermitted) { try kernel.table().read([key]) }
}

@Test func `a refused read says what was asked`() throws {
    let (kernel, key) = try kernel(destinations: 1)
    kernel.refusal = EINVAL
    #expect(throws: IPVSError.refused(to: "read \(key)", errno: EINVAL)) {
        try kernel.table().read([key])
    }
}

@Test func `row 15 of the failures: a table outlives a module that comes, goes and comes back`()
    throws
{
    let (kernel, key) = try kernel(destinations: 1)
    let table = kernel.table()
    kernel.isLoaded = false
    #expect(throws: IPVSError.moduleNotLoaded) { try table.read([key]) }

    kernel.isLoaded = true
    #expect(try table.read([key])[service: key] != nil)

    // The kernel says ENOENT to the number of a family it no longer has.
    kernel.refusal = ENOENT
    kernel.isLoaded = false
    #expect(throws: IPVSError.moduleNotLoaded) { try table.read([key]) }

    kernel.refusal = nil
    kernel.isLoaded = true
    #expect(try table.read([key])[service: key] != nil)
}
