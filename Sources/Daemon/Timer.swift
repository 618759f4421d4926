// An alarm at an instant of the monotonic clock.

internal import CLinux

/// A timerfd(2) that rings once at an absolute instant.
package struct Timer: ~Copyable, Sendable {
    private let descriptor: Descriptor

    package var number: Int32 { descriptor.number }

    package init() throws(SystemError) {
        descriptor = try Descriptor(
            timerfd_create(CLOCK_MONOTONIC, Int32(TFD_CLOEXEC | TFD_NONBLOCK)),
            "make a timer")
    }

    /// Rings at `deadline` nanoseconds of ``MonotonicClock``; at once when that has passed.
    package func set(to deadline: Int64) throws(SystemError) {
        // An instant of zero would disarm the timer.
        guard linux_timer_set(number, max(1, deadline)) == 0 else {
            throw SystemError("set a timer")
        }
    }

    /// Takes the ring, so that the descriptor is quiet again; false when it had not rung.
    @discardableResult
    package func take() -> Bool {
        var rings: UInt64 = 0
        return read(number, &rings, 8) == 8 && rings > 0
    }
}
