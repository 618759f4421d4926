// What a master answers: the cookie that proves freshness, and a few facts for the server.

/// The body of an ACK (PROTOCOL.md §5).
///
///     offset  bytes  field
///         20      4  boot of the report that is answered
///         24      4  its sequence
///         28      2  how long the master kept it, mf16 in µs
///         30      1  flags: 1 CHALLENGE
///         31      1  version of the directive; 0 for none
///         32      …  TLVs
package struct Acknowledgement: Equatable, Sendable {
    /// Without TLVs, from the header to the tag.
    package static let leastDatagramByteCount = 48
    /// How many services one ACK can speak of.
    package static let standingLimit = 40

    package var echoedBoot: UInt32
    package var echoedSequence: UInt32
    package var holdMicroseconds: UInt64?
    /// The report was authentic, and not applied: it did not show a fresh cookie.
    package var isChallenge: Bool
    package var directiveVersion: UInt8
    package var directive: Directive?
    package var notices: Notices
    package var standings: [ServiceStanding]

    package init(
        echoedBoot: UInt32, echoedSequence: UInt32, holdMicroseconds: UInt64? = 0,
        isChallenge: Bool = false, directiveVersion: UInt8 = 0, directive: Directive? = nil,
        notices: Notices = [], standings: [ServiceStanding] = []
    ) {
        self.echoedBoot = echoedBoot
        self.echoedSequence = echoedSequence
        self.holdMicroseconds = holdMicroseconds
        self.isChallenge = isChallenge
        self.directiveVersion = directiveVersion
        self.directive = directive
        self.notices = notices
        self.standings = standings
    }
}

/// All that a master may ask of an agent: how often to report.
package struct Directive: Equatable, Sendable {
    package var intervalMilliseconds: UInt16
    /// How far each report may be moved by chance.
    package var jitterMilliseconds: UInt16

    package init(intervalMilliseconds: UInt16, jitterMilliseconds: UInt16) {
        self.intervalMilliseconds = intervalMilliseconds
        self.jitterMilliseconds = jitterMilliseconds
    }

    /// What an agent follows of it: an interval in the allowed range and at most as much jitter.
    package var clamped: Directive {
        let interval = intervalMilliseconds.clamped(to: Report.allowedIntervalMilliseconds)
        return Directive(
            intervalMilliseconds: interval, jitterMilliseconds: min(jitterMilliseconds, interval))
    }
}

/// What an operator set for a member.
package enum AdminState: UInt8, Sendable {
    case ready = 0
    case drain = 1
    /// A weight that somebody set by hand.
    case fixed = 2
}

/// How the master holds one service of the agent's server.
package struct ServiceStanding: Equatable, Sendable {
    package var id: ServiceID
    /// In the kernel's table, where `nil` is none; 65535 is sent as 65534.
    package var weight: UInt16?
    package var admin: AdminState
    /// Why the weight is what it is; a number of the master's own.
    package var reason: UInt8
    package var activeConnections: UInt64?

    package init(
        id: ServiceID, weight: UInt16?, admin: AdminState, reason: UInt8,
        activeConnections: UInt64?
    ) {
        self.id = id
        self.weight = weight
        self.admin = admin
        self.reason = reason
        self.activeConnections = activeConnections
    }
}

/// What the agent's operator should know.
package struct Notices: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The report was sealed with a key that is not the newest listed.
    package static let keyRetiring = Notices(rawValue: 1)
    /// Two processes use this agent's key.
    package static let duplicateIdentity = Notices(rawValue: 2)
    /// The report spoke for a service that the master did not give to this agent.
    package static let notEntitled = Notices(rawValue: 4)
    package static let versionDeprecated = Notices(rawValue: 8)

    /// Each notice with its number on the wire.
    static let numbered: [(notice: Notices, number: UInt8)] = [
        (.keyRetiring, 1), (.duplicateIdentity, 2), (.notEntitled, 3), (.versionDeprecated, 4),
    ]
}
