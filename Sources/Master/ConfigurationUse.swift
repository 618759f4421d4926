// What the running master makes of a configuration.

internal import Daemon
internal import IPVS
internal import Logging
internal import Protocol
internal import Settings
internal import Weighting

extension Configuration {
    /// For each agent, in the order of `roster`, the index of its server in the cluster.
    var serverOfAgent: [Int?] {
        let places = Dictionary(
            cluster.servers.enumerated().map { ($1.name, $0) },
            uniquingKeysWith: { first, _ in first })
        return roster.names.map { places[$0] }
    }

    /// For each server of the cluster, the index of its agent.
    var agentOfServer: [Int?] {
        var agents = [Int?](repeating: nil, count: cluster.servers.count)
        for (agent, server) in serverOfAgent.enumerated() {
            if let server { agents[server] = agent }
        }
        return agents
    }

    var fixed: Fixed {
        Fixed(
            reports: reports, adminSocket: adminSocket, table: table,
            journalFolder: journal.folder, state: state)
    }

    /// What a process opens once, at its start; a reload does not move it.
    struct Fixed {
        let reports: [SocketAddress]
        let adminSocket: String
        let table: TableKind
        /// Nothing when nothing is recorded.
        let journalFolder: String?
        let state: String

        /// What of `next` only a restart brings.
        func changes(to next: Fixed) -> [String] {
            var changes: [String] = []
            if next.reports != reports { changes.append("listen.reports") }
            if next.adminSocket != adminSocket { changes.append("listen.admin") }
            if next.journalFolder != journalFolder {
                changes.append("journal.record or journal.folder")
            }
            if next.state != state { changes.append("state") }
            switch (table, next.table) {
            case (.kernel, .kernel): break
            case (.memory(let held), .memory(let wanted)):
                if held != wanted { changes.append("the services of the table in memory") }
            case (.kernel, .memory), (.memory, .kernel): changes.append("ipvs.table")
            }
            return changes
        }
    }
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
            warnings: loaded.problems.warningCount, report: loaded.report)
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
