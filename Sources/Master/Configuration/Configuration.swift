// The whole configuration: every file read, checked and put together, or nothing of it.

internal import Checks
internal import Daemon
internal import Protocol
internal import Settings
internal import Weighting

/// What the master works by.
struct Configuration: Equatable, Sendable {
    /// Where reports arrive; UDP.
    var reports: [SocketAddress]
    /// The path of the unix socket for commands.
    var adminSocket: String
    /// The master's keys and the agents' by name, and what they agreed on.
    var roster: Roster
    /// How often agents are to report; nothing leaves it to them.
    var directive: Directive?
    var cluster: Cluster
    var table: TableKind
    var ipvs = IPVSSettings()
    /// All of the services, where Poise makes them.
    var declaration: Declaration?
    var journal: JournalSettings
    /// The folder of what the master keeps over its end.
    var state: String
    var shadow: ShadowCluster?
    var calendar = PolicyCalendar()
    /// The clocks that people mean, by their name.
    var timezone = MasterKeys.standardTimezone
    /// Whom the director itself checks, and how.
    var checks: [CheckedMember] = []

    /// A configuration if there was no error, and everything that was found.
    struct Loaded: Sendable {
        let configuration: Configuration?
        let problems: Problems

        /// For people: what was found, and what a valid configuration comes to.
        var report: String {
            guard let configuration else { return problems.report }
            let cluster = configuration.cluster
            let counts = [
                Problems.count(cluster.services.count, "service"),
                Problems.count(cluster.servers.count, "server"),
                Problems.count(configuration.roster.names.count, "agent"),
            ]
            return problems.report + "valid: \(counts.joined(separator: ", "))\n"
        }
    }

    /// Reads `path`, which is a master.yaml, and all files that it names.
    ///
    /// Keys that agreed in `known` need not do so again: for ten thousand agents that saves a third
    /// of a second. Nor need files of services be understood again that `cache` has.
    static func load(
        _ path: String, reusing known: Roster? = nil, cache: ServicesCache = ServicesCache()
    ) -> Loaded {
        let reporter = Reporter()
        let configuration = Loader(path: path, known: known, cache: cache, reporter: reporter)
            .load()
        return Loaded(
            configuration: reporter.errorCount == 0 ? configuration : nil,
            problems: reporter.problems)
    }
}

/// Which table the master works on.
enum TableKind: Equatable, Sendable {
    case kernel
    /// Begins as it is here, and lives in the process.
    case memory(Table)
}

/// One run over all files.
private struct Loader {
    let path: String
    let known: Roster?
    let cache: ServicesCache
    let reporter: Reporter

    func load() -> Configuration? {
        guard let tree = TreeFile.read(path, reporter: reporter) else { return nil }
        let folder = Files.folder(of: path)
        let master = Section.read(tree, reporter: reporter) {
            MasterFile(section: &$0, folder: folder)
        }
        guard let master else { return nil }

        let keyFiles = KeyFiles(reporter: reporter)
        let secretKeys = keyFiles.secretKeys(master.keys)
        let agents = master.agents.flatMap(keyFiles.agents)
        let roster = agents.flatMap {
            keyFiles.roster(
                secretKeys: secretKeys, of: master.keys.first?.value ?? path, agents: $0,
                reusing: known)
        }

        let policies = master.policy.flatMap { common in
            master.policies.map { Policies(common: common, folder: $0, reporter: reporter) }
        }
        let errors = reporter.errorCount
        let assembly = ClusterAssembly(services: services(master.include), reporter: reporter)
        let cluster = assembly.cluster(policies: policies ?? Policies())
        let shadow = assembly.shadow(of: cluster, policies: policies ?? Policies())
        let calendar = assembly.calendar(
            zone: zone(master.timezone, isUsed: assembly.hasWindows),
            policies: policies ?? Policies())
        let checks = assembly.checkedMembers()
        let isComplete = reporter.errorCount == errors && !master.include.isEmpty
        if isComplete && cluster.services.isEmpty {
            reporter.warning(
                path: path, "no service is declared, so no weight will follow load",
                remedy: "declare one in a file that \"include\" names: services.d/*.yaml")
        }
        if let agents, let agentFolder = master.agents?.value {
            assembly.reportLonely(agents: agents, folder: agentFolder, isComplete: isComplete)
        }

        let declaration = master.ipvs.flatMap { assembly.declaration($0) }
        guard let adminSocket = master.adminSocket, let ipvs = master.ipvs,
            let roster, let journal = master.journal, let state = master.state
        else { return nil }
        return Configuration(
            reports: master.reports, adminSocket: adminSocket, roster: roster,
            directive: master.directive, cluster: cluster,
            table: ipvs.isTableOfKernel
                ? .kernel : .memory(declaration == nil ? assembly.table : Table()),
            ipvs: ipvs, declaration: declaration, journal: journal, state: state,
            shadow: shadow, calendar: calendar,
            timezone: master.timezone?.value ?? MasterKeys.standardTimezone, checks: checks)
    }

    /// Where nothing goes by a zone that nobody named, no file of it is read.
    private func zone(_ name: Found<String>?, isUsed: Bool) -> Zone {
        guard let name, isUsed || name.place != nil else { return .utc }
        do throws(Complaint) {
            return try Zone.named(name.value)
        } catch {
            if let place = name.place {
                reporter.error(place, error.message, remedy: error.remedy)
            } else {
                reporter.error(path: path, error.message, remedy: error.remedy)
            }
            return .utc
        }
    }

    private func services(_ include: [Found<String>]) -> [DeclaredService] {
        var seen: Set<String> = []
        let files = include.flatMap { pattern in self.files(pattern) }
            .filter { seen.insert($0.value).inserted }
        guard files.count <= Self.mostFiles else {
            reporter.error(
                path: path, "\(files.count) files are included",
                remedy: "at most \(Self.mostFiles) are allowed")
            return []
        }
        cache.keep(only: seen)
        return files.flatMap {
            cache.services($0.value, namedAt: $0.place, reporter: reporter)
        }
    }

    private static let mostFiles = 100

    /// The files that a pattern of `include` names: none is fine for a pattern, not for a name.
    private func files(_ pattern: Found<String>) -> [Found<String>] {
        let isPattern = { (text: Substring) in text.contains("*") || text.contains("?") }
        let folder = Files.folder(of: pattern.value)
        let name = pattern.value[...].dropFirst(folder.isEmpty ? 0 : folder.count)
            .drop { $0 == "/" }
        if let place = pattern.place, isPattern(folder[...]) {
            reporter.error(
                place, "\"\(pattern.value)\" has a * or ? in the name of a folder",
                remedy: "they may stand in the name of the file only")
            return []
        }
        guard isPattern(name) else { return [pattern] }
        do throws(FileError) {
            return try Files.names(in: folder, matching: String(name))
                .map { Found(value: Files.join(folder, $0), place: nil) }
        } catch {
            if !error.isAbsent { reporter.error(path: folder, "\(error)") }
            return []
        }
    }
}
