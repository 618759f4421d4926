// What people ordered: above checks, agents and load.

/// A person's order about a server, or about one of the services that it serves in.
package struct Order: Equatable, Sendable, Codable {
    /// Unique for ever, and greater than those of all orders given before.
    package let id: UInt64
    package let server: String
    /// Nothing: wherever the server serves.
    package let service: String?
    package let action: Action
    package let reason: String
    /// Who gave it.
    package let owner: String
    /// Whether it may take the last server of a service that has a weight.
    package let isForced: Bool
    /// It ended, and no master has acted on that yet, as while there was none: a 0 of its server that
    /// is found at the start is ours, and ends.
    ///
    /// To be told at the start, and no more after the first decision.
    package let isEnded: Bool

    package enum Action: Equatable, Sendable, Codable {
        /// No new connections.
        case drain
        /// Just this weight, whatever its load is.
        case weight(Weight)
    }

    package init(
        id: UInt64, server: String, service: String? = nil, action: Action, reason: String,
        owner: String, isForced: Bool = false, isEnded: Bool = false
    ) {
        self.id = id
        self.server = server
        self.service = service
        self.action = action
        self.reason = reason
        self.owner = owner
        self.isForced = isForced
        self.isEnded = isEnded
    }

    /// Whether it takes its server out: a weight of 0 does, too.
    var isDrain: Bool { action == .drain || action == .weight(Weight(clamping: 0)) }

    /// As in `order 7 of alice (kernel update)`.
    package var text: String {
        "order \(id) of \(owner)" + (reason.isEmpty ? "" : " (\(reason))")
    }
}
