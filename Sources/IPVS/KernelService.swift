// Netlink attributes ↔ what names and describes a virtual service.

import CNetlink
import Glibc
package import Weighting

/// A virtual service as the kernel describes it.
struct KernelService: Equatable {
    let key: ServiceKey
    let setup: ServiceSetup

    /// One entry of an answer to GET_SERVICE.
    init(entry: ArraySlice<UInt8>) throws(AnswerFault) {
        guard let service = try Attributes(entry).nest(Int(IPVS_CMD_ATTR_SERVICE)),
            let family = AddressFamily(
                number: service.integer(Int(IPVS_SVC_ATTR_AF), as: UInt16.self)),
            let setup = ServiceSetup(service, family)
        else { throw .malformed("a service") }
        self.setup = setup

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

extension ServiceSetup {
    /// Nothing when the kernel names no scheduler.
    fileprivate init?(_ service: Attributes, _ family: AddressFamily) {
        guard let scheduler = service[Int(IPVS_SVC_ATTR_SCHED_NAME)] else { return nil }
        // A structure of the flags and a mask.
        let flags = service[Int(IPVS_SVC_ATTR_FLAGS)]?.native(UInt32.self, at: 0) ?? 0
        self.init(
            scheduler: Scheduler(name: String(zeroTerminated: scheduler)),
            flags: SchedulerFlags(
                rawValue: UInt8(flags / UInt32(IP_VS_SVC_F_SCHED1) & Self.schedulerMask)),
            isOnePacket: flags & UInt32(IP_VS_SVC_F_ONEPACKET) != 0)
        guard flags & UInt32(IP_VS_SVC_F_PERSISTENT) != 0 else { return }
        let mask = service.integer(Int(IPVS_SVC_ATTR_NETMASK), as: UInt32.self)
        persistence = Persistence(
            timeoutSeconds: service.integer(Int(IPVS_SVC_ATTR_TIMEOUT), as: UInt32.self) ?? 0,
            mask: mask.map { family == .v4 ? UInt32(bigEndian: $0) : $0 }
                ?? Persistence.wholeMask(family),
            engine: service[Int(IPVS_SVC_ATTR_PE_NAME)].map(String.init(zeroTerminated:)))
    }

    /// The attributes that follow the name: NEW_SERVICE and SET_SERVICE want all of them.
    fileprivate func append(to nest: inout Attributes, _ family: AddressFamily) {
        nest.append(Int(IPVS_SVC_ATTR_SCHED_NAME), Array(scheduler.name.utf8) + [0])
        var bits = (UInt32(flags.rawValue) & Self.schedulerMask) * UInt32(IP_VS_SVC_F_SCHED1)
        if persistence != nil { bits |= UInt32(IP_VS_SVC_F_PERSISTENT) }
        if isOnePacket { bits |= UInt32(IP_VS_SVC_F_ONEPACKET) }
        let mask =
            UInt32(IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_ONEPACKET)
            | Self.schedulerMask * UInt32(IP_VS_SVC_F_SCHED1)
        nest.append(Int(IPVS_SVC_ATTR_FLAGS), bits.nativeBytes + mask.nativeBytes)
        nest.append(Int(IPVS_SVC_ATTR_TIMEOUT), persistence?.timeoutSeconds ?? 0)
        let client = persistence?.mask ?? Persistence.wholeMask(family)
        nest.append(Int(IPVS_SVC_ATTR_NETMASK), family == .v4 ? client.bigEndian : client)
        if let engine = persistence?.engine {
            nest.append(Int(IPVS_SVC_ATTR_PE_NAME), Array(engine.utf8) + [0])
        }
    }

    /// Three flags beside each other.
    private static let schedulerMask: UInt32 = 7
}

extension ServiceKey {
    var family: AddressFamily { addressFamily }

    /// The attribute by which a request names its service.
    var attributes: Attributes {
        var attributes = Attributes()
        attributes.append(Int(IPVS_CMD_ATTR_SERVICE), nest: name)
        return attributes
    }

    /// The same with all that the service is to be.
    func attributes(_ setup: ServiceSetup) -> Attributes {
        var nest = name
        setup.append(to: &nest, family)
        var attributes = Attributes()
        attributes.append(Int(IPVS_CMD_ATTR_SERVICE), nest: nest)
        return attributes
    }

    private var name: Attributes {
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
        return name
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
    package var family: AddressFamily {
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

extension String {
    /// A name as the kernel sends it.
    init(zeroTerminated bytes: ArraySlice<UInt8>) {
        self.init(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}
