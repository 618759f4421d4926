// poise agent ls: the agents' keys, and what the master hears of them.

internal import ArgumentParser
internal import Protocol
internal import Weighting

struct AgentListCommand: KeyVerb {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "Lists the agents: their keys, and when they were last heard.",
        discussion: """
            Keys shows the first letters of each key, the newest first. Heard, State and Version \
            are the running master's; a dash means that it knows nothing. While an agent has \
            several keys, Note says which one it reports with.
            """)

    @OptionGroup var connection: Connection
    @OptionGroup var keys: KeyOptions

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let folder = try keys.folder()
        let files = try folder.names().map { (name) throws(Failure) in
            (name: name, keys: try folder.keys(of: name)?.keys ?? [])
        }
        var complaint = ""
        var heard: [Snapshot.Agent]?
        do {
            let snapshot = try await session.master.snapshot()
            heard = snapshot.agents
            if let refused = snapshot.master.reloadRefused {
                complaint = "poise: \(printable(refused)). `poise check` says why\n"
            }
        } catch {
            // The keys are known in any case.
            complaint = error.outcome.complaint
        }
        let list = AgentList(files: files, heard: heard)
        switch output {
        case .json:
            return Outcome(
                output: try JSON.text(list, isPretty: session.isTerminal), complaint: complaint)
        case .table, .wide:
            return Outcome(
                output: list.text(isWide: output == .wide, style: session.style),
                complaint: complaint)
        }
    }
}

/// Every agent that has a key here, or that the master still knows.
struct AgentList: Encodable, Equatable {
    let format = 1
    let agents: [Entry]

    struct Entry: Encodable, Equatable {
        var name: String
        /// In the order of the file, the newest first.
        var keys: [String]
        /// Whether the running master knows it; nothing without a master.
        var isKnown: Bool?
        var reportAgeSeconds: Double?
        var state: String?
        var version: String?
        var accepted: UInt64?
        var isDuplicate: Bool?
        /// The one of its keys that its newest report was made with.
        var keyInUse: String?
        /// True when no service of the configuration has a server of its name.
        var lacksServer: Bool?
    }

    private enum CodingKeys: CodingKey { case format, agents }

    /// `heard` is what the master says; nothing when none answered.
    init(files: [(name: String, keys: [PublicKey])], heard: [Snapshot.Agent]?) {
        var known: [String: Snapshot.Agent] = [:]
        for agent in heard ?? [] { known[agent.name] = agent }
        var agents = files.map { file in
            Self.entry(
                file.name, file.keys.map(\.text), known.removeValue(forKey: file.name),
                hasMaster: heard != nil)
        }
        // The master has not read the folder since these were removed.
        agents += known.values.sorted { $0.name < $1.name }
            .map { Self.entry($0.name, [], $0, hasMaster: true) }
        self.agents = agents
    }

    private static func entry(
        _ name: String, _ keys: [String], _ heard: Snapshot.Agent?, hasMaster: Bool
    ) -> Entry {
        Entry(
            name: name, keys: keys, isKnown: hasMaster ? heard != nil : nil,
            reportAgeSeconds: heard?.reportAgeSeconds, state: heard?.state,
            version: heard?.version, accepted: heard?.accepted, isDuplicate: heard?.isDuplicate,
            keyInUse: heard?.keyInUse, lacksServer: heard?.lacksServer)
    }

    func text(isWide: Bool, style: Style) -> String {
        guard !agents.isEmpty else {
            return "No agent has a key here; let one report with: poise agent add NAME KEY\n"
        }
        var grid = Grid(alignments: [.left, .left, .right, .left, .left, .left], indent: "")
        grid.rows.append(["Agent", "Keys", "Heard", "State", "Version", "Note"])
        for agent in agents {
            let keys = agent.keys.map { isWide ? $0 : Self.short($0) }.joined(separator: " ")
            grid.rows.append(
                [
                    agent.name, keys.isEmpty ? "-" : keys,
                    agent.reportAgeSeconds.map { Number.fixed($0, 1) + "s" } ?? "-",
                    agent.state ?? "-", agent.version ?? "-", Self.note(agent),
                ].map(printable))
        }
        var lines = grid.lines()
        lines[0] = style.paint(lines[0], .dim)
        return lines.joined(separator: "\n") + "\n"
    }

    static func short(_ key: String) -> String {
        (try? PublicKey(text: key))?.short ?? key
    }

    private static func note(_ agent: Entry) -> String {
        if agent.isKnown == false { return "not read yet: systemctl reload poise-master" }
        if agent.isDuplicate == true { return "two processes use its key: poise doctor" }
        guard !agent.keys.isEmpty else {
            return "removed, not read yet: systemctl reload poise-master"
        }
        if agent.lacksServer == true { return "no server has this name: poise doctor" }
        if agent.isKnown == true, agent.reportAgeSeconds == nil {
            return "never heard: poise doctor"
        }
        if agent.keys.count > 1, let inUse = agent.keyInUse {
            return inUse == agent.keys.first
                ? "reports with the newest key: poise agent rotate \(agent.name) --finish"
                : "reports with \(short(inUse))"
        }
        return "-"
    }
}
