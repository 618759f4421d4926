// What a reload would change, and the word that confirms a change which takes out much.

extension AdminAPI {
    /// Reads the files, changes nothing, and answers with a ``Proposal``.
    package static let planPath = "/api/v1/plan"

    /// What the files as they are now would change of what is in force.
    package struct Proposal: Equatable, Sendable, Codable {
        /// Whether a reload would take them at all.
        package var ok: Bool
        /// What was found in the files, for people to read.
        package var report: String
        /// One change each, `+` for what comes, `-` for what goes, `~` for what becomes another.
        package var changes: [String]
        /// Changes that are not listed, since they are too many.
        package var unlisted: Int
        /// Names this change and no other; nothing where nothing would change.
        package var hash: String?
        /// Why it is taken only with its hash, if so.
        package var guarded: String?

        package init(
            ok: Bool, report: String, changes: [String] = [], unlisted: Int = 0,
            hash: String? = nil, guarded: String? = nil
        ) {
            self.ok = ok
            self.report = report
            self.changes = changes
            self.unlisted = unlisted
            self.hash = hash
            self.guarded = guarded
        }
    }

    /// The body of a reload, which may be left out.
    package struct ReloadRequest: Equatable, Sendable, Codable {
        /// The hash of a change that is meant, though it takes out much.
        package var confirm: String?

        package init(confirm: String? = nil) { self.confirm = confirm }
    }
}
