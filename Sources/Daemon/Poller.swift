// Waits for many descriptors at once.

internal import CLinux

/// What a descriptor is ready for.
package struct Readiness: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    package static let read = Readiness(rawValue: EPOLLIN.rawValue)
    package static let write = Readiness(rawValue: EPOLLOUT.rawValue)
    /// The other side is gone or the descriptor failed; always reported, never asked for.
    package static let ended = Readiness(rawValue: EPOLLHUP.rawValue | EPOLLERR.rawValue)
}

/// epoll(7), level-triggered: a descriptor is reported as long as it is ready.
package struct Poller: ~Copyable, Sendable {
    private let descriptor: Descriptor
    /// The most descriptors reported by one wait; the others come with the next one.
    package static let batch = 32

    package init() throws(SystemError) {
        descriptor = try Descriptor(epoll_create1(Int32(EPOLL_CLOEXEC)), "make a poller")
    }

    /// Reports `number` under `token` from now on.
    package func add(_ number: Int32, for interest: Readiness, token: UInt64) throws(SystemError) {
        guard linux_epoll_add(descriptor.number, number, interest.rawValue, token) == 0 else {
            throw SystemError("watch descriptor \(number)")
        }
    }

    /// Changes what `number` is watched for.
    package func change(
        _ number: Int32, to interest: Readiness, token: UInt64
    ) throws(SystemError) {
        guard linux_epoll_change(descriptor.number, number, interest.rawValue, token) == 0 else {
            throw SystemError("watch descriptor \(number)")
        }
    }

    /// Reports `number` no more; closing a descriptor does the same.
    package func remove(_ number: Int32) {
        _ = linux_epoll_remove(descriptor.number, number)
    }

    /// Sleeps until a descriptor is ready or `deadline` has come, then calls `body` for each one.
    ///
    /// The deadline is an instant of ``MonotonicClock``, met within a millisecond and never early.
    package func wait(
        until deadline: Int64? = nil, _ body: (_ token: UInt64, _ ready: Readiness) -> Void
    ) throws(SystemError) {
        var timeout: Int32 = -1
        if let deadline {
            let left = max(0, deadline - MonotonicClock.now())
            timeout = Int32(clamping: (left + 999_999) / 1_000_000)
        }
        let failure = withUnsafeTemporaryAllocation(
            of: epoll_event.self, capacity: Self.batch
        ) { events -> Int32 in
            let count = epoll_wait(
                descriptor.number, events.baseAddress, Int32(Self.batch), timeout)
            if count < 0 { return linux_errno() }
            for index in 0..<count {
                body(
                    linux_epoll_token(events.baseAddress, index),
                    Readiness(rawValue: linux_epoll_flags(events.baseAddress, index)))
            }
            return 0
        }
        guard failure == 0 || failure == EINTR else {
            throw SystemError("wait for descriptors", number: failure)
        }
    }
}
