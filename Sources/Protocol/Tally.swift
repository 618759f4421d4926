// How many datagrams were applied and refused, by reason.

/// The counters of §7, for one agent or for all datagrams that came.
package struct Tally: Equatable, Sendable {
    package private(set) var applied: UInt64 = 0
    private var refused = [UInt64](repeating: 0, count: Refusal.allCases.count)
    private var remarked = [UInt64](repeating: 0, count: Remarks.all.count)

    package init() {}

    package subscript(refusal: Refusal) -> UInt64 { refused[Int(refusal.rawValue)] }

    /// How many applied reports carried this remark; it is to be one of ``Remarks/all``.
    package subscript(remark: Remarks) -> UInt64 {
        for (index, entry) in Remarks.all.enumerated() where entry.remark == remark {
            return remarked[index]
        }
        return 0
    }

    /// Every counter with its name; `range` counts refused and clamped datagrams together.
    package var named: [(name: String, count: UInt64)] {
        var list: [(name: String, count: UInt64)] = [("applied", applied)]
        for refusal in Refusal.allCases { list.append((refusal.name, self[refusal])) }
        for (index, entry) in Remarks.all.enumerated() {
            if let same = list.firstIndex(where: { $0.name == entry.name }) {
                list[same].count += remarked[index]
            } else {
                list.append((entry.name, remarked[index]))
            }
        }
        return list
    }

    mutating func count(_ refusal: Refusal) { refused[Int(refusal.rawValue)] += 1 }

    mutating func countApplied(_ remarks: Remarks) {
        applied += 1
        guard !remarks.isEmpty else { return }
        for (index, entry) in Remarks.all.enumerated() where remarks.contains(entry.remark) {
            remarked[index] += 1
        }
    }
}
