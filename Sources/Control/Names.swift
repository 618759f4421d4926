// What names there are, and which of them a person may have meant.

enum Names {
    /// A list that is longer helps nobody.
    private static let listLimit = 20

    /// ` (rs1 rs2 …)`, after the names that are near, if any.
    static func advice(for name: String, known: [String]) -> String {
        guard !known.isEmpty else { return " (there is none)" }
        let shown = known.prefix(listLimit).map(printable).joined(separator: " ")
        let more = known.count > listLimit ? " and \(known.count - listLimit) more" : ""
        let near = near(to: name, in: known)
        let question =
            near.isEmpty ? "" : "; did you mean \(near.map(printable).joined(separator: " or "))?"
        return "\(question) (\(shown)\(more))"
    }

    /// The names that are at most a third of the letters away, nearest first; three at most.
    static func near(to name: String, in known: [String]) -> [String] {
        // Nobody mistypes a name this long, and the distance costs its square.
        guard name.count <= 64 else { return [] }
        let limit = max(1, name.count / 3)
        return known.map { (distance(name, $0), $0) }.filter { $0.0 <= limit }.sorted { $0 < $1 }
            .prefix(3).map(\.1)
    }

    /// How many letters have to be inserted, removed or replaced, without regard to case.
    private static func distance(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one.lowercased()), Array(other.lowercased()))
        var row = Array(0...other.count)
        for (index, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (place, otherLetter) in other.enumerated() {
                let replaced = diagonal + (letter == otherLetter ? 0 : 1)
                diagonal = row[place + 1]
                row[place + 1] = min(replaced, row[place] + 1, row[place + 1] + 1)
            }
        }
        return row[other.count]
    }
}
