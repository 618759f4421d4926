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

@Test func `a table is read with every service and destination`() throws {
    let (kernel, key) = try kernel(destinations: 5)
    kernel.services[0].destinations[4].scheduledConnections = 1 << 40
    let empty = try #require(ServiceKey("fwmark:9/ipv6"))
    kernel.services.append(PlayedKernel.Service(key: empty, scheduler: "later"))

    let table = try kernel.table().read()
    #expect(table.services.map(\.key) == [key, empty])
    #expect(table.services[0].destinations.map(\.weight) == [1, 2, 3, 4, 5])
    #expect(table.services[0].destinations[4].scheduledConnections == 1 << 40)
    #expect(table.services[1].destinations.isEmpty)
    #expect(table.services[1].scheduler == .unknown("later"))
}

@Test func `a kernel without services has an empty table`() throws {
    #expect(try PlayedKernel().table().read() == Table())
}

@Test(arguments: [0, 1, 2])
func `a service that vanishes during its dump is gone, not empty or shorter`(part: Int) throws {
    let (kernel, _) = try kernel(destinations: 4)
    kernel.beforePart = { if $0 == part { kernel.services = [] } }
    #expect(try kernel.table().read() == Table())
}

@Test func `a destination that a shifted dump tells twice is there once`() throws {
    let (kernel, key) = try kernel(destinations: 3)
    let added = PlayedKernel.Destination(
        DestinationKey(address: .v4(0x0A00_0001), port: 80), weight: 9)
    kernel.beforePart = { if $0 == 1 { kernel.services[0].destinations.insert(added, at: 0) } }
    let destinations = try #require(try kernel.table().read()[service: key]).destinations
    #expect(destinations.map(\.weight) == [1, 2, 3])
}

@Test(arguments: [
    PlayedKernel.Fault.interrupted, .cut, .ofAnotherRequest, .overrun,
])
func `a faulty answer is asked for again, on a new socket, three times in all`(
    fault: PlayedKernel.Fault
) throws {
    let (kernel, _) = try kernel(destinations: 3)
    let wanted = try kernel.table().read()

    kernel.faults = [fault, fault]
    let table = kernel.table()
    let before = kernel.openings
    #expect(try table.read() == wanted)
    #expect(kernel.openings == before + 3)

    kernel.faults = [fault, fault, fault]
    let error = #expect(throws: IPVSError.self) { try table.read() }
    guard case .inconsistent(to: "list the virtual services", _) = error else {
        Issue.record("\(error.debugDescription)")
        return
    }
    #expect(try table.read() == wanted)
}

@Test func `a fault in the middle of a dump leaves nothing of it`() throws {
    let (kernel, key) = try kernel(destinations: 6)
    // The list and its end, GET_SERVICE and its end, the first part; then the second part is cut.
    kernel.faults = [nil, nil, nil, nil, nil, .cut]
    let destinations = try #require(try kernel.table().read()[service: key]).destinations
    #expect(destinations.map(\.weight) == [1, 2, 3, 4, 5, 6])
}

@Test func `a silent kernel is waited for once`() throws {
    let (kernel, _) = try kernel(destinations: 1)
    kernel.faults = [.silent]
    #expect(
        throws: IPVSError.inconsistent(to: "list the virtual services", .silence)
    ) { try kernel.table().read() }
    #expect(kernel.openings == 1)
}

@Test func `a process without the capability is told so`() throws {
    let (kernel, _) = try kernel(destinations: 1)
    kernel.refusal = EPERM
    #expect(throws: IPVSError.notPermitted) { try kernel.table().read() }
}

@Test func `a refused read says what was asked`() throws {
    let (kernel, _) = try kernel(destinations: 1)
    kernel.refusal = EINVAL
    #expect(throws: IPVSError.refused(to: "list the virtual services", errno: EINVAL)) {
        try kernel.table().read()
    }
}

@Test func `a table outlives a module that comes, goes and comes back`() throws {
    let (kernel, key) = try kernel(destinations: 1)
    let table = kernel.table()
    kernel.isLoaded = false
    #expect(throws: IPVSError.moduleNotLoaded) { try table.read() }

    kernel.isLoaded = true
    #expect(try table.read()[service: key] != nil)

    // The kernel says ENOENT to the number of a family it no longer has.
    kernel.refusal = ENOENT
    kernel.isLoaded = false
    #expect(throws: IPVSError.moduleNotLoaded) { try table.read() }

    kernel.refusal = nil
    kernel.isLoaded = true
    #expect(try table.read()[service: key] != nil)
}
