// Which status codes are good, as in `200-299,301`.

package struct StatusRanges: Hashable, Sendable {
    package let ranges: [ClosedRange<Int>]

    /// Two hundred and something.
    package static let successes = StatusRanges(ranges: [200...299])
    private static let most = 20

    package init(ranges: [ClosedRange<Int>]) { self.ranges = ranges }

    /// Codes and ranges of codes between commas; `nil` when that is something else.
    package init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= Self.most else { return nil }
        var ranges: [ClosedRange<Int>] = []
        for part in parts {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
                .map { Self.code($0.filter { $0 != " " }) }
            guard let low = ends.first ?? nil, let high = ends.last ?? nil, ends.count <= 2,
                low <= high
            else { return nil }
            ranges.append(low...high)
        }
        self.ranges = ranges
    }

    private static func code(_ text: String) -> Int? {
        guard text.utf8.count == 3, let code = Int(text), (100...599).contains(code) else {
            return nil
        }
        return code
    }

    package func contains(_ status: Int) -> Bool { ranges.contains { $0.contains(status) } }

    package var text: String {
        ranges.map { range in
            range.count == 1
                ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
        }.joined(separator: ",")
    }
}
