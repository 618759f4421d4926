// What the running master makes of a configuration.

internal import IPVS
internal import Logging
internal import Protocol
internal import Weighting

extension Configuration {
    /// For each agent, in the order of `agents`, the index of its server in the cluster.
    var serverOfAgent: [Int?] {
        let places = Dictionary(
            cluster.servers.enumerated().map { ($1.name, $0) },
            uniquingKeysWith: { first, _ in first })
        return agents.map { places[$0.name] }
    }

    /// The keys whose change a reload cannot carry out.
    func keysThatNeedRestart(comparedWith next: Configuration) -> [String] {
        var keys: [String] = []
        if next.reports != reports { keys.append("listen.reports") }
        if next.adminSocket != adminSocket { keys.append("listen.admin") }
        if next.table.name != table.name { keys.append("ipvs.table") }
        return keys
    }
}

extension AgentKeys {
    /// The form that the receiver takes.
    var pair: (name: String, publicKeys: [PublicKey]) { (name, publicKeys) }
}

extension TableKind {
    /// As the configuration calls it.
    var name: String {
        switch self {
        case .kernel: "kernel"
        case .memory: "memory"
        }
    }

    /// The table to work on.
    func open() -> any IPVSTable {
        switch self {
        case .kernel: KernelTable()
        case .memory(let table): MemoryTable(table)
        }
    }
}

extension CheckAnswer {
    init(_ loaded: Configuration.Loaded) {
        self.init(
            ok: loaded.configuration != nil, errors: loaded.problems.errorCount,
            warnings: loaded.problems.warningCount, report: loaded.problems.report)
    }
}

extension Logger {
    /// Each line of the report as a line of the log, errors and warnings alike.
    func reportProblems(_ problems: Problems) {
        guard problems.errorCount + problems.warningCount > 0 else { return }
        for line in problems.report.split(separator: "\n").prefix(200) {
            log(level: problems.errorCount > 0 ? .error : .warning, "\(line)")
        }
    }
}
