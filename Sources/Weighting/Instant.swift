// When something happened. Nothing in this target asks for the time: it arrives with each event.

/// A moment on one monotonic clock, which starts anywhere and never steps.
package struct Instant: Hashable, Comparable, Sendable, Codable {
    package let nanoseconds: UInt64

    package init(nanoseconds: UInt64) { self.nanoseconds = nanoseconds }

    /// Seconds from `earlier` to here; negative when `earlier` is later.
    package func seconds(since earlier: Instant) -> Double {
        nanoseconds >= earlier.nanoseconds
            ? Double(nanoseconds - earlier.nanoseconds) / 1e9
            : -Double(earlier.nanoseconds - nanoseconds) / 1e9
    }

    package func advanced(bySeconds seconds: Double) -> Instant {
        Instant(nanoseconds: UInt64(max(0, Double(nanoseconds) + seconds * 1e9)))
    }

    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.nanoseconds < rhs.nanoseconds }
}
