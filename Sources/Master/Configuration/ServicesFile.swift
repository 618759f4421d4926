// services.d/*.yaml: the virtual services, and the real servers in them.

internal import IPVS
internal import Settings
internal import Weighting

/// The keys of a file of services.
enum ServicesKeys {
    static let services = Group(
        "services",
        help: "Virtual services by name. Agents use the same names in [service NAME].")
    static let vip = Key<ServiceKey>(
        "services.NAME.vip", .vip, .optional,
        help: "The virtual address as ipvsadm has it: address:port/protocol. Each service has "
            + "this or a fwmark.")
    static let fwmark = Key<Int>(
        "services.NAME.fwmark", .whole(1...Int(UInt32.max)), .optional,
        help: "The firewall mark of the service, in place of a vip.")
    static let family = Key<AddressFamily>(
        "services.NAME.family", .word("family", ["ipv4": .v4, "ipv6": .v6]), .standard("ipv4"),
        help: "With a fwmark: ipv4 or ipv6.")
    static let scheduler = Key<Scheduler>(
        "services.NAME.scheduler", .scheduler, .standard("wlc"),
        help: "The scheduler of the service, where Poise makes it: with `manage: services`, which "
            + "wants it here, and with `table: memory`.")
    static let policy = Key<String>(
        "services.NAME.policy", .name, .optional,
        help: "The policy of the service, by its name in the folder of policies; the common one "
            + "when left out.")
    static let shadow = Key<String>(
        "services.NAME.shadow", .name, .optional,
        help: "Another policy, by its name: what it would do is shown, and never written.")
    static let servers = Group(
        "services.NAME.servers",
        help: "The real servers in the service: every one that the kernel has.")
    static let name = Key<String>(
        "services.NAME.servers.name", .name, .required,
        help: "The name of the server: its agent's key is agents/NAME.pub.")
    static let address = Key<Address>(
        "services.NAME.servers.address", .address, .required,
        help: "The address of the server as ipvsadm has it.")
    static let port = Key<Int>(
        "services.NAME.servers.port", .whole(0...65535), .optional,
        help: "The port on the server: when left out, that of the vip. Needed with a fwmark, "
            + "where 0 keeps the port of the packet.")
    static let capacity = Key<Double>(
        "services.NAME.servers.capacity", .number(0.01...1000), .standard("1"),
        help: "What the server can carry beside the others; weights begin with it.")

    /// All of them, in the order of the file.
    static let entries =
        [
            services.entry, vip.entry, fwmark.entry, family.entry, scheduler.entry, policy.entry,
        ] + WindowKeys.entries + [shadow.entry] + CheckKeys.entries + QuorumKeys.entries + [
            servers.entry, name.entry, address.entry, port.entry, capacity.entry,
        ] + SetupKeys.entries

    static let mostServices = 1000
    static let mostMembers = 1000
    static let mostServers = 10_000
}

/// A service as a file declares it; what was refused is `nil`, and reported.
struct DeclaredService {
    let name: String
    let place: Place
    let key: Found<ServiceKey>?
    let scheduler: Found<Scheduler>?
    let setup: DeclaredSetup
    let policy: Found<String>?
    let windows: [DeclaredWindow]
    let shadow: Found<String>?
    let checks: [DeclaredCheck]
    let quorum: Quorum?
    let members: [DeclaredMember]

    /// All services of a file.
    static func read(_ tree: Tree, reporter: Reporter) -> [DeclaredService] {
        // A file of comments only has no services, and says so.
        if case .nothing = tree.content { return [] }
        return Section.read(tree, reporter: reporter) { section in
            section.map(ServicesKeys.services, most: ServicesKeys.mostServices) { entry, section in
                DeclaredService(entry, section: &section)
            }
        } ?? []
    }

    private init?(_ entry: Tree.Entry, section: inout Section) {
        let tree = Tree(place: entry.place, content: .scalar(entry.key))
        let name = Reading<String>.name.read(tree, section.reporter)
        let key = Self.key(of: entry, section: &section)
        scheduler = section.found(ServicesKeys.scheduler)
        let setup = DeclaredSetup(section: &section, service: key?.value)
        self.setup = setup
        policy = section.found(ServicesKeys.policy)
        windows = section.list(WindowKeys.windows, most: WindowKeys.most, isOptional: true) {
            DeclaredWindow(section: &$0)
        }
        shadow = section.found(ServicesKeys.shadow)
        checks = section.list(CheckKeys.checks, most: CheckKeys.most, isOptional: true) {
            DeclaredCheck(section: &$0)
        }
        quorum = Quorum(in: &section)
        members = section.list(ServicesKeys.servers, most: ServicesKeys.mostMembers) { section in
            DeclaredMember(
                section: &section, service: key?.value, forwarding: setup.forwarding)
        }
        guard let name else { return nil }
        self.name = name
        self.key = key
        place = entry.place
    }

    private static func key(of entry: Tree.Entry, section: inout Section) -> Found<ServiceKey>? {
        let vipPlace = section.keyPlace(ServicesKeys.vip.entry)
        let markPlace = section.keyPlace(ServicesKeys.fwmark.entry)
        let vip = section.found(ServicesKeys.vip)
        let mark = section.found(ServicesKeys.fwmark)
        let family = section.found(ServicesKeys.family)
        switch (vipPlace, markPlace) {
        case (nil, nil):
            section.reporter.error(
                entry.place, "\"\(entry.key.text)\" has no vip",
                remedy: "write vip: and address:port/protocol, or fwmark: and a number")
            return nil
        case (.some, .some(let place)):
            section.reporter.error(
                place, "\"\(entry.key.text)\" has a vip and a fwmark", remedy: "keep one of them")
            return nil
        case (.some, nil):
            if let place = family?.place {
                section.reporter.error(
                    place, "the family goes with a fwmark only", remedy: "remove this line")
            }
            return vip
        case (nil, .some):
            guard let mark, let family else { return nil }
            return Found(
                value: .firewallMark(UInt32(mark.value), family.value), place: mark.place)
        }
    }
}

/// A real server in a service as a file declares it.
struct DeclaredMember {
    let name: String
    let namePlace: Place
    let destination: DestinationKey
    let addressPlace: Place
    let capacity: Double
    let setup: DestinationSetup

    fileprivate init?(section: inout Section, service: ServiceKey?, forwarding: Forwarding) {
        let name = section.found(ServicesKeys.name)
        let address = section.found(ServicesKeys.address)
        let port = Self.port(section: &section, service: service)
        let capacity = section.value(ServicesKeys.capacity)
        setup = DestinationSetup(section: &section, service: forwarding)
        guard let name, let address, let port, let capacity else { return nil }
        self.name = name.value
        self.capacity = capacity
        destination = DestinationKey(address: address.value, port: port)
        namePlace = name.place ?? section.place
        addressPlace = address.place ?? section.place
    }

    private static func port(section: inout Section, service: ServiceKey?) -> UInt16? {
        let isGiven = section.keyPlace(ServicesKeys.port.entry) != nil
        if let port = section.value(ServicesKeys.port) { return UInt16(port) }
        if isGiven { return nil }
        switch service {
        case .address(_, let port, _): return port
        case nil: return nil
        case .firewallMark:
            section.reporter.error(
                section.place, "\"port\" is missing, and a fwmark has none to lend",
                remedy: "0 keeps the port of the packet")
            return nil
        }
    }
}

extension Reading<ServiceKey> {
    static let vip = Reading("address:port/protocol") { (scalar) throws(Complaint) in
        let text = scalar.text
        if case .address(let address, let port, let transport) = ServiceKey(text) {
            return .address(address, port: port, transport)
        }
        let remedy =
            if DestinationKey(text) != nil {
                "add the protocol: \(text)/tcp"
            } else if ServiceKey(text) != nil {
                "write fwmark: and the number in place of vip:"
            } else {
                "write 10.0.0.80:80/tcp or \"[fd00::80]:80/tcp\"; protocols: tcp udp sctp"
            }
        throw Complaint("\"\(text)\" is not address:port/protocol", remedy: remedy)
    }
}

extension Reading<Address> {
    static let address = Reading("an IP address") { (scalar) throws(Complaint) in
        if let address = Address(scalar.text) { return address }
        let remedy =
            DestinationKey(scalar.text) != nil
            ? "write the port with the key port:"
            : "write 10.0.0.11 or fd00::11; names are not looked up"
        throw Complaint("\"\(scalar.text)\" is not an IP address", remedy: remedy)
    }
}
