// Netlink attributes ↔ a destination: read it, change its weight, write the rest back as it was.

import CNetlink
import Weighting

/// A destination as the kernel describes it.
struct KernelDestination: Equatable {
    var destination: Table.Destination
    let detail: Table.Detail
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
        detail = Table.Detail(
            setup: DestinationSetup(nest), traffic: Table.Traffic(statistics))
        settings = nest.list.filter { !Self.counters.contains($0.type) }
    }

    /// What SET_DEST is sent to give it another weight and change nothing else.
    func attributes(withWeight weight: Weight, in service: ServiceKey) -> Attributes {
        var nest = Attributes()
        for setting in settings where setting.type != Int(IPVS_DEST_ATTR_WEIGHT) {
            nest.append(setting)
        }
        nest.append(Int(IPVS_DEST_ATTR_WEIGHT), UInt32(weight.rawValue))
        return service.attributes(destination: nest)
    }

    private static let counters = [
        Int(IPVS_DEST_ATTR_ACTIVE_CONNS), Int(IPVS_DEST_ATTR_INACT_CONNS),
        Int(IPVS_DEST_ATTR_PERSIST_CONNS), Int(IPVS_DEST_ATTR_STATS), Int(IPVS_DEST_ATTR_STATS64),
    ]
}

extension DestinationKey {
    /// The attributes by which a request names its destination.
    var name: Attributes {
        var name = Attributes()
        // Before 3.18 a kernel knows no family of its own for a destination, and skips this.
        name.append(Int(IPVS_DEST_ATTR_ADDR_FAMILY), address.family.number)
        name.append(Int(IPVS_DEST_ATTR_ADDR), address.union)
        name.append(Int(IPVS_DEST_ATTR_PORT), port.bigEndian)
        return name
    }

    /// What NEW_DEST, and SET_DEST for another setup, are sent.
    func attributes(
        _ setup: DestinationSetup, weight: Int, in service: ServiceKey
    ) -> Attributes {
        var nest = name
        nest.append(Int(IPVS_DEST_ATTR_FWD_METHOD), setup.forwarding.method)
        nest.append(Int(IPVS_DEST_ATTR_WEIGHT), UInt32(truncatingIfNeeded: weight))
        nest.append(Int(IPVS_DEST_ATTR_U_THRESH), setup.upperConnections)
        nest.append(Int(IPVS_DEST_ATTR_L_THRESH), setup.lowerConnections)
        if case .tunnel(let tunnel) = setup.forwarding {
            nest.append(Int(IPVS_DEST_ATTR_TUN_TYPE), tunnel.kind.rawValue)
            nest.append(Int(IPVS_DEST_ATTR_TUN_PORT), tunnel.port.bigEndian)
            nest.append(Int(IPVS_DEST_ATTR_TUN_FLAGS), tunnel.checksum.rawValue)
        }
        return service.attributes(destination: nest)
    }
}

extension ServiceKey {
    /// What a request about one of its destinations is sent.
    func attributes(destination nest: Attributes) -> Attributes {
        var attributes = attributes
        attributes.append(Int(IPVS_CMD_ATTR_DEST), nest: nest)
        return attributes
    }
}

extension DestinationSetup {
    fileprivate init(_ nest: Attributes) {
        self.init(
            forwarding: Forwarding(nest),
            upperConnections: nest.integer(Int(IPVS_DEST_ATTR_U_THRESH), as: UInt32.self) ?? 0,
            lowerConnections: nest.integer(Int(IPVS_DEST_ATTR_L_THRESH), as: UInt32.self) ?? 0)
    }
}

extension Table.Traffic {
    fileprivate init(_ statistics: Attributes) {
        func count(_ type: Int) -> UInt64 { statistics.integer(type, as: UInt64.self) ?? 0 }
        self.init(
            inPackets: count(Int(IPVS_STATS_ATTR_INPKTS)),
            outPackets: count(Int(IPVS_STATS_ATTR_OUTPKTS)),
            inBytes: count(Int(IPVS_STATS_ATTR_INBYTES)),
            outBytes: count(Int(IPVS_STATS_ATTR_OUTBYTES)))
    }
}

extension Forwarding {
    fileprivate init(_ nest: Attributes) {
        let method = nest.integer(Int(IPVS_DEST_ATTR_FWD_METHOD), as: UInt32.self) ?? 0
        switch method {
        case Self.masqueradingMethod: self = .masquerading
        case Self.directMethod: self = .direct
        case Self.tunnelMethod:
            let kind = nest.integer(Int(IPVS_DEST_ATTR_TUN_TYPE), as: UInt8.self) ?? 0
            let port = nest.integer(Int(IPVS_DEST_ATTR_TUN_PORT), as: UInt16.self) ?? 0
            let flags = nest.integer(Int(IPVS_DEST_ATTR_TUN_FLAGS), as: UInt16.self) ?? 0
            guard let kind = Tunnel.Kind(rawValue: kind), let flags = Tunnel.Checksum(rawValue: flags)
            else {
                self = .other(method)
                return
            }
            self = .tunnel(
                Tunnel(kind: kind, port: UInt16(bigEndian: port), checksum: flags))
        default: self = .other(method)
        }
    }

    fileprivate var method: UInt32 {
        switch self {
        case .masquerading: Self.masqueradingMethod
        case .direct: Self.directMethod
        case .tunnel: Self.tunnelMethod
        case .other(let method): method
        }
    }

    /// `IP_VS_CONN_F_…`, whose definitions Swift does not import as plain numbers.
    private static let masqueradingMethod: UInt32 = 0
    private static let tunnelMethod: UInt32 = 2
    private static let directMethod: UInt32 = 3
}
