// Chance that can be had again: one seed gives the same numbers on every machine.

internal import RealModule

/// A stream of random numbers: SplitMix64 (Steele, Lea and Flood, 2014).
struct Dice: Sendable {
    private var state: UInt64

    /// What the numbers are for.
    ///
    /// Streams of one seed do not disturb each other, so that all policies meet the same arrivals.
    enum Purpose: UInt64, Sendable {
        case arrivals = 1
        case sizes
        case reports
        case connections
        case picks

        /// Keeps the streams of neighbouring seeds apart.
        var stride: UInt64 {
            switch self {
            case .arrivals: 11
            case .sizes: 13
            case .reports: 17
            case .connections: 19
            case .picks: 23
            }
        }
    }

    init(seed: UInt64, for purpose: Purpose) {
        // Mixed well, since the stream is a counter: near starts would be one stream shifted.
        let start = seed &* purpose.stride &+ purpose.rawValue
        state = start &* 0xD134_2543_DE82_EF95 &+ 0x2545_F491_4F6C_DD1D
        for _ in 0..<4 { state = Self.mixed(state ^ state >> 29, 32) }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        let once = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        let twice = (once ^ once >> 27) &* 0x94D0_49BB_1331_11EB
        return twice ^ twice >> 31
    }

    private static func mixed(_ value: UInt64, _ shift: UInt64) -> UInt64 {
        let once = value &* 0xBF58_476D_1CE4_E5B9
        return (once ^ once >> shift) &* 0x94D0_49BB_1331_11EB
    }

    /// Above 0 and below 1.
    mutating func uniform() -> Double {
        (Double(next() >> 11) + 0.5) / 9_007_199_254_740_992
    }

    mutating func exponential(mean: Double) -> Double { -mean * Double.log(uniform()) }

    /// Of mean 0 and deviation 1.
    mutating func normal() -> Double {
        let radius = (-2 * Double.log(uniform())).squareRoot()
        return radius * Double.cos(2 * Double.pi * uniform())
    }

    /// Below `count`, which is above 0.
    mutating func index(below count: Int) -> Int {
        min(Int(uniform() * Double(count)), count - 1)
    }
}
