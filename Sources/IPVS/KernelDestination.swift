// Netlink attributes ↔ a destination: read it, change its weight, write the rest back as it was.

import CNetlink
import Weighting

/// A destination as the kernel describes it.
struct KernelDestination: Equatable {
    var destination: Table.Destination
    /// All that the kernel told except counters.
    ///
    /// SET_DEST starts from zeros, so what is left out would be cleared: forwarding method,
    /// thresholds, tunnel, and what a later kernel may add go back untouched.
    private let settings: [Attribute]

    /// One entry of an answer to GET_DEST for a service of that family.
    init(entry: Attributes, family: AddressFamily) throws(AnswerFault) {
        guard let nest = try entry.nest(Int(IPVS_CMD_ATTR_DEST)),
            let statistics = try nest.nest(Int(IPVS_DEST_ATTR_STATS64))
        else { throw .malformed("a destination") }
        // A tunnel may lead to a server of the other family; kernels before 3.18 did not say.
        let ownFamily = nest.integer(Int(IPVS_DEST_ATTR_ADDR_FAMILY), as: UInt16.self)
        guard let family = ownFamily == nil ? family : AddressFamily(number: ownFamily),
            let address = Address(union: nest[Int(IPVS_DEST_ATTR_ADDR)], family),
            let port = nest.integer(Int(IPVS_DEST_ATTR_PORT), as: UInt16.self)
        else { throw .malformed("the name of a destination") }
        guard let weight = nest.integer(Int(IPVS_DEST_ATTR_WEIGHT), as: Int32.self),
            let active = nest.integer(Int(IPVS_DEST_ATTR_ACTIVE_CONNS), as: UInt32.self),
            let inactive = nest.integer(Int(IPVS_DEST_ATTR_INACT_CONNS), as: UInt32.self),
            let persistent = nest.integer(Int(IPVS_DEST_ATTR_PERSIST_CONNS), as: UInt32.self),
            let scheduled = statistics.integer(Int(IPVS_STATS_ATTR_CONNS), as: UInt64.self)
        else { throw .malformed("the numbers of a destination") }
        destination = Table.Destination(
            key: DestinationKey(address: address, port: UInt16(bigEndian: port)),
            weight: Int(weight), activeConnections: Int(active), inactiveConnections: Int(inactive),
            persistentConnections: Int(persistent), scheduledConnections: scheduled)
        settings = nest.list.filter { !Self.counters.contains($0.type) }
    }

    /// What SET_DEST is sent to give it another weight and change nothing else.
    func attributes(withWeight weight: Weight, in service: ServiceKey) -> Attributes {
        var nest = Attributes()
        for setting in settings where setting.type != Int(IPVS_DEST_ATTR_WEIGHT) {
            nest.append(setting)
        }
        nest.append(Int(IPVS_DEST_ATTR_WEIGHT), UInt32(weight.rawValue))
        var attributes = service.attributes
        attributes.append(Int(IPVS_CMD_ATTR_DEST), nest: nest)
        return attributes
    }

    private static let counters = [
        Int(IPVS_DEST_ATTR_ACTIVE_CONNS), Int(IPVS_DEST_ATTR_INACT_CONNS),
        Int(IPVS_DEST_ATTR_PERSIST_CONNS), Int(IPVS_DEST_ATTR_STATS), Int(IPVS_DEST_ATTR_STATS64),
    ]
}
