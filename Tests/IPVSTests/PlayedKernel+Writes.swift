// What the played kernel makes of requests that change it, as ip_vs_genl_set_cmd of Linux 6.1 does.

import CNetlink
import Glibc
import Weighting

@testable import IPVS

extension PlayedKernel {
    /// The errno of a command that changes something.
    func write(_ command: Int, _ attributes: Attributes) throws(AnswerFault) -> Int32 {
        switch command {
        case Int(IPVS_CMD_SET_CONFIG):
            for attribute in attributes.list {
                configuration[attribute.type] = attribute.payload.native(UInt32.self)
            }
            return 0
        case Int(IPVS_CMD_NEW_DAEMON), Int(IPVS_CMD_DEL_DAEMON):
            guard let nest = try attributes.nest(Int(IPVS_CMD_ATTR_DAEMON)) else { return EINVAL }
            return writeDaemon(command, nest)
        default: break
        }
        guard let nest = try attributes.nest(Int(IPVS_CMD_ATTR_SERVICE)) else { return EINVAL }
        let (name, rest) = Self.split(nest)
        let place = index(of: name)
        switch (command, place) {
        case (Int(IPVS_CMD_NEW_SERVICE), nil):
            guard let key = Self.key(of: name) else { return EINVAL }
            var service = Service(key: key)
            let errno = set(rest, on: &service)
            if errno == 0 { services.append(service) }
            return errno
        case (Int(IPVS_CMD_NEW_SERVICE), .some): return EEXIST
        case (_, nil): return ESRCH
        case (Int(IPVS_CMD_SET_SERVICE), let place?): return set(rest, on: &services[place])
        case (Int(IPVS_CMD_DEL_SERVICE), let place?):
            services.remove(at: place)
            return 0
        case (_, let place?):
            let nest = try attributes.nest(Int(IPVS_CMD_ATTR_DEST)) ?? Attributes()
            return writeDestination(command, nest, in: place)
        }
    }

    /// The attributes that name a service, and the others.
    private static func split(_ nest: Attributes) -> (name: Attributes, rest: Attributes) {
        let naming = [
            IPVS_SVC_ATTR_AF, IPVS_SVC_ATTR_PROTOCOL, IPVS_SVC_ATTR_ADDR, IPVS_SVC_ATTR_PORT,
            IPVS_SVC_ATTR_FWMARK,
        ].map { Int($0) }
        var (name, rest) = (Attributes(), Attributes())
        for attribute in nest.list {
            if naming.contains(attribute.type) {
                name.append(attribute)
            } else {
                rest.append(attribute)
            }
        }
        return (name, rest)
    }

    private static func key(of name: Attributes) -> ServiceKey? {
        guard
            let family = AddressFamily(
                number: name.integer(Int(IPVS_SVC_ATTR_AF), as: UInt16.self))
        else { return nil }
        if let mark = name.integer(Int(IPVS_SVC_ATTR_FWMARK), as: UInt32.self) {
            return .firewallMark(mark, family)
        }
        guard let address = Address(union: name[Int(IPVS_SVC_ATTR_ADDR)], family),
            let port = name.integer(Int(IPVS_SVC_ATTR_PORT), as: UInt16.self),
            let transport = name.integer(Int(IPVS_SVC_ATTR_PROTOCOL), as: UInt16.self)
                .flatMap(TransportProtocol.init)
        else { return nil }
        return .address(address, port: UInt16(bigEndian: port), transport)
    }

    /// All four must be there; an engine need not.
    private func set(_ rest: Attributes, on service: inout Service) -> Int32 {
        guard let scheduler = rest[Int(IPVS_SVC_ATTR_SCHED_NAME)],
            let flags = rest[Int(IPVS_SVC_ATTR_FLAGS)],
            let bits = flags.native(UInt32.self, at: 0),
            let mask = flags.native(UInt32.self, at: 4),
            let timeout = rest.integer(Int(IPVS_SVC_ATTR_TIMEOUT), as: UInt32.self),
            let netmask = rest.integer(Int(IPVS_SVC_ATTR_NETMASK), as: UInt32.self)
        else { return EINVAL }
        let engine = rest[Int(IPVS_SVC_ATTR_PE_NAME)].map(String.init(zeroTerminated:))
        let name = String(zeroTerminated: scheduler)
        guard modules.isSuperset(of: [name, engine].compactMap(\.self)) else { return ENOENT }
        service.scheduler = name
        service.flags = service.flags & ~mask | bits & mask
        (service.timeout, service.netmask, service.engine) = (timeout, netmask, engine)
        return 0
    }

    private func writeDestination(_ command: Int, _ nest: Attributes, in service: Int) -> Int32 {
        let place = services[service].destinations.firstIndex {
            nest[Int(IPVS_DEST_ATTR_ADDR)].map(Array.init) == $0.key.address.union
                && nest.integer(Int(IPVS_DEST_ATTR_PORT), as: UInt16.self)
                    == $0.key.port.bigEndian
        }
        switch (command, place) {
        case (Int(IPVS_CMD_DEL_DEST), let place?):
            services[service].destinations.remove(at: place)
            return 0
        case (Int(IPVS_CMD_NEW_DEST), nil):
            let family = nest.integer(Int(IPVS_DEST_ATTR_ADDR_FAMILY), as: UInt16.self)
            guard let family = AddressFamily(number: family),
                let address = Address(union: nest[Int(IPVS_DEST_ATTR_ADDR)], family),
                let port = nest.integer(Int(IPVS_DEST_ATTR_PORT), as: UInt16.self)
            else { return EINVAL }
            var new = Destination(
                DestinationKey(address: address, port: UInt16(bigEndian: port)), weight: 0)
            let errno = set(nest, on: &new)
            if errno == 0 { services[service].destinations.append(new) }
            return errno
        case (Int(IPVS_CMD_NEW_DEST), .some): return EEXIST
        case (Int(IPVS_CMD_SET_DEST), let place?):
            return set(nest, on: &services[service].destinations[place])
        case (_, nil): return ENOENT
        case (_, .some): return EOPNOTSUPP
        }
    }

    /// Four attributes must be there, and the destination starts from zeros.
    private func set(_ nest: Attributes, on destination: inout Destination) -> Int32 {
        var settings: [Int: [UInt8]] = [:]
        for type in Destination.required {
            guard let value = nest[type], value.count == 4 else { return EINVAL }
            settings[type] = Array(value)
        }
        for type in Destination.optional { settings[type] = nest[type].map(Array.init) }
        let weight = nest.integer(Int(IPVS_DEST_ATTR_WEIGHT), as: UInt32.self) ?? 0
        if let errno = refusedWeights[weight] { return errno }
        destination.settings = settings
        return 0
    }

    private func writeDaemon(_ command: Int, _ nest: Attributes) -> Int32 {
        let role = nest.integer(Int(IPVS_DAEMON_ATTR_STATE), as: UInt32.self)
        let place = daemons.firstIndex {
            $0.integer(Int(IPVS_DAEMON_ATTR_STATE), as: UInt32.self) == role
        }
        switch (command, place) {
        case (Int(IPVS_CMD_NEW_DAEMON), nil):
            daemons.append(nest)
            return 0
        case (Int(IPVS_CMD_NEW_DAEMON), .some): return EEXIST
        case (_, let place?):
            daemons.remove(at: place)
            return 0
        case (_, nil): return ESRCH
        }
    }
}
