// From a file on disk to its tree.

package enum TreeFile {
    /// The tree of a file; `nil` after a report, or when it is absent and may be.
    ///
    /// `place` is where another file names this one.
    package static func read(
        _ path: String, namedAt place: Place? = nil, mayBeAbsent: Bool = false,
        reporter: Reporter
    ) -> Tree? {
        text(path, namedAt: place, mayBeAbsent: mayBeAbsent, reporter: reporter).flatMap {
            TreeParser.parse(SourceText(path: path, text: $0), reporter: reporter)
        }
    }

    /// The text of a file; `nil` after a report, or when it is absent and may be.
    package static func text(
        _ path: String, namedAt place: Place? = nil, mayBeAbsent: Bool = false,
        reporter: Reporter
    ) -> String? {
        do throws(FileError) {
            return try Files.read(path)
        } catch {
            if let place {
                reporter.error(place, "\(path): \(error)", remedy: "is the path right?")
            } else if !(mayBeAbsent && error.isAbsent) {
                reporter.error(path: path, "\(error)")
            }
            return nil
        }
    }
}
