// What reading the configuration again came to, as programs read it.

/// The findings of a check of the configuration files.
package struct CheckAnswer: Equatable, Sendable, Codable {
    /// Whether a reload would take the files.
    package var ok: Bool
    package var errors: Int
    package var warnings: Int
    /// Every finding with its file, line and column; for people.
    package var report: String

    package init(ok: Bool, errors: Int, warnings: Int, report: String) {
        self.ok = ok
        self.errors = errors
        self.warnings = warnings
        self.report = report
    }
}
