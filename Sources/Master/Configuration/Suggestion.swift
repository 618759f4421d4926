// "Did you mean": the known word that is nearest to a mistyped one.

enum Suggestion {
    /// `did you mean "wlc"? known: rr wrr lc wlc`, without the question when nothing is near.
    static func remedy(for word: String, known: [String]) -> String {
        let list = "known: \(known.joined(separator: " "))"
        return nearest(to: word, in: known).map { "did you mean \"\($0)\"? \(list)" } ?? list
    }

    /// The first of the nearest words, if one is near enough to be meant.
    static func nearest(to word: String, in known: [String]) -> String? {
        let word = Array(word.lowercased().unicodeScalars)
        guard word.count <= longest else { return nil }
        var best: (word: String, distance: Int)?
        for candidate in known {
            let letters = Array(candidate.lowercased().unicodeScalars)
            // One slip in a short word, and one more for every three letters.
            let limit = max(1, max(word.count, letters.count) / 3)
            guard abs(letters.count - word.count) <= limit, letters.count <= longest else {
                continue
            }
            let distance = distance(from: word, to: letters)
            if distance <= limit && distance < best?.distance ?? .max {
                best = (candidate, distance)
            }
        }
        return best?.word
    }

    private static let longest = 64

    /// Insertions, deletions, replacements and swaps of neighbours that make one word the other.
    static func distance(from one: [Unicode.Scalar], to other: [Unicode.Scalar]) -> Int {
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
