// How many datagrams were applied, challenged and refused, by reason, and what was answered.

/// The counters of §7, for one agent or for all datagrams that came.
///
/// Counting allocates nothing.
package struct Tally: Equatable, Sendable {
    /// What is counted beside refusals and remarks.
    package enum Event: UInt8, CaseIterable, Sendable {
        case applied
        /// Authentic and not proven to be of now: answered with a challenge, not applied.
        case challenged
        /// A boot was adopted, the fourth or more within a minute.
        case duplicateIdentity
        case replies
        /// Replies that were due and that the limits held back.
        case repliesLimited

        package var name: String {
            switch self {
            case .applied: "applied"
            case .challenged: "challenged"
            case .duplicateIdentity: "duplicate_identity"
            case .replies: "replies"
            case .repliesLimited: "replies_limited"
            }
        }
    }

    private static let firstRefusal = Event.allCases.count
    private static let firstRemark = firstRefusal + Refusal.allCases.count
    /// As many as there are events, refusals and remarks.
    private(set) var counts = InlineArray<21, UInt64>(repeating: 0)

    package init() {}

    package subscript(event: Event) -> UInt64 { counts[Int(event.rawValue)] }

    package subscript(refusal: Refusal) -> UInt64 {
        counts[Self.firstRefusal + Int(refusal.rawValue)]
    }

    /// How many applied reports carried this remark; it is to be one of ``Remarks/all``.
    package subscript(remark: Remarks) -> UInt64 {
        counts[Self.firstRemark + remark.rawValue.trailingZeroBitCount]
    }

    package var applied: UInt64 { self[.applied] }
    package var challenged: UInt64 { self[.challenged] }
    package var duplicateIdentity: UInt64 { self[.duplicateIdentity] }
    package var replies: UInt64 { self[.replies] }
    package var repliesLimited: UInt64 { self[.repliesLimited] }

    /// Every counter with its name; `range` counts refused and clamped datagrams together.
    package var named: [(name: String, count: UInt64)] {
        var list = Event.allCases.map { (name: $0.name, count: self[$0]) }
        list += Refusal.allCases.map { (name: $0.name, count: self[$0]) }
        for (remark, name) in Remarks.all {
            if let same = list.firstIndex(where: { $0.name == name }) {
                list[same].count += self[remark]
            } else {
                list.append((name, self[remark]))
            }
        }
        return list
    }

    mutating func count(_ event: Event) { counts[Int(event.rawValue)] &+= 1 }

    mutating func count(_ refusal: Refusal) {
        counts[Self.firstRefusal + Int(refusal.rawValue)] &+= 1
    }

    mutating func countApplied(_ remarks: Remarks) {
        count(.applied)
        var left = remarks.rawValue
        while left != 0 {
            counts[Self.firstRemark + left.trailingZeroBitCount] &+= 1
            left &= left - 1
        }
    }

    package static func == (one: Tally, other: Tally) -> Bool {
        one.counts.indices.allSatisfy { one.counts[$0] == other.counts[$0] }
    }
}
