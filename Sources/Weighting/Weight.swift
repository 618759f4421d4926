// The one number that IPVS takes for a real server.

/// The share of new connections a real server gets, on the scale IPVS uses.
///
/// Zero is a weight like any other: it drains the server. A server that should not be in the
/// table at all has no weight (`Weight?` is `nil`).
package struct Weight: Hashable, Comparable, Sendable {
    /// What Poise writes; the kernel takes more (up to 2³¹−1), and no scheduler gains by it.
    package static let allowed = 0...65_535

    package let rawValue: Int

    /// For input that may be refused: a file, a command.
    package init?(_ value: Int) {
        guard Self.allowed.contains(value) else { return nil }
        rawValue = value
    }

    /// For what Poise computed, where the nearest legal weight is the right answer.
    package init(clamping value: Int) {
        rawValue = min(max(value, Self.allowed.lowerBound), Self.allowed.upperBound)
    }

    /// For what Poise computed as a real number; `least` keeps a small share from becoming none.
    init(nearest value: Double, atLeast least: Int) {
        let most = Double(Self.allowed.upperBound)
        self.init(clamping: min(max(value, Double(least)), most).nearestWhole)
    }

    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}
