// Files by which an operator drains this server or a service of it.

internal import CLinux
internal import Daemon
internal import Protocol

/// What the names in the maintenance folder ask for; what is in the files does not matter.
struct Maintenance {
    /// The file that drains the whole server, as one with the host's name does.
    static let wholeServer = "all"
    /// More names than these are not looked at, and told.
    private static let mostNames = 1_000

    let folder: String
    private let serverNames: [String]
    private let services: [Configuration.Service]
    private var mark: FolderMark?
    private var isListedTwice = true
    private var trouble = Trouble("maintenance")

    /// Whether the folder was ever seen; before that nobody knows what it asks for.
    private var isSeen = false

    /// Whether the server as a whole drains, and which of its services do.
    private(set) var drainsServer = false
    private(set) var drainedServices: Set<ServiceID> = []

    init(_ configuration: Configuration) {
        self.init(
            folder: "\(configuration.runFolder)/maintenance", services: configuration.services,
            hostName: Self.hostName)
    }

    init(folder: String, services: [Configuration.Service], hostName: String) {
        self.folder = folder
        self.services = services
        let shortName = String(hostName.prefix { $0 != "." })
        serverNames = [Self.wholeServer, hostName, shortName]
    }

    /// The host's name as the kernel has it.
    private static var hostName: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "" }
        return name.withUnsafeBufferPointer { buffer in
            buffer.baseAddress.map { String(cString: $0) } ?? ""
        }
    }

    /// What is wrong, for the status line.
    var fault: String? { trouble.told }

    /// Whether nothing is; costs less than ``fault``.
    var isWell: Bool { trouble.isWell }

    /// Whether this server gets nothing new by its operator's will: as a whole, or every service.
    ///
    /// `nil` as long as nobody knows.
    var drainsEverything: Bool? {
        guard isSeen else { return nil }
        return drainsServer || !services.isEmpty && drainedServices.count == services.count
    }

    /// Whether anything here is drained by its operator.
    var drainsSomething: Bool { drainsServer || !drainedServices.isEmpty }

    /// Looks at the folder; what was asked for stays when that fails.
    mutating func look(at now: Int64, log: Log) {
        do throws(SystemError) {
            let mark = try FolderMark(of: folder)
            let isChanged = mark != self.mark
            // A name that came right after a listing may have left the mark as it was.
            guard isChanged || !isListedTwice else {
                isSeen = true
                return
            }
            let names = mark == nil ? [] : try Folder.names(in: folder, limit: Self.mostNames)
            self.mark = mark
            isSeen = true
            isListedTwice = !isChanged
            take(names, at: now, log: log)
        } catch {
            trouble.take(error.description, at: now, log: log)
        }
    }

    private mutating func take(_ names: [String], at now: Int64, log: Log) {
        let (hadServer, had) = (drainsServer, drainedServices)
        drainsServer = names.contains(where: serverNames.contains)
        drainedServices = Set(services.filter { names.contains($0.name) }.map(\.id))
        if drainsServer != hadServer {
            log.notice(drainsServer ? "maintenance: the server drains" : "maintenance: over")
        }
        for service in services
        where drainedServices.contains(service.id) != had.contains(service.id) {
            log.notice(
                "maintenance of \(service.name): "
                    + (drainedServices.contains(service.id) ? "it drains" : "over"))
        }
        trouble.take(fault(of: names), at: now, log: log)
    }

    private func fault(of names: [String]) -> String? {
        guard names.count < Self.mostNames else {
            return "\(folder) holds \(Self.mostNames) names or more, and the rest is not looked at"
        }
        let strange = names.first { name in
            !serverNames.contains(name) && !services.contains { $0.name == name }
        }
        guard let strange else { return nil }
        let known = serverNames + services.map(\.name)
        let meant = suggestion(for: strange, among: known).map { "; did you mean \($0)?" } ?? ""
        return "\(folder)/\(strange) drains nothing: no service here has this name\(meant)"
    }

    /// Puts what was asked for into a report.
    ///
    /// As long as nobody knows what was asked for, nothing is said that would end a drain.
    func mark(_ report: inout Report) {
        guard isSeen else {
            if report.state == .up { report.state = .unknown }
            for index in report.services.indices where report.services[index].state == .up {
                report.services[index].state = .unknown
            }
            return
        }
        if drainsServer, let state = Self.drained(report.state) {
            report.state = state
            report.reason = .maintenanceFile
        }
        // Mostly nothing drains, and this runs at every report.
        if drainedServices.isEmpty { return }
        for index in report.services.indices
        where drainedServices.contains(report.services[index].id) {
            if let state = Self.drained(report.services[index].state) {
                report.services[index].state = state
                report.services[index].reason = .maintenanceFile
            }
        }
    }

    /// Draining; `nil` for what is worse off, as a server that is down.
    private static func drained(_ state: HostState) -> HostState? {
        HostState.worse(state, .draining) == .draining ? .draining : nil
    }
}
