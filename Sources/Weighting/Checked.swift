// What the director's own checks found of a member, and what becomes of a service by that.

/// A member's check found something new: all of its checks pass, or one of them fails.
///
/// One for each change after `rise` and `fall`, and one for each member as soon as that is known.
package struct Checked: Equatable, Sendable {
    package let member: MemberKey
    package let isUp: Bool
    /// Why, as in `tcp 10.0.0.11:80: connection refused`; at most ``mostTextBytes``.
    package let text: String
    package let at: Instant

    package static let mostTextBytes = 120

    package init(member: MemberKey, isUp: Bool, text: String, at: Instant) {
        self.member = member
        self.isUp = isUp
        self.text =
            text.utf8.count <= Self.mostTextBytes
            // A character that is cut in two becomes one of three bytes.
            ? text : String(decoding: text.utf8.prefix(Self.mostTextBytes - 3), as: UTF8.self)
        self.at = at
    }
}

/// What becomes of a member whose check fails.
package enum OnFailure: UInt8, Equatable, Sendable, Codable, CaseIterable {
    /// Weight 0: connections that it has go on.
    case quiesce
    /// Its destination is removed, and made again when the check passes.
    case remove
}

/// How much of a service has to be up.
package struct Quorum: Equatable, Sendable, Codable {
    /// Below this the sorry server helps.
    package let least: Size
    /// It goes when so much more than that is up.
    package let hysteresis: Size

    package init(least: Size, hysteresis: Size = .members(0)) {
        self.least = least
        self.hysteresis = hysteresis
    }

    package enum Size: Equatable, Sendable, Codable {
        case members(Int)
        /// Of the declared capacity, 0 to 1.
        case share(Double)
    }
}
