// How long requests took, in steps fine enough for percentiles.

internal import RealModule

/// Counts of times from 10 µs to 1000 s, a thousand steps for each factor of ten.
struct Histogram: Sendable {
    private var counts = [Int32](repeating: 0, count: decades * stepsPerDecade)
    private(set) var count = 0
    private var sum = 0.0

    private static let least = 1e-5
    private static let decades = 8
    private static let stepsPerDecade = 1_000

    mutating func add(_ seconds: Double) {
        let step = Double(Self.stepsPerDecade) * Double.log10(max(seconds, Self.least) / Self.least)
        counts[min(Int(step), counts.count - 1)] += 1
        count += 1
        sum += seconds
    }

    var meanSeconds: Double { count > 0 ? sum / Double(count) : 0 }

    /// The time that this share of them did not exceed; 0 when there are none.
    func quantileSeconds(_ share: Double) -> Double {
        let wanted = max(1, Int((share * Double(count)).rounded(.up)))
        var passed = 0
        for (step, count) in counts.enumerated() {
            passed += Int(count)
            guard passed >= wanted else { continue }
            let exponent = (Double(step) + 0.5) / Double(Self.stepsPerDecade)
            return Self.least * Double.pow(10, exponent)
        }
        return 0
    }
}
