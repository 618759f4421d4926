// The part of master.yaml about the kernel's table: whose it is, and what holds for all of it.

internal import IPVS
internal import Settings
internal import Weighting

/// The keys below `ipvs`.
enum IPVSKeys {
    static let group = Group("ipvs", help: "What the master does with IPVS.")
    static let manage = Key<Manage>(
        "ipvs.manage", .word("way to manage", ["weights": .weights, "services": .services]),
        .standard("weights"),
        help: "weights: only the weights of services that someone else made are changed. services: "
            + "the services are made, kept and removed as they are declared.")
    static let drift = Key<Drift.Rule>(
        "ipvs.drift",
        .word("answer to drift", ["reassert": .reassert, "yield": .yield, "alert": .alert]),
        .standard("reassert"),
        help: "With manage: services, when somebody else changes them. reassert: put back. yield: "
            + "leave it so. alert: leave it so, and say it.")
    static let leave = Key<Double>(
        "ipvs.leave", .duration(0...86_400), .standard("300s"),
        help: "How long the connections of a member or service that is no longer declared may last "
            + "before it is removed; it gets no new ones.")
    static let onExit = Key<Bool>(
        "ipvs.on_exit", .word("way to end", ["keep": true]), .standard("keep"),
        help: "keep: the table stays as it is when the master ends.")
    static let table = Key<Bool>(
        "ipvs.table", .word("table", ["kernel": true, "memory": false]), .standard("kernel"),
        help: "kernel: the kernel's own table. memory: a table inside the process, made from the "
            + "services, for trying Poise without IPVS.")

    static let timeouts = Group(
        "ipvs.timeouts",
        help: "After how long without a packet IPVS forgets a connection; what is left out stays.")
    static let tcp = Key<Double>(
        "ipvs.timeouts.tcp", .duration(1...2_678_400), .optional,
        help: "Of TCP connections; the kernel begins with 900s.")
    static let tcpFin = Key<Double>(
        "ipvs.timeouts.tcp_fin", .duration(1...2_678_400), .optional,
        help: "Of TCP connections after a FIN; the kernel begins with 120s.")
    static let udp = Key<Double>(
        "ipvs.timeouts.udp", .duration(1...2_678_400), .optional,
        help: "Of UDP; the kernel begins with 300s.")

    static let sync = Group(
        "ipvs.sync",
        help: "The kernel's sync daemons, which tell another director of connections: one entry "
            + "for each role. Not beside a keepalived that runs them.")
    static let role = Key<SyncDaemon.Role>(
        "ipvs.sync.role", .word("role", ["master": .master, "backup": .backup]), .required,
        help: "master: tells of connections. backup: hears of them. Both may run.")
    static let id = Key<Int>(
        "ipvs.sync.id", .whole(0...255), .required,
        help: "The same on directors that belong together; 0 of a backup hears every master.")
    static let interface = Key<String>(
        "ipvs.sync.interface", .interface, .required,
        help: "The network interface between the directors.")
    static let syncGroup = Key<Address>(
        "ipvs.sync.group", .address, .optional,
        help: "The multicast group; the kernel takes 224.0.0.81.")
    static let port = Key<Int>(
        "ipvs.sync.port", .whole(1...65_535), .optional,
        help: "The UDP port; the kernel takes 8848.")
    static let ttl = Key<Int>(
        "ipvs.sync.ttl", .whole(1...255), .optional,
        help: "How many routers a message may pass; the kernel takes 1.")
    static let mostBytes = Key<Int>(
        "ipvs.sync.maxlen", .whole(64...65_507), .optional,
        help: "The longest message in bytes; the kernel goes by the interface.")

    /// Those that the example shows: the others change the kernel for everybody once they are there.
    static let entries = [
        group.entry, manage.entry, drift.entry, leave.entry, onExit.entry, table.entry,
    ]
}

/// Whether only weights are Poise's, or all of the services.
enum Manage: Sendable {
    case weights
    case services
}

/// What the keys below `ipvs` say.
struct IPVSSettings: Equatable, Sendable {
    var manage = Manage.weights
    var drift = Drift.Rule.reassert
    var leaveSeconds = 300.0
    var isTableOfKernel = true
    var timeouts = Timeouts()
    var sync: [SyncDaemon] = []

    init() {}

    init?(section ipvs: inout Section) {
        let manage = ipvs.value(IPVSKeys.manage)
        let drift = ipvs.value(IPVSKeys.drift)
        let leave = ipvs.value(IPVSKeys.leave)
        _ = ipvs.value(IPVSKeys.onExit)
        let table = ipvs.value(IPVSKeys.table)
        let timeouts = ipvs.group(IPVSKeys.timeouts) { Timeouts(section: &$0) }
        let sync = ipvs.list(IPVSKeys.sync, most: 2, isOptional: true) {
            SyncDaemon(section: &$0)
        }
        if sync.count == 2, sync[0].role == sync[1].role,
            let place = ipvs.keyPlace(IPVSKeys.sync.entry)
        {
            ipvs.reporter.error(
                place, "two sync daemons of one role stand here",
                remedy: "the kernel runs one master and one backup")
        }
        guard let manage, let drift, let leave, let table, let timeouts else { return nil }
        self.manage = manage
        self.drift = drift
        leaveSeconds = leave
        isTableOfKernel = table
        self.timeouts = timeouts
        self.sync = sync
    }
}

extension Timeouts {
    fileprivate init(section: inout Section) {
        func seconds(_ key: Key<Double>) -> UInt32? {
            section.value(key).map { UInt32($0.rounded()) }
        }
        self.init(
            tcp: seconds(IPVSKeys.tcp), tcpFin: seconds(IPVSKeys.tcpFin),
            udp: seconds(IPVSKeys.udp))
    }
}

extension SyncDaemon {
    fileprivate init?(section: inout Section) {
        let role = section.value(IPVSKeys.role)
        let id = section.value(IPVSKeys.id)
        let interface = section.value(IPVSKeys.interface)
        let group = section.found(IPVSKeys.syncGroup)
        let port = section.value(IPVSKeys.port)
        let ttl = section.value(IPVSKeys.ttl)
        let mostBytes = section.value(IPVSKeys.mostBytes)
        if let group, !group.value.isMulticast {
            section.reporter.error(
                group.place ?? section.place, "\(group.value) is no multicast address",
                remedy: "the kernel's own choice is 224.0.0.81")
            return nil
        }
        guard let role, let id, let interface else { return nil }
        self.init(
            role: role, id: UInt32(id), interface: interface, group: group?.value,
            port: port.map(UInt16.init), ttl: ttl.map(UInt8.init),
            mostBytes: mostBytes.map(UInt16.init))
    }
}

extension Address {
    fileprivate var isMulticast: Bool {
        switch self {
        case .v4(let bits): bits >> 28 == 0xE
        case .v6(let high, _): high >> 56 == 0xFF
        }
    }
}

extension Reading<String> {
    /// A name as the kernel has them.
    fileprivate static let interface = Reading("a network interface") {
        (scalar) throws(Complaint) in
        let name = try scalar.asText("a network interface")
        guard (1...15).contains(name.utf8.count),
            name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") })
        else {
            throw Complaint(
                "\"\(name)\" is no name of an interface", remedy: "as `ip link` shows it: eth0")
        }
        return name
    }
}
