// The law: capacity estimate × trim toward equal load × error gate, within the policy's limits.
//
// Why each term is there, and what was tried instead: docs/policy.md.

internal import RealModule

/// From the estimates of one service's members to shares of its connections.
struct Law: Equatable, Sendable {
    let policy: Policy
    /// The mean weight on the service's scheduler.
    let meanWeight: Double
    /// Since the decision before, seconds.
    let elapsedSeconds: Double
    /// The most that the scheduler is given.
    var mostWeight = Weight.allowed.upperBound
    var deadband: Double?
    /// Whether the scheduler sees no queue and its weights are small: then it matters which way they
    /// are rounded, and a server that is idler than the others is so by that, and not worth a raise.
    var isCoarse = false
    var safeguards = Safeguards.all

    /// How far the prior counts beside what is seen, in units of utilisation.
    static let priorShare = 0.05
    /// An estimate may exceed its prior by this factor: a burst is not a new server.
    static let priorBoost = 3.0
    /// As far as a prior may leave what is usual, and still count whole where errors are judged.
    static let mostCommonPrior = 3.0
    /// Keeps the trim finite on idle servers.
    static let loadOffset = 0.05
    static let trimExponent = -1.5...1.0
    /// Requests a second, below which their errors tell nothing of now.
    static let leastTellingRequests = 0.1
    /// Where nobody wants anything, the sum of what they want.
    static let leastSum = 1e-9

    struct Input: Equatable, Sendable {
        let rates: Rates
        let prior: Double
        let previousShare: Double
        /// See ``ErrorEvidence``.
        var evidence = 0.0
        /// The part of its utilisation that is other services'.
        var othersUse = 0.0
        /// What is fullest.
        var resource = Resource.cpu
        /// The most that its base share allows.
        var shareBound = Double.infinity
        /// How much of its fair share a newcomer may have by now.
        var startShare = 1.0
        /// What the operator declared of it beside the others.
        var nominal = 1.0
        /// At 0, for its errors: it has no share, and what it would have is told all the same.
        var isOut = false

        /// Of its requests, those that failed; nothing where hardly any are seen, since both averages
        /// fade together, and who gets no requests could never clear its name.
        var errorShare: Double {
            // Mostly there are none, and a quotient costs as much as ten sums.
            rates.errors > 0 && rates.requests > Law.leastTellingRequests
                ? rates.errors / rates.requests : 0
        }
    }

    /// What is worked out of each input before the shares.
    struct Work {
        let capacity: Double
        var gate: Double
        /// Whether its errors keep it from a raise.
        var isFailing = false
        var exponent = 0.0
        var mostExponent = 0.0
        var trim = 1.0
        /// The product capacity × gate × trim.
        var wanted = 0.0
        /// Whether its base share is all that it gets.
        var isBounded = false
    }

    /// `shareToGive` is what these members have together: their number, so that the mean share
    /// is 1, or less or more while others hold and keep theirs.
    ///
    /// `serviceLoad` is ``serviceLoad(_:)`` of the same inputs. One result for each input, in order.
    func outcome(
        _ inputs: [Input], shareToGive: Double, serviceLoad: Double, wasCommonCause: Bool = false
    ) -> (Outcome, [Result]) {
        let errorBound = ErrorGate.bound(
            policy, inputs.lazy.filter { !$0.isOut }.map(\.errorShare))
        let gate = ErrorGate(policy, evidence: inputs.lazy.map(\.evidence))
        var work = inputs.map { self.work($0, gate) }
        let isCommonCause = lift(&work, inputs, wasCommonCause: wasCommonCause)

        for place in work.indices {
            trim(&work[place], inputs[place], errorBound, serviceLoad)
        }
        let (sumOfShares, rest) = fill(&work, inputs, shareToGive)
        let common = Common(
            errorBound: errorBound, gate: gate, isCommonCause: isCommonCause,
            serviceLoad: serviceLoad, sumOfShares: sumOfShares, shareToGive: rest,
            mostFall: Double.pow(policy.fall, elapsedSeconds),
            mostRise: Double.pow(policy.rise, elapsedSeconds))
        let results = inputs.indices.map { place in
            let limited = limited(inputs[place], work[place], common)
            return Result(limitedShare: limited.share, weight: limited.weight)
        }
        return (Outcome(law: self, inputs: inputs, common: common), results)
    }

    /// The mean load of those that serve, by what each can carry.
    func serviceLoad(_ inputs: [Input]) -> Double {
        let capacities = inputs.map { $0.isOut ? 0 : capacity($0) }
        let sumOfCapacities = capacities.exactSum { $0 }
        // Not zero: a prior never is.
        guard sumOfCapacities > 0 else { return 0 }
        return inputs.indices.exactSum { capacities[$0] * inputs[$0].rates.load } / sumOfCapacities
    }

    /// Whether its load, as it says, is about that of its service: at equal loads the law is at rest.
    static func isAsBusyAsOthers(_ input: Input, _ serviceLoad: Double) -> Bool {
        input.rates.load >= plausibleLoad * serviceLoad
    }

    private static let plausibleLoad = 0.8

    /// As ``outcome(_:shareToGive:serviceLoad:wasCommonCause:)`` says.
    func chains(_ inputs: [Input], shareToGive: Double) -> [Chain] {
        let (outcome, results) = outcome(
            inputs, shareToGive: shareToGive, serviceLoad: serviceLoad(inputs))
        return results.enumerated().map(outcome.chain)
    }

    /// What an input comes to before the trim.
    func work(_ input: Input, _ gate: ErrorGate) -> Work {
        Work(
            capacity: capacity(input),
            gate: safeguards.hold(.errorGate) ? gate.part(input.evidence) : 1)
    }

    /// Lets every gate up where they would leave too little: errors of most have a common cause.
    ///
    /// By their priors: what they carry now is little for the very reason that they fail. A prior is
    /// what an agent tells, so none counts for more than ``mostCommonPrior`` times what is usual for
    /// its nominal capacity, or one lie would decide for all.
    private func lift(
        _ work: inout [Work], _ inputs: [Input], wasCommonCause: Bool
    ) -> Bool {
        guard safeguards.hold(.commonCause), work.contains(where: { $0.gate < 1 })
        else { return false }
        let least = wasCommonCause ? ErrorGate.commonUntil : ErrorGate.commonBelow
        let usual = inputs.map { $0.prior / $0.nominal }.sorted()[(inputs.count - 1) / 2]
        func counted(_ input: Input) -> Double {
            min(input.prior, Self.mostCommonPrior * usual * input.nominal)
        }
        let left = work.indices.exactSum { counted(inputs[$0]) * work[$0].gate }
        guard left < least * inputs.exactSum(counted) else { return false }
        for place in work.indices { work[place].gate = 1 }
        return true
    }

    func observed(_ input: Input) -> Double {
        let errors = safeguards.hold(.errorsAreNoWork) ? input.rates.errors : 0
        return (max(0, input.rates.requests - errors) + Self.priorShare * input.prior)
            / (input.rates.utilisation - input.othersUse + Self.priorShare)
    }

    /// Requests a second at full use, of what other services leave of the machine.
    private func capacity(_ input: Input) -> Double {
        let observed = observed(input)
        let whole =
            safeguards.hold(.priorBoost)
            ? min(Self.priorBoost * input.prior, observed) : observed
        return whole * (1 - input.othersUse)
    }

    func trim(
        _ work: inout Work, _ input: Input, _ errorBound: Double, _ serviceLoad: Double
    ) {
        work.isFailing = input.errorShare > errorBound && safeguards.hold(.noRaiseWithErrors)
        let ratio = (serviceLoad + Self.loadOffset) / (input.rates.load + Self.loadOffset)
        work.exponent = policy.gain * Double.log(ratio)
        work.mostExponent = work.isFailing || isCoarse ? 0 : Self.trimExponent.upperBound
        let isBound = safeguards.hold(.trimBounds)
        let least = isBound ? Self.trimExponent.lowerBound : -.infinity
        let most = isBound || work.mostExponent == 0 ? work.mostExponent : .infinity
        work.trim = Double.exp(min(max(work.exponent, least), most))
        work.wanted = work.capacity * work.gate * work.trim
    }

    /// Gives out the shares.
    ///
    /// Who reaches the bound of its base share keeps to it, and the others
    /// share the rest. The sum of what those others want, and that rest.
    private func fill(
        _ work: inout [Work], _ inputs: [Input], _ shareToGive: Double
    ) -> (sumOfShares: Double, rest: Double) {
        // Each round bounds somebody, and a few leave nobody over: what is left then is cut off.
        var rest = shareToGive
        var level = (sumOfShares: Self.leastSum, rest: rest)
        for _ in 0..<8 {
            let open = work.indices.places { !inputs[$0].isOut && !work[$0].isBounded }
            let openSum = open.exactSum { work[$0].wanted }
            guard openSum > Self.leastSum, rest > 0 else { break }
            level = (openSum, rest)
            let factor = rest / openSum
            let over = open.filter { work[$0].wanted * factor > inputs[$0].shareBound }
            // With nobody left to give the rest to, the last factor stands, and the bounds cut.
            guard safeguards.hold(.shareBound), !over.isEmpty else { break }
            let used = over.exactSum { inputs[$0].shareBound }
            guard used < rest, over.count < open.count else { break }
            for place in over { work[place].isBounded = true }
            rest -= used
        }
        return level
    }

    /// A share and the span within which it may move; in the order it is done.
    struct Limited {
        /// The part of the service, 1 the mean, before any limit.
        let wanted: Double
        /// Within the bound of the base share.
        let bounded: Double
        let isBounded: Bool
        /// Within bound and floor.
        let goal: Double
        let least: Double
        let most: Double
        /// Whether `most` is a newcomer's and not that of speed.
        let isNewcomers: Bool
        let share: Double
        let weight: Int
    }

    /// From what the shares come to, to a weight.
    @inline(__always)
    func limited(_ input: Input, _ work: Work, _ common: Common) -> Limited {
        let share = work.wanted * common.shareToGive / common.sumOfShares
        let isBounded = safeguards.hold(.shareBound) && share > input.shareBound
        let bounded = isBounded ? input.shareBound : share
        let floor = safeguards.hold(.floor) ? policy.floor : 0
        let goal = max(bounded, floor)

        var least = 0.0
        var most = Double.infinity
        if !input.isOut {
            least = safeguards.hold(.fall) ? input.previousShare / common.mostFall : 0
            let rise = safeguards.hold(.rise) ? input.previousShare * common.mostRise : .infinity
            most = work.isFailing ? input.previousShare : rise
        }
        let speedMost = most
        if input.startShare < 1 {
            most = min(most, max(input.startShare * fairShare(input, common), floor))
        }
        let limited = min(max(goal, least), most)
        let weight = self.weight(limited * meanWeight)
        return Limited(
            wanted: share, bounded: bounded, isBounded: isBounded, goal: goal, least: least,
            most: most, isNewcomers: most < speedMost, share: limited, weight: weight)
    }

    /// What it would get by its prior alone.
    func fairShare(_ input: Input, _ common: Common) -> Double {
        input.prior * common.shareToGive / common.sumOfShares
    }

    /// `exact` in whole units, at least 1.
    func weight(_ exact: Double) -> Int {
        min(Weight(nearest: inUnits(exact), atLeast: 1).rawValue, mostWeight)
    }

    /// What is rounded to have the weight.
    ///
    /// Of a slow server, whose weight is 2, half a unit more is a fourth more of all that it gets, and
    /// may be more than it can do; half a unit less costs the others next to nothing. So a part of a
    /// unit counts for less than half, the less the smaller the weight.
    func inUnits(_ exact: Double) -> Double {
        isCoarse ? max(0, exact - min(Self.mostHeldBack, Self.heldBack / exact)) : exact
    }

    private static let heldBack = 0.7
    private static let mostHeldBack = 0.45
}
