// Servers that are to be removed and that the table does not show: gone, or skipped by one look.

internal import Weighting

/// Members that were looked for in vain, each since the first of the looks in a row.
struct Absences {
    private var since: [MemberKey: Instant] = [:]

    /// A list that is read while another destination is removed may leave one out, and what is known
    /// of a large table is up to five seconds old: two of its rounds.
    static let sureSeconds = 10.0

    /// Looks for these, and forgets all others.
    mutating func look(for members: [MemberKey], in table: Table, at now: Instant) {
        let absent = members.filter { member in
            // A service that is not there for a moment tells nothing of its servers.
            table[service: member.service].map { $0[member.destination] == nil } ?? false
        }
        since = Dictionary(
            absent.map { ($0, since[$0] ?? now) }, uniquingKeysWith: { first, _ in first })
    }

    /// Whether it was absent for so long that it is gone.
    func isGone(_ member: MemberKey, at now: Instant) -> Bool {
        since[member].map { now.seconds(since: $0) >= Self.sureSeconds } ?? false
    }
}
