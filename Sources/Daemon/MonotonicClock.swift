// The only clock that decisions are made by.

internal import CLinux

/// CLOCK_MONOTONIC: never set, never stepped.
package enum MonotonicClock {
    /// Nanoseconds since an unspecified start, the same for all processes of one boot.
    package static func now() -> Int64 { linux_monotonic_nanoseconds() }
}
