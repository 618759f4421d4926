// One fault in the configuration, told as file:line:column with the line and a caret.

/// Where something stands in a file; both count from 1.
struct Position: Equatable {
    let line: Int
    let column: Int
}

/// A fault that the operator can mend.
struct Problem: Equatable {
    let position: Position
    let message: String
}

extension Problem {
    /// The letter to the operator: place, fault, and the line with a caret under it.
    func text(file: String, source: INIFile) -> String {
        let place = "\(file):\(position.line):\(position.column): error: \(message)\n"
        guard let line = source.line(position.line) else { return place }
        var margin = ""
        // Tabs stay tabs, so that the caret stands under its character whatever a tab's width.
        for character in line.unicodeScalars.prefix(position.column - 1) {
            margin += character == "\t" ? "\t" : " "
        }
        return place + "\(line)\n\(margin)^\n"
    }
}

/// The known word nearest to a mistyped one, if it is near enough to be meant.
func suggestion(for word: String, among known: [String]) -> String? {
    var best: (word: String, distance: Int)?
    for candidate in known {
        let distance = editDistance(Array(word.utf8), Array(candidate.utf8))
        if distance < best?.distance ?? Int.max { best = (candidate, distance) }
    }
    // A third of the letters wrong is a typo; more is another word.
    guard let best, best.distance <= max(1, best.word.utf8.count / 3) else { return nil }
    return best.word
}

/// The fewest insertions, deletions, replacements and swaps of neighbours from `a` to `b`.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for (i, x) in a.enumerated() {
        var row = [i + 1]
        for (j, y) in b.enumerated() {
            var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (x == y ? 0 : 1))
            if i > 0, j > 0, x == b[j - 1], a[i - 1] == y {
                cost = min(cost, beforeLast[j - 1] + 1)
            }
            row.append(cost)
        }
        (beforeLast, last) = (last, row)
    }
    return last[b.count]
}
