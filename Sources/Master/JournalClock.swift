// The moment on the master's clock, as events carry it.

internal import Daemon
internal import Weighting

extension Instant {
    static var now: Instant { Instant(nanoseconds: UInt64(max(0, MonotonicClock.now()))) }
}
