// The orders of people as the snapshot shows them with the members that they hold for.

extension Snapshot {
    /// An order that is in force for a member.
    package struct Order: Equatable, Sendable, Codable {
        package var id: UInt64
        /// As in `drain`, or `weight 20`.
        package var what: String
        package var owner: String
        package var reason: String
        /// Nothing where only a person ends it.
        package var untilUnixMilliseconds: Int?
        /// The same by the master's clocks, as in `mon 2026-11-23 18:00 +01:00`.
        package var until: String?

        package init(
            id: UInt64, what: String, owner: String, reason: String,
            untilUnixMilliseconds: Int? = nil, until: String? = nil
        ) {
            self.id = id
            self.what = what
            self.owner = owner
            self.reason = reason
            self.untilUnixMilliseconds = untilUnixMilliseconds
            self.until = until
        }

        /// As in `order 7: drain by anna until mon 2026-11-23 18:00 +01:00: new kernel`.
        package var text: String {
            "order \(id): \(what) by \(owner)\(until.map { " until \($0)" } ?? ""): \(reason)"
        }
    }
}
