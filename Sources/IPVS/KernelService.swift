// Netlink attributes ↔ what names and describes a virtual service.

import CNetlink
import Glibc
import Weighting

/// A virtual service as the kernel describes it.
struct KernelService: Equatable {
    let key: ServiceKey
    let scheduler: Scheduler
    /// Of mh and sh; see ``Table/Service/fallsBack``.
    let fallsBack: Bool

    /// One entry of an answer to GET_SERVICE.
    init(entry: Attributes) throws(AnswerFault) {
        guard let service = try entry.nest(Int(IPVS_CMD_ATTR_SERVICE)),
            let family = AddressFamily(
                number: service.integer(Int(IPVS_SVC_ATTR_AF), as: UInt16.self)),
            let schedulerBytes = service[Int(IPVS_SVC_ATTR_SCHED_NAME)]
        else { throw .malformed("a service") }
        let schedulerName = String(decoding: schedulerBytes.prefix { $0 != 0 }, as: UTF8.self)
        scheduler = Scheduler(name: schedulerName)
        // A structure of the flags and a mask. Both schedulers have the same flag for it.
        let flags = service[Int(IPVS_SVC_ATTR_FLAGS)]?.native(UInt32.self, at: 0) ?? 0
        fallsBack =
            [.known(.mh), .known(.sh)].contains(scheduler)
            && flags & UInt32(IP_VS_SVC_F_SCHED_SH_FALLBACK) != 0

        if let mark = service.integer(Int(IPVS_SVC_ATTR_FWMARK), as: UInt32.self) {
            key = .firewallMark(mark, family)
            return
        }
        guard let number = service.integer(Int(IPVS_SVC_ATTR_PROTOCOL), as: UInt16.self),
            let address = Address(union: service[Int(IPVS_SVC_ATTR_ADDR)], family),
            let port = service.integer(Int(IPVS_SVC_ATTR_PORT), as: UInt16.self),
            let transport = TransportProtocol(rawValue: number)
        else { throw .malformed("the name of a service") }
        key = .address(address, port: UInt16(bigEndian: port), transport)
    }
}

extension ServiceKey {
    var family: AddressFamily {
        switch self {
        case .address(let address, _, _): address.family
        case .firewallMark(_, let family): family
        }
    }

    /// The attribute by which a request names its service.
    var attributes: Attributes {
        var name = Attributes()
        name.append(Int(IPVS_SVC_ATTR_AF), family.number)
        switch self {
        case .address(let address, let port, let transport):
            name.append(Int(IPVS_SVC_ATTR_PROTOCOL), transport.rawValue)
            name.append(Int(IPVS_SVC_ATTR_ADDR), address.union)
            name.append(Int(IPVS_SVC_ATTR_PORT), port.bigEndian)
        case .firewallMark(let mark, _):
            name.append(Int(IPVS_SVC_ATTR_FWMARK), mark)
        }
        var attributes = Attributes()
        attributes.append(Int(IPVS_CMD_ATTR_SERVICE), nest: name)
        return attributes
    }
}

extension AddressFamily {
    init?(number: UInt16?) {
        switch number.map(Int32.init) {
        case AF_INET: self = .v4
        case AF_INET6: self = .v6
        default: return nil
        }
    }

    var number: UInt16 {
        switch self {
        case .v4: UInt16(AF_INET)
        case .v6: UInt16(AF_INET6)
        }
    }
}

extension Address {
    var family: AddressFamily {
        switch self {
        case .v4: .v4
        case .v6: .v6
        }
    }

    /// Reads the kernel's `union nf_inet_addr`: 16 bytes in network order, IPv4 in the first four.
    init?(union bytes: ArraySlice<UInt8>?, _ family: AddressFamily) {
        guard let bytes, bytes.count == Self.unionByteCount,
            let high = bytes.native(UInt64.self, at: 0).map(UInt64.init(bigEndian:)),
            let low = bytes.native(UInt64.self, at: 8).map(UInt64.init(bigEndian:))
        else { return nil }
        switch family {
        case .v4: self = .v4(UInt32(truncatingIfNeeded: high >> 32))
        case .v6: self = .v6(high: high, low: low)
        }
    }

    var union: [UInt8] {
        switch self {
        case .v4(let bits): bits.bigEndian.nativeBytes + Array(repeating: 0, count: 12)
        case .v6(let high, let low): high.bigEndian.nativeBytes + low.bigEndian.nativeBytes
        }
    }

    private static let unionByteCount = 16
}
