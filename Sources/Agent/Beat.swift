// When the next report is due.

internal import Protocol

/// An even beat: the configuration's, or the shortest that a master asks for.
struct Beat {
    private let configured: Directive
    private var current: Directive
    /// The beat itself, without jitter, so that jitter does not add up.
    private var beatAt: Int64
    /// When the next report is due, in nanoseconds.
    private(set) var dueAt: Int64

    init(intervalMilliseconds: Int, startedAt now: Int64) {
        configured = Directive(
            intervalMilliseconds: UInt16(clamping: intervalMilliseconds), jitterMilliseconds: 0)
        current = configured
        beatAt = now
        dueAt = now
    }

    /// From one report to the next, in nanoseconds.
    var interval: Int64 { Int64(current.intervalMilliseconds) * 1_000_000 }

    /// The time after which the next report is late, as reports promise it.
    var promisedMilliseconds: UInt16 {
        let most = Report.allowedIntervalMilliseconds.upperBound
        let sum = UInt32(current.intervalMilliseconds) + UInt32(current.jitterMilliseconds)
        return UInt16(min(UInt32(most), sum))
    }

    /// Goes on to the next report; after a pause of the machine the beat begins anew instead of
    /// catching up.
    mutating func reported(at now: Int64) {
        beatAt = beatAt + 2 * interval > now ? beatAt + interval : now + interval
        let jitter = Int64(promisedMilliseconds) * 1_000_000 - interval
        dueAt = beatAt + (jitter > 0 ? Int64.random(in: 0...jitter) : 0)
    }

    /// Follows what masters ask for: the shortest interval serves all of them.
    mutating func follow(_ directives: some Sequence<Directive>, at now: Int64) {
        let shortest = directives.min { $0.intervalMilliseconds < $1.intervalMilliseconds }
        let wanted = shortest ?? configured
        guard wanted != current else { return }
        current = wanted
        // A report that was promised earlier still comes by then.
        if dueAt > now + interval {
            beatAt = now + interval
            dueAt = beatAt
        }
    }
}
