// Files of services that were read before: a reload takes anew only those that changed.

internal import Settings
internal import Synchronization

/// What each file came to, for as long as its text stays the same.
///
/// Of twenty thousand members nearly all of a reload's time is the reading of their lines.
final class ServicesCache: Sendable {
    private struct Kept {
        let text: String
        let services: [DeclaredService]
    }

    private let kept = Mutex<[String: Kept]>([:])

    /// The services of a file; none after a report.
    func services(
        _ path: String, namedAt place: Place?, reporter: Reporter
    ) -> [DeclaredService] {
        guard let text = TreeFile.text(path, namedAt: place, reporter: reporter) else { return [] }
        if let known = kept.withLock({ $0[path] }), known.text == text { return known.services }
        let before = reporter.problems.count
        let tree = TreeParser.parse(SourceText(path: path, text: text), reporter: reporter)
        let services = tree.map { DeclaredService.read($0, reporter: reporter) } ?? []
        // What is wrong with it is told each time.
        let isGood = tree != nil && reporter.problems.count == before
        kept.withLock { $0[path] = isGood ? Kept(text: text, services: services) : nil }
        return services
    }

    /// Forgets files that are no longer included.
    func keep(only paths: Set<String>) {
        kept.withLock { kept in kept = kept.filter { paths.contains($0.key) } }
    }
}
