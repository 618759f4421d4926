// Where the master answers a person's questions, and the small answers beside the snapshot.

/// What `poise` and the master agree on about the admin API.
package enum AdminAPI {
    package static let standardSocketPath = "/run/poise/admin.sock"
    /// The most bytes of the socket's path: unix(7) has room for 108, with a zero at the end.
    package static let socketPathLimit = 107

    /// Answers with a ``Snapshot``.
    package static let snapshotPath = "/api/v1/snapshot"
    /// Answers with a ``CheckAnswer``.
    package static let checkPath = "/api/v1/check"
    /// Answers with a ``Version``.
    package static let versionPath = "/api/v1/version"
    /// Reads the configuration again, by POST of a ``ReloadRequest`` or of nothing, and answers with
    /// a ``Reload``.
    package static let reloadPath = "/api/v1/reload"

    /// Answers with an ``Export``.
    package static let exportPath = "/api/v1/export/ipvsadm"

    /// Answers with ``Happenings``; `?after=NUMBER` leaves out those up to that one.
    package static let happeningsPath = "/api/v1/events"
    package static let afterKey = "after"

    /// How to ask for a path.
    package enum Method: String, Sendable {
        case get = "GET"
        /// Something changes.
        case post = "POST"
    }

    /// The master's release.
    package struct Version: Equatable, Sendable, Codable {
        package var version: String

        package init(version: String) { self.version = version }
    }

    /// What became of a reload.
    package struct Reload: Equatable, Sendable, Codable {
        /// Why the old configuration is still in force; nothing when the new one is.
        package var refused: String?
        /// The hash that confirms the change, where it was refused for how much it takes out.
        package var hash: String?

        package init(refused: String?, hash: String? = nil) {
            self.refused = refused
            self.hash = hash
        }
    }

    /// The services of the master's files for `ipvsadm -R`.
    package struct Export: Equatable, Sendable, Codable {
        /// A line each.
        package var rules: [String]?
        /// Why there are none.
        package var refused: String?

        package init(rules: [String]) { self.rules = rules }

        package init(refused: String) { self.refused = refused }
    }

    /// What happened lately, the oldest first.
    package struct Happenings: Equatable, Sendable, Codable {
        package var events: [HappeningRing.Entry]
        /// When the master started, by people's clock: one that is started anew counts from 1.
        package var startUnixMilliseconds: UInt64?

        package init(events: [HappeningRing.Entry], startUnixMilliseconds: UInt64? = nil) {
            self.events = events
            self.startUnixMilliseconds = startUnixMilliseconds
        }
    }

    /// Why there is no better answer; the body of every status but 200.
    package struct Refusal: Equatable, Sendable, Codable {
        package var error: String

        package init(error: String) { self.error = error }
    }
}
