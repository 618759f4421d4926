// What names there are, and which of them a person may have meant.

internal import Weighting

enum Names {
    /// A list that is longer helps nobody.
    private static let listLimit = 20
    private static let nearLimit = 3

    /// ` (rs1 rs2 …)`, after the names that are near, if any.
    static func advice(for name: String, known: [String]) -> String {
        guard !known.isEmpty else { return " (there is none)" }
        let shown = known.prefix(listLimit).map(printable).joined(separator: " ")
        let more = known.count > listLimit ? " and \(known.count - listLimit) more" : ""
        let near = NearName.all(to: name, in: known).prefix(nearLimit)
        let question =
            near.isEmpty ? "" : "; did you mean \(near.map(printable).joined(separator: " or "))?"
        return "\(question) (\(shown)\(more))"
    }
}

extension Snapshot {
    /// The servers of all services, each once, in the order of their bytes.
    var serverNames: [String] {
        Set(services.flatMap { $0.members.map(\.server) })
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
