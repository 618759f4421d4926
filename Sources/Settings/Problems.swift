// What is wrong with a configuration, and how people read it: all of it at once, in order.

/// One thing that is wrong, with the way out.
package struct Problem: Sendable {
    package enum Severity: String, Sendable { case error, warning }

    package let severity: Severity
    package let path: String
    package let place: Place?
    package let message: String
    package let remedy: String?

    package init(
        severity: Severity, path: String, place: Place?, message: String, remedy: String?
    ) {
        self.severity = severity
        self.path = path
        self.place = place
        self.message = message
        self.remedy = remedy
    }

    /// `file:line:column: error: message`, the line, and a caret with the remedy.
    package var text: String {
        let position = place.map { ":\($0.line):\($0.column)" } ?? ""
        let head = "\(path)\(position): \(severity.rawValue): \(message)"
        if let excerpt = place?.excerpt {
            return "\(head)\n\(excerpt.line)\n\(excerpt.caret)\(remedy.map { " \($0)" } ?? "")"
        }
        return remedy.map { "\(head)\n    \($0)" } ?? head
    }
}

/// Everything found in one run over all files.
package struct Problems: Sendable {
    package private(set) var errorCount = 0
    package private(set) var warningCount = 0
    private var kept: [Problem] = []

    /// More than this nobody reads at once; the rest is counted.
    private static let mostKept = 100

    package init() {}

    package var count: Int { errorCount + warningCount }
    package var isEmpty: Bool { count == 0 }

    package mutating func add(_ problem: Problem) {
        switch problem.severity {
        case .error: errorCount += 1
        case .warning: warningCount += 1
        }
        if kept.count < Self.mostKept { kept.append(problem) }
    }

    /// For people: each problem with its line, by file and place, then the count; empty without any.
    package var report: String {
        guard !isEmpty else { return "" }
        let hidden = errorCount + warningCount - kept.count
        let more = hidden > 0 ? ["\(hidden) more are not shown; mend these first."] : []
        return (sorted.map(\.text) + more + [summary]).joined(separator: "\n\n") + "\n"
    }

    private var sorted: [Problem] {
        let order = kept.enumerated().sorted { one, other in
            let (left, right) = (one.element, other.element)
            return (left.path, left.place?.line ?? 0, left.place?.column ?? 0, one.offset)
                < (right.path, right.place?.line ?? 0, right.place?.column ?? 0, other.offset)
        }
        return order.map(\.element)
    }

    /// The last line of the report: how many errors and warnings, in how many files.
    private var summary: String {
        let counts = [(errorCount, "error"), (warningCount, "warning")].filter { $0.0 > 0 }
        let files = Set(kept.map(\.path)).count
        return "\(counts.map(Self.count).joined(separator: " and ")) in "
            + "\(Self.count(files, "file"))."
    }

    /// `1 file`, `2 files`.
    package static func count(_ number: Int, _ noun: String) -> String {
        number == 1 ? "1 \(noun)" : "\(number) \(noun)s"
    }
}

/// Gathers problems while the files are read; nothing is thrown, so that all of them are found.
package final class Reporter {
    package private(set) var problems = Problems()

    package init() {}

    package var errorCount: Int { problems.errorCount }

    package func error(_ place: Place, _ message: String, remedy: String? = nil) {
        add(.error, place.source.path, place, message, remedy)
    }

    package func error(path: String, _ message: String, remedy: String? = nil) {
        add(.error, path, nil, message, remedy)
    }

    package func warning(_ place: Place, _ message: String, remedy: String? = nil) {
        add(.warning, place.source.path, place, message, remedy)
    }

    package func warning(path: String, _ message: String, remedy: String? = nil) {
        add(.warning, path, nil, message, remedy)
    }

    private func add(
        _ severity: Problem.Severity, _ path: String, _ place: Place?, _ message: String,
        _ remedy: String?
    ) {
        problems.add(
            Problem(
                severity: severity, path: path, place: place, message: message, remedy: remedy))
    }
}
