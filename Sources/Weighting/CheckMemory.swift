// What one member's check found last, and how long it stays out that fails again and again.

/// Of most members nothing, or that the check passes: it lies elsewhere, so that they stay small.
indirect enum CheckMemory: Equatable, Sendable, Codable {
    case unknown
    case known(Known)

    struct Known: Equatable, Sendable, Codable {
        let isUp: Bool
        let text: String
        /// When it began to fail, or to pass.
        let changedAt: Instant
        /// For how long its newest failure keeps it out at least; nothing where none is remembered.
        let penaltySeconds: Double?
        let freeAt: Instant
    }

    /// A failure is forgotten that so much good time follows.
    static let forgetSeconds = 600.0
    /// The first failure costs nothing beside itself; from the second on each costs twice as much.
    static let penaltySeconds = 10.0...600.0

    mutating func hear(_ checked: Checked, _ safeguards: Safeguards) {
        guard case .known(let before) = self else {
            self = .known(
                Known(
                    isUp: checked.isUp, text: checked.text, changedAt: checked.at,
                    penaltySeconds: checked.isUp ? nil : 0, freeAt: checked.at))
            return
        }
        guard before.isUp, !checked.isUp else {
            self = .known(
                Known(
                    isUp: checked.isUp, text: checked.text,
                    changedAt: before.isUp == checked.isUp ? before.changedAt : checked.at,
                    penaltySeconds: before.penaltySeconds, freeAt: before.freeAt))
            return
        }
        let goodSeconds = checked.at.seconds(since: max(before.changedAt, before.freeAt))
        var penalty = 0.0
        if let last = before.penaltySeconds, goodSeconds < Self.forgetSeconds,
            safeguards.hold(.flapPenalty)
        {
            let (least, most) = (Self.penaltySeconds.lowerBound, Self.penaltySeconds.upperBound)
            penalty = min(max(2 * last, least), most)
        }
        self = .known(
            Known(
                isUp: false, text: checked.text, changedAt: checked.at, penaltySeconds: penalty,
                freeAt: checked.at.advanced(bySeconds: penalty)))
    }

    /// Whether it passes, and does not wait for having failed again and again.
    func isWell(at now: Instant) -> Bool {
        guard case .known(let known) = self else { return true }
        return known.isUp && now >= known.freeAt
    }

    /// Whether it fails, and began to so short a time ago.
    func failsSince(seconds: Double, at now: Instant) -> Bool {
        guard case .known(let known) = self, !known.isUp else { return false }
        return now.seconds(since: known.changedAt) < seconds
    }

    var changedAt: Instant? {
        if case .known(let known) = self { known.changedAt } else { nil }
    }

    /// Whether the check itself passes.
    var isUp: Bool {
        if case .known(let known) = self { known.isUp } else { true }
    }

    var text: String {
        if case .known(let known) = self { known.text } else { "" }
    }
}
