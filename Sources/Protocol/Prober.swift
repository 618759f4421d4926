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

    /// What each report changes, apart from the rest: of thousands of agents it lies close together.
    private struct Promise {
        /// Of the newest report.
        var heardAt: Int64 = 0
        var intervalMilliseconds: UInt16 = 0
        /// Probes since then.
        var inVain: UInt8 = 0
        /// Whether another report is to come: not from an agent that was never heard, or said
        /// goodbye.
        var isAwaited = false
    }

    private struct Asked {
        var count = Count()
        var newestAt: Int64?
    }

    private var promises: [Promise]
    private var asked: [Asked]
    /// Whose turn is next, so that the limit holds back nobody for ever.
    private var next = 0

    package init(count: Int) {
        promises = Array(repeating: Promise(), count: count)
        asked = Array(repeating: Asked(), count: count)
    }

    package func count(ofAgent index: Int) -> Count { asked[index].count }

    /// Asks for the memory that a report of an agent changes.
    package func expect(agent index: Int) { promises.prefetch(index) }

    /// A report was applied.
    package mutating func hear(_ applied: Applied, _ report: borrowing Report, at now: Int64) {
        let index = applied.agent
        promises[index] = Promise(
            heardAt: now, intervalMilliseconds: report.intervalMilliseconds,
            isAwaited: !report.flags.contains(.final))
        if let roundTrip = applied.probeRoundTripNanoseconds {
            asked[index].count.answered &+= 1
            asked[index].count.roundTripNanoseconds = roundTrip
        }
    }

    /// When an agent is to be asked; `nil` for one of which nothing is awaited.
    ///
    /// A report is missed when half an interval more than it promised passed.
    private func dueAt(_ index: Int) -> Int64? {
        let promise = promises[index]
        guard promise.isAwaited else { return nil }
        let missedAt = promise.heardAt + Int64(promise.intervalMilliseconds) * 1_500_000
        guard let newestAt = asked[index].newestAt else { return missedAt }
        let span = promise.inVain < Self.patience ? Self.leastSpan : Self.longSpan
        return max(missedAt, newestAt + span)
    }

    /// Calls `send` for each agent that is to be asked now; it says whether there was a way to.
    package mutating func ask(at now: Int64, send: (_ agent: Int) -> Bool) {
        var left = Self.mostInTurn
        let first = next
        for step in promises.indices {
            let index = (first + step) % promises.count
            guard let dueAt = dueAt(index), dueAt <= now else { continue }
            guard left > 0 else { return }
            left -= 1
            next = (index + 1) % promises.count
            guard send(index) else {
                promises[index].isAwaited = false
                continue
            }
            asked[index].count.sent &+= 1
            asked[index].newestAt = now
            promises[index].inVain = min(promises[index].inVain + 1, UInt8(Self.patience))
        }
    }

    /// Goes on with other agents, as ``Receiver/adopt(_:)`` tells which were which.
    ///
    /// Where `isInUse` is false the master just dropped the pair that the agent reports by: the
    /// agent is asked at once, and does not have to find out.
    package mutating func adopt(_ kept: [Int?], at now: Int64, isInUse: (_ agent: Int) -> Bool) {
        let old = self
        promises = kept.map { $0.map { old.promises[$0] } ?? Promise() }
        asked = kept.map { $0.map { old.asked[$0] } ?? Asked() }
        next = 0
        for index in promises.indices where promises[index].isAwaited && !isInUse(index) {
            promises[index].intervalMilliseconds = 0
            promises[index].inVain = 0
        }
    }
}
