// "Did you mean": which known names are near to a mistyped one.

/// Compares names without regard to case.
package enum NearName {
    /// Nobody mistypes a name that is longer, and the distance costs its square.
    private static let longest = 64

    /// The names that are near enough to be meant, nearest first; as near ones stay in order.
    package static func all(to name: String, in known: [String]) -> [String] {
        let word = Array(name.lowercased().unicodeScalars)
        guard word.count <= longest else { return [] }
        var near: [(place: Int, distance: Int)] = []
        for (place, candidate) in known.enumerated() {
            let letters = Array(candidate.lowercased().unicodeScalars)
            // One slip in a short word, and one more for every three letters.
            let limit = max(1, max(word.count, letters.count) / 3)
            guard abs(letters.count - word.count) <= limit, letters.count <= longest else {
                continue
            }
            let distance = distance(from: word, to: letters)
            if distance <= limit { near.append((place, distance)) }
        }
        return near.sorted { ($0.distance, $0.place) < ($1.distance, $1.place) }
            .map { known[$0.place] }
    }

    /// Insertions, deletions, replacements and swaps of neighbours that make one word the other.
    package static func distance(
        from one: [Unicode.Scalar], to other: [Unicode.Scalar]
    ) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...other.count)
        for row in 0..<one.count {
            var current = [row + 1]
            for column in 0..<other.count {
                let isSame = one[row] == other[column]
                var least = min(
                    current[column] + 1, last[column + 1] + 1, last[column] + (isSame ? 0 : 1))
                if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column]
                {
                    least = min(least, beforeLast[column - 1] + 1)
                }
                current.append(least)
            }
            (beforeLast, last) = (last, current)
        }
        return last[other.count]
    }
}
