// services.d/*.yaml: how services and their members are set up, where Poise makes them.

internal import IPVS
internal import Settings
internal import Weighting

/// The keys of a service and of a server that `manage: services` writes into the table.
enum SetupKeys {
    static let flags = Key<[Found<SchedulerFlags>]>(
        "services.NAME.scheduler_flags",
        .oneOrMore(.word("flag", ["fallback": .fallback, "port": .port]), most: 2), .optional,
        help:
            "Of mh and sh. fallback: the clients of a server with weight 0 get another one. port: "
            + "the client's port counts beside its address.")
    static let persistence = Group(
        "services.NAME.persistence",
        help: "Clients stay with their server for a while after their last connection.")
    static let timeout = Key<Double>(
        "services.NAME.persistence.timeout", .duration(1...2_678_400), .required,
        help: "For how long.")
    static let netmask = Key<ClientMask>(
        "services.NAME.persistence.netmask", .clientMask, .optional,
        help: "Clients of one network count as one: \"255.255.255.0\" or the length of a prefix. "
            + "When left out each address is a client.")
    static let engine = Key<String>(
        "services.NAME.persistence.engine", .word("engine", ["sip": "sip"]), .optional,
        help: "sip: a call of SIP over UDP counts in place of the client's address.")
    static let onePacket = Key<Bool>(
        "services.NAME.one_packet", .word("answer", ["true": true, "false": false]),
        .standard("false"), help: "true: each datagram of UDP is scheduled on its own.")
    static let forward = Key<Forward>(
        "services.NAME.forward", .forward, .standard("masq"),
        help: "How packets get to the servers: masq, direct (the servers have the vip, too) or "
            + "tunnel.")
    static let tunnel = Group("services.NAME.tunnel", help: "With forward: tunnel.")
    static let type = Key<Forwarding.Tunnel.Kind>(
        "services.NAME.tunnel.type", .word("tunnel", ["ipip": .ipip, "gue": .gue, "gre": .gre]),
        .standard("ipip"), help: "ipip, gue or gre.")
    static let port = Key<Int>(
        "services.NAME.tunnel.port", .whole(1...65_535), .optional,
        help: "The UDP port of gue on the server.")
    static let checksum = Key<Forwarding.Tunnel.Checksum>(
        "services.NAME.tunnel.checksum",
        .word("checksum", ["none": .none, "csum": .full, "remcsum": .remote]), .standard("none"),
        help: "Of gue and gre: none or csum; of gue also remcsum.")

    static let serverForward = Key<Forward>(
        "services.NAME.servers.forward", .forward, .optional,
        help: "In place of the service's.")
    static let serverTunnel = Group(
        "services.NAME.servers.tunnel", help: "In place of the service's, with the same keys.")
    static let upper = Key<Int>(
        "services.NAME.servers.upper", .whole(0...Int(UInt32.max)), .standard("0"),
        help: "With so many connections the server gets no new ones; 0 is no bound.")
    static let lower = Key<Int>(
        "services.NAME.servers.lower", .whole(0...Int(UInt32.max)), .standard("0"),
        help: "Below so many it gets new ones again; 0 means three quarters of upper.")

    static let onFailure = Key<OnFailure>(
        "services.NAME.on_failure", .word("answer", ["quiesce": .quiesce, "remove": .remove]),
        .standard("quiesce"),
        help: "What becomes of a server whose check fails. quiesce: weight 0, and its connections "
            + "go on. remove: it is taken out of the table.")
    static let sorry = Group(
        "services.NAME.sorry",
        help: "A server that is no member: it answers while fewer members are up than the quorum.")
    static let sorryAddress = Key<Address>(
        "services.NAME.sorry.address", .address, .required, help: "Its address.")
    static let sorryPort = Key<Int>(
        "services.NAME.sorry.port", .whole(0...65_535), .optional,
        help: "Its port: when left out, that of the vip.")
    static let sorryForward = Key<Forward>(
        "services.NAME.sorry.forward", .forward, .optional, help: "In place of the service's.")
    static let sorryTunnel = Group(
        "services.NAME.sorry.tunnel", help: "In place of the service's, with the same keys.")

    /// All but the tunnels of servers, whose keys are the service's.
    static let entries = [
        flags.entry, persistence.entry, timeout.entry, netmask.entry, engine.entry,
        onePacket.entry, forward.entry, tunnel.entry, type.entry, port.entry, checksum.entry,
        serverForward.entry, upper.entry, lower.entry, onFailure.entry, sorry.entry,
        sorryAddress.entry, sorryPort.entry, sorryForward.entry,
    ]
}

/// A forwarding method by its word; a tunnel's details stand in keys of their own.
enum Forward: Sendable {
    case masquerading, direct, tunnel
}

/// Which clients count as one.
enum ClientMask: Equatable, Sendable {
    case mask(UInt32)
    case prefix(Int)

    /// As IPVS has it; nothing where it does not fit the family.
    func bits(_ family: AddressFamily) -> UInt32? {
        switch (self, family) {
        case (.mask(let bits), .v4): bits
        case (.mask, .v6): nil
        case (.prefix(let length), .v4):
            (1...32).contains(length) ? UInt32.max << (32 - UInt32(length)) : nil
        case (.prefix(let length), .v6): UInt32(length)
        }
    }
}

/// How a service is set up but for its scheduler; what was refused is reported.
struct DeclaredSetup {
    var flags: SchedulerFlags = []
    var flagsPlace: Place?
    var persistence: ServiceSetup.Persistence?
    var isOnePacket = false
    var forwarding = Forwarding.masquerading
    var onFailure = OnFailure.quiesce
    var sorry: DeclaredSorry?

    init(section: inout Section, service: ServiceKey?) {
        let flags = section.found(SetupKeys.flags)
        self.flags = SchedulerFlags((flags?.value ?? []).map(\.value))
        flagsPlace = flags?.place
        if section.keyPlace(SetupKeys.persistence.entry) != nil {
            persistence = section.group(SetupKeys.persistence) {
                ServiceSetup.Persistence(section: &$0, service: service)
            }
        }
        let onePacket = section.found(SetupKeys.onePacket)
        isOnePacket = onePacket?.value ?? false
        if isOnePacket, case .address(_, _, let transport) = service, transport != .udp {
            section.reporter.error(
                onePacket?.place ?? section.place, "one_packet goes with UDP",
                remedy: "remove this line, or let the vip end with /udp")
        }
        forwarding =
            Forwarding(
                section: &section, SetupKeys.forward, SetupKeys.tunnel, standard: .masquerading)
            ?? .masquerading
        onFailure = section.value(SetupKeys.onFailure) ?? .quiesce
        if section.keyPlace(SetupKeys.sorry.entry) != nil {
            let forwarding = forwarding
            sorry = section.group(SetupKeys.sorry) {
                DeclaredSorry(section: &$0, service: service, forwarding: forwarding)
            }
        }
    }
}

/// The server that answers when too few are up.
struct DeclaredSorry {
    let destination: DestinationKey
    let place: Place
    let setup: DestinationSetup

    fileprivate init?(section: inout Section, service: ServiceKey?, forwarding: Forwarding) {
        let address = section.found(SetupKeys.sorryAddress)
        let port = section.value(SetupKeys.sorryPort).map(UInt16.init) ?? service?.port
        let own = Forwarding(
            section: &section, SetupKeys.sorryForward, SetupKeys.sorryTunnel, standard: forwarding)
        guard let address, let port else { return nil }
        destination = DestinationKey(address: address.value, port: port)
        place = address.place ?? section.place
        setup = DestinationSetup(forwarding: own ?? forwarding)
    }
}

extension ServiceKey {
    /// 0 keeps the port of the packet, where a mark names the service.
    fileprivate var port: UInt16 {
        switch self {
        case .address(_, let port, _): port
        case .firewallMark: 0
        }
    }
}

extension DestinationSetup {
    /// Of a server, where `service` says what it leaves out.
    init(section: inout Section, service: Forwarding) {
        let forwarding = Forwarding(
            section: &section, SetupKeys.serverForward, SetupKeys.serverTunnel, standard: service)
        let upper = section.value(SetupKeys.upper) ?? 0
        let lower = section.found(SetupKeys.lower)
        if let lower, lower.value > upper {
            section.reporter.error(
                lower.place ?? section.place, "lower is above upper",
                remedy: upper == 0 ? "set upper, too" : "at most \(upper) is allowed here")
        }
        self.init(
            forwarding: forwarding ?? service, upperConnections: UInt32(upper),
            lowerConnections: UInt32(lower?.value ?? 0))
    }
}

extension Forwarding {
    fileprivate init?(
        section: inout Section, _ key: Key<Forward>, _ group: Group, standard: Forwarding
    ) {
        let tunnelPlace = section.keyPlace(group.entry)
        let forward = section.found(key)
        let tunnel =
            tunnelPlace == nil ? nil : section.group(group) { Forwarding.Tunnel(section: &$0) }
        let isTunnel: Bool
        switch forward?.value {
        case .masquerading?: (self, isTunnel) = (.masquerading, false)
        case .direct?: (self, isTunnel) = (.direct, false)
        case .tunnel?: (self, isTunnel) = (.tunnel(tunnel ?? Tunnel()), true)
        case nil:
            if case .tunnel = standard, let tunnel {
                (self, isTunnel) = (.tunnel(tunnel), true)
            } else {
                (self, isTunnel) = (standard, false)
            }
        }
        if let tunnelPlace, !isTunnel {
            section.reporter.error(
                tunnelPlace, "these keys go with forward: tunnel",
                remedy: "write forward: tunnel beside them, or remove them")
        }
    }
}

extension Forwarding.Tunnel {
    fileprivate init?(section: inout Section) {
        let kind = section.value(SetupKeys.type)
        let port = section.found(SetupKeys.port)
        let checksum = section.found(SetupKeys.checksum)
        guard let kind, let checksum else { return nil }
        switch (kind, port) {
        case (.gue, nil):
            section.reporter.error(
                section.place, "gue needs a port", remedy: "write port: and that of the server")
        case (.ipip, let port?), (.gre, let port?):
            section.reporter.error(
                port.place ?? section.place, "only gue has a port", remedy: "remove this line")
        case (.gue, .some), (.ipip, nil), (.gre, nil): break
        }
        let isFitting =
            switch (kind, checksum.value) {
            case (_, .none), (.gue, _), (.gre, .full): true
            case (.ipip, _), (.gre, .remote): false
            }
        if !isFitting {
            section.reporter.error(
                checksum.place ?? section.place, "this tunnel has no such checksum",
                remedy: "csum goes with gue and gre, remcsum with gue")
        }
        self.init(kind: kind, port: UInt16(port?.value ?? 0), checksum: checksum.value)
    }
}

extension ServiceSetup.Persistence {
    fileprivate init?(section: inout Section, service: ServiceKey?) {
        let timeout = section.value(SetupKeys.timeout)
        let netmask = section.found(SetupKeys.netmask)
        let engine = section.found(SetupKeys.engine)
        if engine != nil, case .address(_, _, let transport) = service, transport != .udp {
            section.reporter.error(
                engine?.place ?? section.place, "sip goes with UDP",
                remedy: "remove this line, or let the vip end with /udp")
        }
        guard let timeout, let service else { return nil }
        let family = service.addressFamily
        var mask = Self.wholeMask(family)
        if let netmask {
            guard let bits = netmask.value.bits(family) else {
                section.reporter.error(
                    netmask.place ?? section.place, "this netmask does not fit the service",
                    remedy: family == .v4
                        ? "write \"255.255.255.0\", or 1 to 32" : "write 1 to 128")
                return nil
            }
            mask = bits
        }
        self.init(
            timeoutSeconds: UInt32(timeout.rounded()), mask: mask, engine: engine?.value)
    }
}

extension Reading<Forward> {
    fileprivate static let forward = Reading.word(
        "way to forward", ["masq": .masquerading, "direct": .direct, "tunnel": .tunnel])
}

extension Reading<ClientMask> {
    fileprivate static let clientMask = Reading("a netmask or the length of a prefix") {
        (scalar) throws(Complaint) in
        if case .v4(let bits) = Address(scalar.text), bits != 0, (~bits &+ 1) & ~bits == 0 {
            return .mask(bits)
        }
        if let length = Int(scalar.text), (1...128).contains(length) { return .prefix(length) }
        throw Complaint(
            "\"\(scalar.text)\" is no netmask",
            remedy: "write \"255.255.255.0\", or the length of a prefix from 1 to 128")
    }
}
