// What the master says of itself, its agents and its services.

internal import Weighting

extension DirectorDiagnosis {
    mutating func judgeMaster(_ facts: DirectorFacts) {
        guard let snapshot = facts.snapshot else {
            return add(.masterUnreachable, Self.withoutStop(facts.masterTrouble))
        }
        if let trouble = snapshot.master.trouble {
            add(.masterTrouble, Self.withoutStop(trouble))
        }
        if let refused = snapshot.master.reloadRefused {
            add(.reloadRefused, Self.withoutStop(refused))
        }
        for service in snapshot.services {
            guard let hold = service.hold else { continue }
            // A row of their own tells of these.
            let own = ["undeclared_destinations", "service_absent", "scheduler"]
            guard facts.kernel == nil || !own.contains(hold.code) else { continue }
            add(.serviceHolds, Self.withoutStop(hold.text), of: service.name)
        }
        for agent in snapshot.agents { judge(agent) }
    }

    private mutating func judge(_ agent: Snapshot.Agent) {
        if agent.isDuplicate == true {
            add(.duplicateIdentity, "two keep reporting", of: agent.name)
        }
        guard let age = agent.reportAgeSeconds else {
            return add(.agentUnheard, "no report since the master started", of: agent.name)
        }
        let interval = Double(agent.intervalMilliseconds ?? 1000) / 1000
        guard age > max(Self.leastSilenceSeconds, Self.missedReports * interval) else { return }
        add(.agentSilent, "the newest report is \(Int(min(age, 1e9))) s old", of: agent.name)
    }

    private static let leastSilenceSeconds = 3.0
    private static let missedReports = 5.0

    /// A message as the middle of a line.
    static func withoutStop(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line.hasSuffix(".") ? String(line.dropLast()) : line
    }
}
