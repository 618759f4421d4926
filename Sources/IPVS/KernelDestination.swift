// Netlink attributes ↔ a destination: read it, change its weight, write the rest back as it was.

import CNetlink
import Weighting

/// A destination as the kernel describes it.
struct KernelDestination: Equatable {
    var destination: Table.Destination
    let detail: Table.Detail
    /// What an earlier step of the same plan made of it.
    var edited: DestinationSetup?
    /// All that the kernel told, as it told it.
    ///
    /// SET_DEST starts from zeros, so what is left out would be cleared: forwarding method,
    /// thresholds, tunnel, and what a later kernel may add go back untouched.
    private let told: ArraySlice<UInt8>

    /// One entry of an answer to GET_DEST for a service of that family.
    init(entry: ArraySlice<UInt8>, family: AddressFamily) throws(AnswerFault) {
        var outer = AttributeCursor(entry)
        var found: ArraySlice<UInt8>?
        while let attribute = try outer.next() {
            if found == nil, attribute.type == Int(IPVS_CMD_ATTR_DEST) { found = attribute.payload }
        }
        guard let told = found else { throw .malformed("a destination") }
        let fields = try Fields(told)
        guard let statistics = fields.statistics else { throw .malformed("a destination") }
        // A tunnel may lead to a server of the other family; kernels before 3.18 did not say.
        guard let family = fields.family == nil ? family : AddressFamily(number: fields.family),
            let address = Address(union: fields.address, family), let port = fields.port
        else { throw .malformed("the name of a destination") }
        let counts = try Counts(statistics)
        guard let weight = fields.weight, let active = fields.active,
            let inactive = fields.inactive, let persistent = fields.persistent,
            let scheduled = counts.scheduled
        else { throw .malformed("the numbers of a destination") }
        destination = Table.Destination(
            key: DestinationKey(address: address, port: UInt16(bigEndian: port)),
            weight: Int(weight), activeConnections: Int(active), inactiveConnections: Int(inactive),
            persistentConnections: Int(persistent), scheduledConnections: scheduled)
        detail = Table.Detail(
            setup: DestinationSetup(
                forwarding: Forwarding(fields), upperConnections: fields.upper,
                lowerConnections: fields.lower),
            traffic: counts.traffic)
        self.told = told
    }

    /// What SET_DEST is sent to give it another weight and change nothing else.
    ///
    /// `service` is what names its service, as it goes on the wire.
    func payload(withWeight weight: Weight, service: [UInt8]) throws(AnswerFault) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(
            service.count + Attribute.headerByteCount + told.count)
        bytes.append(contentsOf: service)
        let start = bytes.count
        bytes.append(native: UInt16(0))
        bytes.append(native: UInt16(Int(IPVS_CMD_ATTR_DEST)) | UInt16(Attribute.nestedFlag))
        var cursor = AttributeCursor(told)
        while let attribute = try cursor.next() {
            switch attribute.type {
            case Int(IPVS_DEST_ATTR_ACTIVE_CONNS), Int(IPVS_DEST_ATTR_INACT_CONNS),
                Int(IPVS_DEST_ATTR_PERSIST_CONNS), Int(IPVS_DEST_ATTR_STATS),
                Int(IPVS_DEST_ATTR_STATS64), Int(IPVS_DEST_ATTR_WEIGHT):
                continue
            default: bytes.append(attribute)
            }
        }
        bytes.append(native: UInt16(Attribute.headerByteCount + 4))
        bytes.append(native: UInt16(Int(IPVS_DEST_ATTR_WEIGHT)))
        bytes.append(native: UInt32(weight.rawValue))
        Swift.withUnsafeBytes(of: UInt16(truncatingIfNeeded: bytes.count - start)) {
            bytes[start] = $0[0]
            bytes[start + 1] = $0[1]
        }
        return bytes
    }
}

/// What stands in the nest of a destination; the first of each kind counts.
private struct Fields {
    var family: UInt16?
    var address: ArraySlice<UInt8>?
    var port: UInt16?
    var method: UInt32 = 0
    var weight: Int32?
    var upper: UInt32 = 0
    var lower: UInt32 = 0
    var active: UInt32?
    var inactive: UInt32?
    var persistent: UInt32?
    var statistics: ArraySlice<UInt8>?
    var tunnelKind: UInt8 = 0
    var tunnelPort: UInt16 = 0
    var tunnelFlags: UInt16 = 0

    init(_ bytes: ArraySlice<UInt8>) throws(AnswerFault) {
        var cursor = AttributeCursor(bytes)
        while let attribute = try cursor.next() {
            let payload = attribute.payload
            switch attribute.type {
            case Int(IPVS_DEST_ATTR_ADDR_FAMILY): family = payload.native(UInt16.self)
            case Int(IPVS_DEST_ATTR_ADDR): address = payload
            case Int(IPVS_DEST_ATTR_PORT): port = payload.native(UInt16.self)
            case Int(IPVS_DEST_ATTR_FWD_METHOD): method = payload.native(UInt32.self) ?? 0
            case Int(IPVS_DEST_ATTR_WEIGHT): weight = payload.native(Int32.self)
            case Int(IPVS_DEST_ATTR_U_THRESH): upper = payload.native(UInt32.self) ?? 0
            case Int(IPVS_DEST_ATTR_L_THRESH): lower = payload.native(UInt32.self) ?? 0
            case Int(IPVS_DEST_ATTR_ACTIVE_CONNS): active = payload.native(UInt32.self)
            case Int(IPVS_DEST_ATTR_INACT_CONNS): inactive = payload.native(UInt32.self)
            case Int(IPVS_DEST_ATTR_PERSIST_CONNS): persistent = payload.native(UInt32.self)
            case Int(IPVS_DEST_ATTR_STATS64): statistics = payload
            case Int(IPVS_DEST_ATTR_TUN_TYPE): tunnelKind = payload.native(UInt8.self) ?? 0
            case Int(IPVS_DEST_ATTR_TUN_PORT): tunnelPort = payload.native(UInt16.self) ?? 0
            case Int(IPVS_DEST_ATTR_TUN_FLAGS): tunnelFlags = payload.native(UInt16.self) ?? 0
            default: break
            }
        }
    }
}

/// What stands in the nest of statistics.
private struct Counts {
    var scheduled: UInt64?
    var traffic = Table.Traffic()

    init(_ bytes: ArraySlice<UInt8>) throws(AnswerFault) {
        var cursor = AttributeCursor(bytes)
        while let attribute = try cursor.next() {
            let count = attribute.payload.native(UInt64.self)
            switch attribute.type {
            case Int(IPVS_STATS_ATTR_CONNS): scheduled = count
            case Int(IPVS_STATS_ATTR_INPKTS): traffic.inPackets = count ?? 0
            case Int(IPVS_STATS_ATTR_OUTPKTS): traffic.outPackets = count ?? 0
            case Int(IPVS_STATS_ATTR_INBYTES): traffic.inBytes = count ?? 0
            case Int(IPVS_STATS_ATTR_OUTBYTES): traffic.outBytes = count ?? 0
            default: break
            }
        }
    }
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

extension Forwarding {
    fileprivate init(_ fields: Fields) {
        switch fields.method {
        case Self.masqueradingMethod: self = .masquerading
        case Self.directMethod: self = .direct
        case Self.tunnelMethod:
            guard let kind = Tunnel.Kind(rawValue: fields.tunnelKind),
                let flags = Tunnel.Checksum(rawValue: fields.tunnelFlags)
            else {
                self = .other(fields.method)
                return
            }
            self = .tunnel(
                Tunnel(kind: kind, port: UInt16(bigEndian: fields.tunnelPort), checksum: flags))
        default: self = .other(fields.method)
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
