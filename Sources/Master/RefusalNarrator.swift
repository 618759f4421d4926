// What the log says of datagrams that were not taken: a line a minute for each reason, with a count.

internal import Logging
internal import Protocol
internal import Weighting

/// Counts what grew since the last line of each reason.
struct RefusalNarrator {
    private var told: [String: Told] = [:]

    private struct Told {
        var count: UInt64
        var at: Instant
    }

    static let quietSeconds = 60.0
    /// How every agent begins, and what was answered: nothing to tell.
    private static let ordinary: Set<String> = [
        Tally.Event.applied.name, Tally.Event.challenged.name, Tally.Event.replies.name,
    ]

    /// The lines that are due; `dropped` is what the kernel had no room for.
    mutating func lines(_ total: Tally, dropped: UInt64, at now: Instant) -> [LogLine] {
        (total.named + [("dropped_by_kernel", dropped)]).compactMap { name, count in
            guard count > 0, !Self.ordinary.contains(name) else { return nil }
            let before = told[name]
            let since = before.map { now.seconds(since: $0.at) }
            let grown = count - min(count, before?.count ?? 0)
            guard grown > 0, since.map({ $0 >= Self.quietSeconds }) ?? true else { return nil }
            told[name] = Told(count: count, at: now)
            let span = since.map { " in \(Int($0)) s" } ?? ""
            return LogLine(
                level: .warning, "datagrams counted as \(name): \(grown)\(span)",
                ["reason": "\(name)", "count": "\(grown)"])
        }
    }
}
