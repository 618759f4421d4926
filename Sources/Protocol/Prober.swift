// Whether a silent agent lives: which agents are asked, how often, and what came of it.

/// Decides when agents are probed (PROTOCOL.md §6), and counts.
///
/// Holds no clock and sends nothing: times are nanoseconds of the caller's monotonic clock. Hearing
/// allocates nothing.
package struct Prober: Sendable {
    /// No agent is asked more often.
    package static let leastSpan: Int64 = 1_000_000_000
    /// After so many probes in vain one is sent every ``longSpan``.
    package static let patience = 10
    package static let longSpan: Int64 = 10_000_000_000
    /// Agents that are asked in one turn; a path that broke for all would else be flooded.
    package static let mostInTurn = 100

    /// What came of the probes to one agent.
    package struct Count: Equatable, Sendable {
        package var sent: UInt32 = 0
        /// Answers to the newest probe at their time, of which each counts once.
        package var answered: UInt32 = 0
        /// Of the newest answer, there and back without the agent's own delay.
        package var roundTripNanoseconds: Int64?

        package init() {}
    }

    private struct Agent {
        var count = Count()
        var inVain: UInt32 = 0
        var askedAt: Int64?
        /// When to ask; `nil` for an agent that was never heard, or said goodbye.
        var dueAt: Int64?
    }

    private var agents: [Agent]
    /// Whose turn is next, so that the limit holds back nobody for ever.
    private var next = 0

    package init(count: Int) { agents = Array(repeating: Agent(), count: count) }

    package func count(ofAgent index: Int) -> Count { agents[index].count }

    /// Asks for the memory of what is known of an agent.
    package func expect(agent index: Int) { agents.prefetch(index) }

    /// A report was applied; the next one is missed when half an interval more than promised passed.
    package mutating func hear(_ applied: Applied, _ report: borrowing Report, at now: Int64) {
        let index = applied.agent
        agents[index].inVain = 0
        if let roundTrip = applied.probeRoundTripNanoseconds {
            agents[index].count.answered &+= 1
            agents[index].count.roundTripNanoseconds = roundTrip
        }
        guard !report.flags.contains(.final) else {
            agents[index].dueAt = nil
            return
        }
        let missedAt = now + Int64(report.intervalMilliseconds) * 1_500_000
        agents[index].dueAt = max(missedAt, agents[index].askedAt.map { $0 + Self.leastSpan } ?? 0)
    }

    /// Calls `send` for each agent that is to be asked now; it says whether there was a way to.
    package mutating func ask(at now: Int64, send: (_ agent: Int) -> Bool) {
        var left = Self.mostInTurn
        let first = next
        for step in agents.indices {
            let index = (first + step) % agents.count
            guard let dueAt = agents[index].dueAt, dueAt <= now else { continue }
            guard left > 0 else { return }
            left -= 1
            next = (index + 1) % agents.count
            guard send(index) else {
                agents[index].dueAt = nil
                continue
            }
            agents[index].count.sent &+= 1
            agents[index].inVain = min(agents[index].inVain + 1, UInt32(Self.patience))
            agents[index].askedAt = now
            let span = agents[index].inVain < Self.patience ? Self.leastSpan : Self.longSpan
            agents[index].dueAt = now + span
        }
    }

    /// Goes on with other agents, as ``Receiver/adopt(_:)`` tells which were which.
    ///
    /// Where `isInUse` is false the master just dropped the pair that the agent reports by: the
    /// agent is asked at once, and does not have to find out.
    package mutating func adopt(_ kept: [Int?], at now: Int64, isInUse: (_ agent: Int) -> Bool) {
        let old = agents
        agents = kept.map { $0.map { old[$0] } ?? Agent() }
        next = 0
        for index in agents.indices where agents[index].dueAt != nil && !isInUse(index) {
            agents[index].dueAt = max(now, agents[index].askedAt.map { $0 + Self.leastSpan } ?? 0)
        }
    }
}
