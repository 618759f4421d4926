// A check with all that the loop keeps of it.

internal import Daemon

struct CheckSlot {
    let check: Check
    var rhythm: Rhythm
    var counter: RiseFall
    var standing: CheckStanding
    /// Places of the members that it speaks for.
    var members: [Int] = []
    var run: (any Run)?
    /// Tells this run's descriptor from those of earlier runs.
    var serial: UInt32 = 0
    /// What stands in the queue for it.
    var dueAt: Int64?
    /// What the poller watches it for.
    var watched: Readiness = []

    init(_ check: Check, number: Int, now: Int64) {
        self.check = check
        rhythm = Rhythm(check.timing, number: number, now: now)
        counter = RiseFall(rise: check.timing.rise, fall: check.timing.fall)
        standing = CheckStanding(name: check.name)
    }

    /// Takes the end of a run; true when it changed whether the check is up.
    mutating func end(_ outcome: Outcome, at now: Int64) -> Bool {
        run = nil
        watched = []
        standing.newest = outcome
        standing.atNanoseconds = now
        let isChanged: Bool
        switch outcome {
        case .passed: isChanged = counter.count(isPassed: true)
        case .failed: isChanged = counter.count(isPassed: false)
        case .unasked: isChanged = false
        }
        standing.isUp = counter.isUp
        return isChanged
    }
}
