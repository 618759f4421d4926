// The time as people count it: for showing, and for windows that people wrote; never for deciding.

internal import CLinux

package enum WallClock {
    /// Nanoseconds since 1970, as the clock is set now.
    package static func unixNanoseconds() -> UInt64 {
        UInt64(clamping: linux_real_nanoseconds())
    }

    /// The same in whole seconds.
    package static func unixSeconds() -> Int { Int(unixNanoseconds() / 1_000_000_000) }
}
