// What happens to one member again and again: told at once, and from then on once a minute.

/// How often things happened since they were told.
struct Repeats: Sendable {
    private var counts: [Subject: Count] = [:]

    struct Subject: Hashable {
        let cause: Happening.Cause
        /// Indices into the cluster's services and their members; no member where it is about all
        /// of a service, and neither for all that there is no room to count apart.
        var service: Int?
        var place: Int?
    }

    private struct Count {
        var toldAt: Instant
        var more = 0
    }

    static let seconds = 60.0
    /// A tool that fights over every weight of a large fleet is counted as one.
    static let most = 1_024

    /// Whether it is to be told now; if not, it is counted.
    mutating func isNews(_ subject: Subject, at now: Instant) -> Bool {
        let hasRoom = counts.count < Self.most || counts[subject] != nil
        let counted = hasRoom ? subject : Subject(cause: subject.cause)
        guard counts[counted] == nil else {
            counts[counted]?.more += 1
            return false
        }
        counts[counted] = Count(toldAt: now)
        return true
    }

    /// What was counted for a minute, in no order; what came no more is forgotten.
    mutating func due(at now: Instant) -> [(subject: Subject, count: Int)] {
        guard !counts.isEmpty else { return [] }
        var due: [(subject: Subject, count: Int)] = []
        for (subject, count) in counts where now.seconds(since: count.toldAt) >= Self.seconds {
            if count.more > 0 { due.append((subject, count.more)) }
            counts[subject] = count.more > 0 ? Count(toldAt: now) : nil
        }
        return due
    }
}
