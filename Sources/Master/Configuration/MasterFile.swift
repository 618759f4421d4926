// master.yaml: where the master listens, and which other files belong to the configuration.

internal import Daemon
internal import Protocol
internal import Settings
internal import Weighting

/// The keys of master.yaml.
enum MasterKeys {
    static let version = Key<Int>(
        "version", .word("version", ["1": 1]), .required,
        help: "The version of this file's format.")
    static let key = Key<[Found<String>]>(
        "key", .oneOrMore(.path, most: 2), .standard("master.key"),
        help: "The file with the master's private key, made by `poise-master keygen FILE`; mode "
            + "0400. While the key changes, a list of two, the newest first. Relative paths begin "
            + "at the folder of this file.")
    static let agents = Key<String>(
        "agents", .path, .standard("agents"),
        help: "The folder of the agents' public keys: NAME.pub for the server NAME, with one to "
            + "four keys, a line each, the newest first.")
    static let listen = Group("listen", help: "Where the master can be reached.")
    static let reports = Key<[Found<SocketAddress>]>(
        "listen.reports", .oneOrMore(.socketAddress, most: 8), .standard("\"[::]:7817\""),
        help: "UDP address and port for the agents' reports, or a list of up to 8. \"[::]\" takes "
            + "IPv4 as well.")
    static let admin = Key<String>(
        "listen.admin", .path, .standard(AdminAPI.standardSocketPath),
        help: "The unix socket that the poise command talks to.")
    static let asked = Group("reports", help: "What agents are asked for.")
    static let every = Key<Reporting>(
        "reports.every", .reporting, .standard("own"),
        help: "From one report of an agent to the next, 50ms to 10s. own: as each agent.conf says.")
    static let jitter = Key<Double>(
        "reports.jitter", .duration(0...10), .standard("0s"),
        help: "How far each report may be moved by chance, at most as long as `every`, so that "
            + "many agents do not report at one time.")
    static let include = Key<[Found<String>]>(
        "include", .oneOrMore(.path, most: 100), .standard("[services.d/*.yaml]"),
        help: "The files with services, in this order; * and ? may stand in a file's name.")

    static let standardTimezone = "local"
    static let timezone = Key<String>(
        "timezone", .zone, .standard(standardTimezone),
        help: "The clocks that windows of policies and times of orders go by, such as "
            + "Europe/Berlin; local: those of this machine, by /etc/localtime.")

    static let state = Key<String>(
        "state", .path, .standard("/var/lib/poise"),
        help: "The folder of what the master keeps over its end: the orders of people, and which "
            + "services it made.")

    /// All of them, in the order of the file.
    static let entries =
        [
            version.entry, key.entry, agents.entry, listen.entry, reports.entry, admin.entry,
            asked.entry, every.entry, jitter.entry,
        ] + IPVSKeys.entries + [
            include.entry, Policies.commonKey.entry, Policies.folderKey.entry, timezone.entry,
            state.entry,
        ] + JournalKeys.entries
}

/// What master.yaml says; a value that was refused is `nil`, and reported.
struct MasterFile {
    /// Empty after a report.
    let keys: [Found<String>]
    let agents: Found<String>?
    let reports: [SocketAddress]
    let adminSocket: String?
    let directive: Directive?
    let ipvs: IPVSSettings?
    let include: [Found<String>]
    let policy: Found<String>?
    let policies: Found<String>?
    let timezone: Found<String>?
    /// The path of the folder of orders.db and made-services.
    let state: String?
    let journal: JournalSettings?

    init(section: inout Section, folder: String) {
        _ = section.value(MasterKeys.version)
        let key = section.found(MasterKeys.key)
        keys = (key?.value ?? []).map {
            // The standard value stands in no file.
            Found(value: $0.value, place: key?.place == nil ? nil : $0.place).below(folder)
        }
        agents = section.found(MasterKeys.agents)?.below(folder)
        (reports, adminSocket) =
            section.group(MasterKeys.listen) { listen in
                let reports = listen.value(MasterKeys.reports) ?? []
                Self.reportDoubled(reports, reporter: listen.reporter)
                return (reports.map(\.value), Self.socket(in: &listen, folder: folder))
            } ?? ([], nil)
        directive = section.group(MasterKeys.asked) { Self.directive(in: &$0) }
        ipvs = section.group(IPVSKeys.group) { IPVSSettings(section: &$0) }
        include = section.value(MasterKeys.include)?.map { $0.below(folder) } ?? []
        policy = section.found(Policies.commonKey)?.below(folder)
        policies = section.found(Policies.folderKey)?.below(folder)
        timezone = section.found(MasterKeys.timezone)
        state = section.value(MasterKeys.state).map { Files.join(folder, $0) }
        journal = JournalKeys.settings(in: &section, folder: folder)
    }

    private static func reportDoubled(_ addresses: [Found<SocketAddress>], reporter: Reporter) {
        var seen: Set<SocketAddress> = []
        for address in addresses where !seen.insert(address.value).inserted {
            guard let place = address.place else { continue }
            reporter.error(
                place, "\(address.value) stands here twice", remedy: "remove one of them")
        }
    }

    private static func directive(in asked: inout Section) -> Directive? {
        let every = asked.value(MasterKeys.every)
        let jitter = asked.found(MasterKeys.jitter)
        guard let every, let jitter else { return nil }
        guard case .every(let interval) = every else {
            if jitter.value > 0, let place = jitter.place {
                asked.reporter.error(
                    place, "agents that report as they want take no jitter",
                    remedy: "set every beside it, or remove it")
            }
            return nil
        }
        guard jitter.value <= interval else {
            asked.reporter.error(
                jitter.place ?? asked.place, "the jitter is longer than the interval",
                remedy: "at most \(Quantity.text(seconds: interval)) is allowed here")
            return nil
        }
        return Directive(
            intervalMilliseconds: UInt16((interval * 1000).rounded()),
            jitterMilliseconds: UInt16((jitter.value * 1000).rounded()))
    }

    private static func socket(in listen: inout Section, folder: String) -> String? {
        guard let found = listen.found(MasterKeys.admin)?.below(folder) else { return nil }
        guard found.value.utf8.count <= AdminAPI.socketPathLimit else {
            listen.reporter.error(
                found.place ?? listen.place, "the socket's path \(found.value) is too long",
                remedy: "\(AdminAPI.socketPathLimit) bytes are allowed")
            return nil
        }
        return found.value
    }
}

extension Found<String> {
    fileprivate func below(_ folder: String) -> Found<String> {
        Found(value: Files.join(folder, value), place: place)
    }
}

/// How often agents are to report.
enum Reporting: Equatable, Sendable {
    case own
    case every(seconds: Double)
}

extension Reading<Reporting> {
    static let reporting = Reading("own, or a duration from 50ms to 10s") {
        (scalar) throws(Complaint) in
        guard scalar.text != "own" else { return .own }
        let seconds = try Quantity.seconds(scalar.text)
        guard (0.05...10).contains(seconds) else {
            throw Complaint("\(scalar.text) is out of range", remedy: "50ms to 10s is allowed")
        }
        return .every(seconds: seconds)
    }
}

extension Reading<SocketAddress> {
    static let socketAddress = Reading("an address and port such as \"[::]:7817\"") {
        (scalar) throws(Complaint) in
        guard let address = SocketAddress(scalar.text) else {
            throw Complaint(
                "\"\(scalar.text)\" is not an address and port",
                remedy: "write 10.0.0.1:7817 or \"[fd00::1]:7817\"; names are not looked up")
        }
        guard address.port > 0 else {
            throw Complaint("port 0 is no port", remedy: "1 to 65535 is allowed; agents use 7817")
        }
        return address
    }
}
