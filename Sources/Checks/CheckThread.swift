// The checks' own thread, and how others speak with it.

internal import CLinux
package import Daemon
internal import Dispatch
internal import Synchronization
package import Weighting

/// Runs a ``CheckLoop`` on a thread of its own until it is told to stop.
package final class CheckThread: Sendable {
    private struct Shared {
        /// What the thread is to adopt next.
        var wanted: [CheckedMember]?
        var isEnding = false
        var standings: [MemberKey: [CheckStanding]] = [:]
    }

    private let wakeup: Wakeup
    private let shared = Mutex(Shared())
    private let queue = DispatchQueue(label: "checks")
    private let ended = DispatchSemaphore(value: 0)

    /// Standings are for people: so often is enough, and costs next to nothing.
    private static let standingsEveryNanoseconds: Int64 = 500_000_000

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - members: Who is checked, and how.
    ///   - deliver: Called on the checks' thread with what became known of members.
    ///   - fail: Called once if the thread cannot go on, with the reason.
    /// - Throws: ``SystemError`` when no descriptor for waking it can be had.
    package init(
        _ members: [CheckedMember], deliver: @escaping @Sendable ([Checked]) -> Void,
        fail: @escaping @Sendable (String) -> Void
    ) throws(SystemError) {
        wakeup = try Wakeup()
        shared.withLock { $0.wanted = members }
        // A check under way is a descriptor, and there may be thousands.
        linux_raise_descriptor_limit()
        queue.async { [self] in
            do throws(SystemError) {
                try run(deliver)
            } catch {
                fail(error.description)
            }
            ended.signal()
        }
    }

    /// Takes other members; checks that stay go on.
    package func adopt(_ members: [CheckedMember]) {
        shared.withLock { $0.wanted = members }
        wakeup.ring()
    }

    /// How the checks stood a moment ago.
    package var standings: [MemberKey: [CheckStanding]] { shared.withLock { $0.standings } }

    /// Ends the thread, and waits for that.
    package func stop() {
        shared.withLock { $0.isEnding = true }
        wakeup.ring()
        ended.wait()
        // The end was for all who ask.
        ended.signal()
    }

    private func run(_ deliver: ([Checked]) -> Void) throws(SystemError) {
        let loop = try CheckLoop()
        try loop.watch(wakeup.number)
        var shownAt = Int64.min
        while true {
            wakeup.take()
            let (wanted, isEnding) = shared.withLock { shared in
                defer { shared.wanted = nil }
                return (shared.wanted, shared.isEnding)
            }
            if isEnding { break }
            if let wanted {
                loop.adopt(wanted)
                show(loop.standings)
            }
            let changes = try loop.turn()
            if !changes.isEmpty { deliver(changes) }
            let now = MonotonicClock.now()
            if !changes.isEmpty || now - Self.standingsEveryNanoseconds > shownAt {
                shownAt = now
                show(loop.standings)
            }
        }
        loop.adopt([])
    }

    private func show(_ standings: [MemberKey: [CheckStanding]]) {
        shared.withLock { $0.standings = standings }
    }
}
