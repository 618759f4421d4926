// The law: capacity estimate × trim toward equal load, within the policy's limits.
//
// Why each term is there, and what was tried instead: docs/policy.md.

internal import RealModule

/// From the estimates of one service's members to shares of its connections.
struct Law {
    let policy: Policy
    /// The mean weight on the service's scheduler.
    let meanWeight: Double
    /// Since the decision before, seconds.
    let elapsedSeconds: Double

    /// How far the prior counts beside what is seen, in units of utilisation.
    static let priorShare = 0.05
    /// An estimate may exceed its prior by this factor: a burst is not a new server.
    static let priorBoost = 3.0
    /// Keeps the trim finite on idle servers.
    static let loadOffset = 0.05
    static let trimExponent = -1.5...1.0

    /// A member whose share of errors exceeds this, and twice the median, gets no raise: an empty
    /// queue may only mean that it fails fast.
    static let errorTolerance = 0.02

    struct Input {
        let rates: Rates
        let prior: Double
        let previousShare: Double

        /// Of its requests, those that failed.
        var errorShare: Double { rates.requests > 0 ? rates.errors / rates.requests : 0 }
    }

    /// One chain for each input, in order.
    ///
    /// `shareToGive` is what these members have together: their number, so that the mean share
    /// is 1, or less or more while others hold and keep theirs.
    func chains(_ inputs: [Input], shareToGive: Double) -> [Chain] {
        let capacities = inputs.map(capacity)
        // Not zero: a prior never is.
        let serviceLoad =
            sum(zip(capacities, inputs).map { $0 * $1.rates.load }) / sum(capacities)
        // The lower median: of two members of which one fails, the other is the measure.
        let errorBound = max(Self.errorTolerance, 2 * lowerMedianOfErrors(inputs))
        let exponents = inputs.map { exponent(load: $0.rates.load, serviceLoad: serviceLoad) }
        let mostExponents = inputs.map {
            $0.errorShare > errorBound ? 0 : Self.trimExponent.upperBound
        }
        let trims = zip(exponents, mostExponents).map { exponent, most in
            Double.exp(min(max(exponent, Self.trimExponent.lowerBound), most))
        }
        let sumOfShares = sum(zip(capacities, trims).map { $0 * $1 })
        let (mostFall, mostRise) = (
            Double.pow(policy.fall, elapsedSeconds), Double.pow(policy.rise, elapsedSeconds)
        )
        return inputs.indices.map { index in
            let input = inputs[index]
            let isFailing = input.errorShare > errorBound
            var limits: [Chain.Limit] = []
            if capacities[index] < observed(input) { limits.append(.priorBoost) }
            if !Self.trimExponent.contains(exponents[index]) { limits.append(.trim) }

            let share = capacities[index] * trims[index] * shareToGive / sumOfShares
            let least = input.previousShare / mostFall
            let most =
                isFailing
                ? input.previousShare
                : input.previousShare * mostRise
            let floored = max(share, policy.floor)
            if floored > share { limits.append(.floor) }
            let limited = min(max(floored, least), most)
            if limited > floored { limits.append(.fall) }
            if limited < floored { limits.append(isFailing ? .errors : .rise) }

            let product = (limited * meanWeight).rounded()
            let weight = Weight(nearest: product, atLeast: 1).rawValue
            if Double(weight) != product { limits.append(.kernelRange) }

            return Chain(
                requestsPerSecond: input.rates.requests, errorsPerSecond: input.rates.errors,
                utilisation: input.rates.utilisation, load: input.rates.load,
                prior: input.prior, priorShare: Self.priorShare, capacity: capacities[index],
                errorShare: input.errorShare, errorBound: errorBound,
                serviceLoad: serviceLoad, gain: policy.gain, mostExponent: mostExponents[index],
                trim: trims[index],
                sumOfShares: sumOfShares, shareToGive: shareToGive,
                meanWeight: meanWeight, share: share, floor: policy.floor,
                previousShare: input.previousShare, leastShare: least, mostShare: most,
                limitedShare: limited, limits: limits, weight: weight, deadband: policy.deadband)
        }
    }

    private func lowerMedianOfErrors(_ inputs: [Input]) -> Double {
        // Where at least every other member has none, as mostly, nothing need be sorted.
        let failing = inputs.count { $0.rates.errors > 0 }
        guard failing > inputs.count / 2 else { return 0 }
        return inputs.map(\.errorShare).sorted()[(inputs.count - 1) / 2]
    }

    private func observed(_ input: Input) -> Double {
        (max(0, input.rates.requests - input.rates.errors) + Self.priorShare * input.prior)
            / (input.rates.utilisation + Self.priorShare)
    }

    /// Requests a second at full use.
    private func capacity(_ input: Input) -> Double {
        min(Self.priorBoost * input.prior, observed(input))
    }

    private func exponent(load: Double, serviceLoad: Double) -> Double {
        policy.gain * Double.log((serviceLoad + Self.loadOffset) / (load + Self.loadOffset))
    }

    /// Adds in the order of size, so that the order of members cannot change a weight.
    private func sum(_ values: some Sequence<Double>) -> Double {
        values.sorted().reduce(0, +)
    }
}
