// The one place that says which release of Poise this is.

/// Facts about the whole project.
package enum Poise {
    package static let version = "0.1.0"

    /// The version as one number that grows, as in 1002003 for 1.2.3.
    package static let versionNumber = version.split(separator: ".").reduce(UInt32(0)) {
        $0 * 1_000 + (UInt32($1) ?? 0)
    }
}
