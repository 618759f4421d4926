// When a check is made: on a beat of its own, so that all of them do not come at one time.

/// The beat of one check; times are nanoseconds of one monotonic clock.
package struct Rhythm: Equatable, Sendable {
    private let interval: Int64
    private let jitter: Int64
    /// The newest beat that a run was made for, or will be.
    private var beat: Int64

    /// The first run is due within an interval of `now`; runs of neighbouring numbers are far apart.
    package init(_ timing: CheckTiming, number: Int, now: Int64) {
        interval = timing.intervalNanoseconds
        jitter = timing.jitterNanoseconds
        beat = now + Int64(Self.share(number) * Double(interval))
    }

    /// Multiples of the golden ratio fill an interval evenly, however many there are.
    private static func share(_ number: Int) -> Double {
        let turns = Double(number) * 0.618_033_988_749_894_9
        return turns - turns.rounded(.down)
    }

    package var first: Int64 { beat }

    /// When the run after one that ended at `now` is to begin; `chance` is from 0 up to 1.
    ///
    /// Never later than the beat, so that so many failures take at most so many intervals. A beat
    /// that has passed is left out and not made up for. `isInDoubt`: failures are being counted;
    /// then runs come a tenth sooner, and at once where the beat passed while a server was silent,
    /// so that the last failure is known before as many intervals and a timeout have passed.
    package mutating func next(after now: Int64, chance: Double, isInDoubt: Bool) -> Int64 {
        if isInDoubt {
            beat = max(now, beat + interval - interval / 10)
            return beat
        }
        let missed = max(0, now - beat) / interval
        beat += (missed + 1) * interval
        return max(now, beat - Int64(Double(jitter) * chance))
    }
}
