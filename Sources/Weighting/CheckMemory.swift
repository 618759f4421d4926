// What one member's check found last, and how long it stays out that fails again and again.

/// Of most members nothing, or that the check passes: it lies elsewhere, so that they stay small.
indirect enum CheckMemory: Equatable, Sendable, Codable {
    case unknown
    case known(Known)

    struct Known: Equatable, Sendable, Codable {
        var isUp: Bool
        var text: String
        /// When it began to fail, or to pass.
        var changedAt: Instant
    }

    mutating func hear(_ checked: Checked) {
        self = .known(
            Known(isUp: checked.isUp, text: checked.text, changedAt: checked.at))
    }
}
