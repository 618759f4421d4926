// How long to wait for a disk that fails, and how long it counts as failing.

internal import Weighting

/// A disk that fails again and again is tried ever less often, and is one trouble all the while.
struct Patience {
    /// From the first failure until recording went well for ``steadySeconds``.
    private(set) var trouble: String?
    private var nextPauseSeconds = firstPauseSeconds
    private var beganAt: Instant?

    static let firstPauseSeconds = 10.0
    static let mostPauseSeconds = 640.0
    /// A disk that is too slow now and then would else be a trouble that begins and ends.
    static let steadySeconds = 60.0

    /// A segment's checkpoint is whole.
    mutating func begins(at now: Instant) {
        if beganAt == nil { beganAt = now }
    }

    /// All is well at a tick.
    mutating func isRecording(at now: Instant) {
        guard let beganAt, now.seconds(since: beganAt) >= Self.steadySeconds else { return }
        (trouble, nextPauseSeconds) = (nil, Self.firstPauseSeconds)
    }

    /// It failed; how long to wait before the next attempt.
    mutating func pauseSeconds(after trouble: String) -> Double {
        self.trouble = trouble
        beganAt = nil
        defer { nextPauseSeconds = min(2 * nextPauseSeconds, Self.mostPauseSeconds) }
        return nextPauseSeconds
    }
}
