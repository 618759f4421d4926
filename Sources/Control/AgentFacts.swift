// What two snapshots a moment apart say of one agent, and the finding that it leads to. Pure.

internal import Protocol
internal import Weighting

/// What two snapshots say of one agent.
struct AgentFacts {
    let trouble: String?
    let known: [String]
    /// Of all services.
    let servers: [String]
    private let seconds: Double
    let later: Snapshot.Agent?
    private let isRestarted: Bool
    private let earlier: Snapshot.Agent?
    private let totalLater: [String: UInt64]
    private let totalEarlier: [String: UInt64]
    private let droppedLater: UInt64?
    private let droppedEarlier: UInt64?

    init(of name: String, earlier: Snapshot, later: Snapshot) {
        trouble = later.master.trouble
        known = later.agents.map(\.name)
        servers = later.serverNames
        // A master that began in between counts from 0.
        isRestarted = later.master.uptimeSeconds < earlier.master.uptimeSeconds
        seconds =
            isRestarted
            ? later.master.uptimeSeconds
            : later.master.uptimeSeconds - earlier.master.uptimeSeconds
        self.later = later.agents.first { $0.name == name }
        self.earlier = isRestarted ? nil : earlier.agents.first { $0.name == name }
        totalLater = later.refusals
        totalEarlier = isRestarted ? [:] : earlier.refusals
        droppedLater = later.master.droppedByKernel
        droppedEarlier = isRestarted ? nil : earlier.master.droppedByKernel
    }

    /// Reports of the agent applied between the two.
    var accepted: UInt64 { Self.growth(earlier?.accepted, later?.accepted) }

    /// Datagrams of the agent so counted between the two.
    func grew(_ counter: String) -> UInt64 {
        Self.growth(earlier?.refusals[counter], later?.refusals[counter])
    }

    /// Datagrams of anybody so counted between the two.
    func grewInAll(_ counter: String) -> UInt64 {
        Self.growth(totalEarlier[counter], totalLater[counter])
    }

    var dropped: UInt64 { Self.growth(droppedEarlier, droppedLater) }

    private static func growth(_ earlier: UInt64?, _ later: UInt64?) -> UInt64 {
        let (earlier, later) = (earlier ?? 0, later ?? 0)
        // An agent's counters start anew when it gets new keys.
        return later >= earlier ? later - earlier : later
    }

    /// Whether the newest report is as young as the agent promised, one missing allowed for.
    private var isHeard: Bool {
        guard accepted == 0 else { return true }
        guard let age = later?.reportAgeSeconds else { return false }
        return age <= 2.5 * Double(later?.intervalMilliseconds ?? 500) / 1000
    }

    var finding: Diagnosis.Finding {
        guard let later else { return .notConfigured }
        if later.lacksServer == true { return .noServer }
        if later.isDuplicate == true || grew(Counter.duplicateIdentity) > 0 {
            return .duplicateIdentity
        }
        if isHeard { return remark }
        if let refused = Counter.ofAgent.first(where: { grew($0.name) > 0 }) {
            return refused.finding
        }
        if trouble != nil { return .receptionFails }
        // Asked in vain just now: what others send with keys that nobody has tells less.
        if probesSent > 0, probesAnswered == 0 { return silence(of: later) }
        if let refused = Counter.ofAnybody.first(where: { grewInAll($0.name) > 0 }) {
            return refused.finding
        }
        if dropped > 0 { return .droppedByKernel }
        if later.reportAgeSeconds != nil { return silence(of: later) }
        // An agent with a long interval may have been refused before anybody looked.
        let past = Counter.ofAgent.first { later.refusals[$0.name, default: 0] > 0 }
        return past?.finding ?? .nothingArrives
    }

    /// Of an agent that was heard: the master asks it, unless it said goodbye.
    private func silence(of agent: Snapshot.Agent) -> Diagnosis.Finding {
        let isAsked = agent.probesSent ?? 0 > agent.probesAnswered ?? 0
        return isAsked && agent.state != HostState.leaving.name ? .answersNoProbe : .fellSilent
    }

    private var probesSent: UInt64 { Self.growth(earlier?.probesSent, later?.probesSent) }
    private var probesAnswered: UInt64 {
        Self.growth(earlier?.probesAnswered, later?.probesAnswered)
    }

    /// What is odd about an agent that is heard.
    private var remark: Diagnosis.Finding {
        if grew(Counter.notEntitled) > 0 { return .notEntitled }
        if grew(Counter.staleSample) > 0 { return .staleSample }
        // One report that is late is none that is lost.
        return probesAnswered > 0 && probesSent > 1 ? .reportsLost : .fine
    }

    /// The numbers that the finding rests on.
    var seen: [String] {
        guard let later else { return ["the master knows \(known.count) agents, and not this one"] }
        let span = "in \(Number.fixed(seconds, 1)) s"
        var seen = ["\(span): \(accepted) reports applied"]
        for counter in later.refusals.keys.sorted() where grew(counter) > 0 {
            seen.append("\(span): \(grew(counter)) counted as \(counter)")
        }
        for counter in Counter.ofAnybody where grewInAll(counter.name) > 0 {
            seen.append("\(span): \(grewInAll(counter.name)) of anybody as \(counter.name)")
        }
        if dropped > 0 { seen.append("\(span): \(dropped) dropped by the kernel") }
        if probesSent > 0 {
            seen.append("\(span): \(probesAnswered) of \(probesSent) probes were answered")
        }
        seen.append("since the start: \(later.accepted) reports applied" + past(later))
        // Of whom there is no server, nobody keeps when a report came.
        if later.lacksServer != true {
            seen.append(
                later.reportAgeSeconds.map { "the newest report is \(Number.fixed($0, 1)) s old" }
                    ?? "no report was ever applied")
        }
        if let sent = later.probesSent {
            let way = later.roundTripMilliseconds.map {
                ", the newest in \(Number.fixed($0, 1)) ms"
            }
            seen.append(
                "since the start: \(later.probesAnswered ?? 0) of \(sent) probes were answered"
                    + (way ?? ""))
        }
        if let trouble { seen.append("trouble: \(trouble)") }
        return seen
    }

    private func past(_ agent: Snapshot.Agent) -> String {
        agent.refusals.sorted { $0.key < $1.key }.map { ", \($0.value) \($0.key)" }.joined()
    }

    /// The counters that lead to a finding, the most telling first.
    enum Counter {
        static let duplicateIdentity = Tally.Event.duplicateIdentity.name
        static let notEntitled = "not_entitled"
        static let staleSample = "stale_sample"

        static let ofAgent: [(name: String, finding: Diagnosis.Finding)] = [
            (Refusal.badMAC.name, .badMAC), (Tally.Event.challenged.name, .neverChallenged),
            (Refusal.malformed.name, .malformed), (Refusal.duplicate.name, .replayed),
            (Refusal.late.name, .replayed), (Refusal.range.name, .malformed),
        ]
        static let ofAnybody: [(name: String, finding: Diagnosis.Finding)] = [
            (Refusal.unknownLocator.name, .unknownKey), (Refusal.version.name, .otherVersion),
        ]
    }
}
