// How sure it is that a server fails requests: what was seen of it lately, forgotten with time.

internal import RealModule

/// The share of a member's requests that fail, as far as enough of them were seen.
///
/// It fades with time and not with requests alone: who is taken out gets none that could clear it.
struct ErrorEvidence: Equatable, Sendable, Codable {
    private(set) var share = 0.0

    /// So many requests are needed to be about two thirds sure.
    static let tellingRequests = 20.0
    /// A sample of fewer tells nothing.
    static let leastRequests = 0.5
    /// Less than this is none: healthy servers cost no arithmetic.
    static let least = 1e-6

    mutating func hear(_ interval: Rates.Interval, memory: Double) {
        let errors = interval.rates.errors
        guard share > 0 || errors > 0 else { return }
        share = share(afterSeconds: interval.seconds, memory: memory)
        let count = interval.rates.requests * interval.seconds
        if count > Self.leastRequests {
            let step = 1 - Double.exp(-count / Self.tellingRequests)
            share += step * (errors / interval.rates.requests - share)
        }
        if share < Self.least { share = 0 }
    }

    /// The most that is left of any after so long.
    static func most(afterSeconds seconds: Double, memory: Double) -> Double {
        Double.exp(-seconds / memory)
    }

    mutating func forget(above most: Double) { share = min(share, most) }

    /// What is left of it after so long without news.
    func share(afterSeconds seconds: Double, memory: Double) -> Double {
        share > 0 ? share * Double.exp(-max(0, seconds) / memory) : 0
    }
}

/// From evidence to the part of its share that a server keeps.
struct ErrorGate: Equatable, Sendable {
    /// Evidence up to here is none: `errors.tolerance`, or twice the middle one's.
    let bound: Double
    /// So much beyond it leaves nothing: `errors.ejection`, or all that there is beyond it.
    let ejection: Double

    /// However many fail of the others, at most so much is no evidence: the largest tolerance that
    /// the policy may have.
    static let mostBound = 0.5

    /// Whoever keeps less than this part is taken out.
    static let least = 0.05
    /// Gates that would leave less than this part of the capacity have a common cause, and end to
    /// have one above the other.
    ///
    /// Half, less what the estimates of two equals may differ by: chance is not to decide.
    static let commonBelow = 0.45
    static let commonUntil = 0.6

    /// For members with this evidence.
    init(_ policy: Policy, evidence: some Collection<Double>) {
        bound = Self.bound(policy, evidence)
        ejection = min(policy.errorEjection, 1 - bound)
    }

    func part(_ evidence: Double) -> Double {
        guard evidence > bound else { return 1 }
        let rest = max(0, 1 - (evidence - bound) / ejection)
        return rest * rest
    }

    /// The tolerance, or twice the lower median: of two of which one fails, the other is the
    /// measure.
    ///
    /// Never so much that who fails everything passes: errors of most have a common cause, which is
    /// to be said.
    static func bound(_ policy: Policy, _ values: some Collection<Double>) -> Double {
        let tolerance = policy.errorTolerance
        // Where at least every other has next to none, as mostly, nothing need be sorted.
        let low = values.reduce(0) { $1 <= tolerance / 2 ? $0 + 1 : $0 }
        guard low < (values.count + 1) / 2 else { return tolerance }
        let median = values.sorted()[(values.count - 1) / 2]
        return max(tolerance, min(2 * median, tolerance + policy.errorEjection, mostBound))
    }
}
