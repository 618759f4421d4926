// From two snapshots to why an agent is not heard. Pure.

internal import Weighting

/// What is wrong with one agent: what was seen, what it means, and what to do now.
struct Diagnosis: Encodable, Equatable {
    let format = 1
    let agent: String
    let finding: Finding
    let seen: [String]
    let means: String
    let now: String

    /// The closed list of answers; programs read the words.
    enum Finding: String, Encodable, CaseIterable {
        case fine
        case notConfigured = "not_configured"
        case noServer = "no_server"
        case receptionFails = "reception_fails"
        case duplicateIdentity = "duplicate_identity"
        case notEntitled = "not_entitled"
        case staleSample = "stale_sample"
        case neverChallenged = "never_challenged"
        case badMAC = "bad_mac"
        case replayed
        case malformed
        case otherVersion = "other_version"
        case unknownKey = "unknown_key"
        case droppedByKernel = "dropped_by_kernel"
        case nothingArrives = "nothing_arrives"
        case fellSilent = "fell_silent"
        case answersNoProbe = "answers_no_probe"
        case reportsLost = "reports_lost"
    }

    private enum CodingKeys: CodingKey { case format, agent, finding, seen, means, now }

    /// `earlier` and `later` are of one master, a second or more apart.
    init(of name: String, earlier: Snapshot, later: Snapshot) {
        let facts = AgentFacts(of: name, earlier: earlier, later: later)
        agent = name
        finding = facts.finding
        seen = facts.seen
        (means, now) = finding.advice(for: name, facts)
    }

    func text(_ style: Style) -> String {
        let name = style.paint(printable(agent), .bold)
        let ink: Style.Ink = finding == .fine ? .bold : .yellow
        var lines = ["\(name): \(style.paint(finding.title, ink))"]
        lines += seen.map { "  seen   \(printable($0))" }
        lines.append("  means  \(printable(means))")
        lines.append("  now    \(printable(now))")
        return lines.joined(separator: "\n") + "\n"
    }
}
