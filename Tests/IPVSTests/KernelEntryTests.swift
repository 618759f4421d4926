// Services and destinations as a real kernel told them, and as they go back to it.

import CNetlink
import Testing
import Weighting

@testable import IPVS

@Test(arguments: [
    (Caught.serviceV4, "10.0.0.100:80/tcp", "wrr"),
    (Caught.serviceV6, "[fd00::100]:80/tcp", "sed"),
    (Caught.serviceMarkV6, "fwmark:7/ipv6", "mh"),
])
func `a service is read by name and scheduler`(
    caught: [UInt8], name: String, scheduler: String
) throws {
    let service = try KernelService(entry: entry(caught))
    #expect(service.key.description == name)
    #expect(service.setup.scheduler == Scheduler(name: scheduler))
}

@Test func `a destination is read with its counters`() throws {
    let read = try KernelDestination(entry: entry(Caught.destinationRoute), family: .v4)
    #expect(
        read.destination
            == Table.Destination(
                key: try #require(DestinationKey("10.0.0.11:80")), weight: 3,
                activeConnections: 2, inactiveConnections: 20, persistentConnections: 1,
                scheduledConnections: 22))
}

@Test func `a destination may be of another family than its service`() throws {
    let read = try KernelDestination(entry: entry(Caught.destinationV6InV4), family: .v4)
    #expect(read.destination.key.description == "[fd00::12]:0")
    #expect(read.destination.weight == 9)
}

@Test(arguments: [Caught.destinationRoute, Caught.destinationGUE, Caught.destinationV6InV4])
func `a destination is written back whole, but for its weight and counters`(
    caught: [UInt8]
) throws {
    let service = try #require(ServiceKey("fwmark:7"))
    let told = try #require(try Attributes(entry(caught)).nest(Int(IPVS_CMD_ATTR_DEST)))
    let written = try KernelDestination(entry: entry(caught), family: .v4)
        .payload(withWeight: Weight(clamping: 321), service: service.attributes.bytes)
    let sent = try Attributes(written[...])
    let nest = try #require(try sent.nest(Int(IPVS_CMD_ATTR_DEST)))

    let counters = [
        IPVS_DEST_ATTR_ACTIVE_CONNS, IPVS_DEST_ATTR_INACT_CONNS, IPVS_DEST_ATTR_PERSIST_CONNS,
        IPVS_DEST_ATTR_STATS, IPVS_DEST_ATTR_STATS64,
    ].map { Int($0) }
    for attribute in told.list where attribute.type != Int(IPVS_DEST_ATTR_WEIGHT) {
        let expected = counters.contains(attribute.type) ? nil : attribute.payload
        #expect(nest[attribute.type] == expected)
    }
    #expect(nest.integer(Int(IPVS_DEST_ATTR_WEIGHT), as: UInt32.self) == 321)
    #expect(nest.list.count == told.list.count - counters.count)
    #expect(
        try sent.nest(Int(IPVS_CMD_ATTR_SERVICE))
            == service.attributes.nest(Int(IPVS_CMD_ATTR_SERVICE)))
}

@Test func `an entry that lacks what must be there is malformed`() {
    #expect(throws: AnswerFault.malformed("a service")) {
        try KernelService(entry: entry(Caught.destinationRoute))
    }
    #expect(throws: AnswerFault.malformed("a destination")) {
        try KernelDestination(entry: entry(Caught.serviceV4), family: .v4)
    }
}

private func entry(_ caught: [UInt8]) -> ArraySlice<UInt8> {
    caught.dropFirst(Message.headerByteCount + Message.commandByteCount)
}
