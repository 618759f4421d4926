// Times of the last seconds in a fixed number of buckets, for their 99th percentile.

/// Counts times from 1 µs to over an hour, each bucket an eighth of a power of two wide.
struct TimeHistogram {
    /// Half of the window: the counts of this half and of the one before are looked at together.
    private static let halfNanoseconds: Int64 = 5_000_000_000
    private static let octaves = 32
    private static let parts = 8

    private var older = [Double](repeating: 0, count: octaves * parts)
    private var newer = [Double](repeating: 0, count: octaves * parts)
    private var turnedAt: Int64?

    mutating func add(microseconds: Double, weight: Double, at now: Int64) {
        turn(at: now)
        newer[Self.bucket(microseconds)] += weight
    }

    /// The upper bound of the bucket that holds it, at most an eighth too large.
    ///
    /// `nil` without times.
    mutating func p99Microseconds(at now: Int64) -> Double? {
        turn(at: now)
        let counts = zip(older, newer).map { $0 + $1 }
        let total = counts.reduce(0, +)
        guard total > 0 else { return nil }
        var sum = 0.0
        for (index, count) in counts.enumerated() {
            sum += count
            if sum >= total * 0.99 { return Self.upperBound(index) }
        }
        return Self.upperBound(counts.count - 1)
    }

    private mutating func turn(at now: Int64) {
        guard let last = turnedAt else {
            turnedAt = now
            return
        }
        guard now - last >= Self.halfNanoseconds else { return }
        turnedAt = now
        let isLongAgo = now - last >= 2 * Self.halfNanoseconds
        (older, newer) = (newer, older)
        for index in newer.indices {
            newer[index] = 0
            if isLongAgo { older[index] = 0 }
        }
    }

    private static func bucket(_ microseconds: Double) -> Int {
        let whole = UInt64(clampedFrom: microseconds)
        guard whole > 0 else { return 0 }
        let octave = min(63 - whole.leadingZeroBitCount, octaves - 1)
        let base = UInt64(1) << UInt64(octave)
        let part = min(Int(clamping: (whole - base) * UInt64(parts) / base), parts - 1)
        return octave * parts + part
    }

    private static func upperBound(_ bucket: Int) -> Double {
        let base = Double(UInt64(1) << UInt64(bucket / parts))
        return base * (1 + Double(bucket % parts + 1) / Double(parts))
    }
}
