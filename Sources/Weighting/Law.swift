// The law: capacity estimate × trim toward equal load × error gate, within the policy's limits.
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
    /// The most that the scheduler is given.
    var mostWeight = Weight.allowed.upperBound
    var deadband: Double?
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

    struct Input {
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
            rates.requests > Law.leastTellingRequests ? rates.errors / rates.requests : 0
        }
    }

    struct Outcome {
        /// One for each input, in order.
        var chains: [Chain]
        /// Whether more than half of the capacity fails, so that errors take nobody's share.
        var isCommonCause: Bool
    }

    /// What is worked out of each input before the shares.
    private struct Work {
        let capacity: Double
        var gate: Double
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
    func outcome(
        _ inputs: [Input], shareToGive: Double, wasCommonCause: Bool = false
    ) -> Outcome {
        let errorBound = ErrorGate.bound(
            policy, inputs.lazy.filter { !$0.isOut }.map(\.errorShare))
        let gate = ErrorGate(policy, evidence: inputs.lazy.map(\.evidence))
        var work = inputs.map { input in
            Work(
                capacity: capacity(input),
                gate: safeguards.hold(.errorGate) ? gate.part(input.evidence) : 1)
        }
        let isCommonCause = lift(&work, inputs, wasCommonCause: wasCommonCause)

        let following = inputs.indices.lazy.filter { !inputs[$0].isOut }
        let sumOfCapacities = following.exactSum { work[$0].capacity }
        // Not zero: a prior never is.
        let serviceLoad =
            sumOfCapacities > 0
            ? following.exactSum { work[$0].capacity * inputs[$0].rates.load } / sumOfCapacities : 0
        for place in work.indices {
            let isFailing =
                inputs[place].errorShare > errorBound && safeguards.hold(.noRaiseWithErrors)
            trim(&work[place], inputs[place].rates.load, serviceLoad, isFailing: isFailing)
        }
        let (sumOfShares, rest) = fill(&work, inputs, shareToGive)
        let (mostFall, mostRise) = (
            Double.pow(policy.fall, elapsedSeconds), Double.pow(policy.rise, elapsedSeconds)
        )
        var chains: [Chain] = []
        chains.reserveCapacity(inputs.count)
        for (input, work) in zip(inputs, work) {
            var chain = Chain(
                requestsPerSecond: input.rates.requests, errorsPerSecond: input.rates.errors,
                utilisation: input.rates.utilisation, load: input.rates.load,
                prior: input.prior, priorShare: Self.priorShare, capacity: work.capacity,
                errorShare: input.errorShare, errorBound: errorBound,
                serviceLoad: serviceLoad, gain: policy.gain, mostExponent: work.mostExponent,
                trim: work.trim, sumOfShares: sumOfShares, shareToGive: rest,
                meanWeight: meanWeight, share: 0, floor: policy.floor,
                previousShare: input.previousShare, leastShare: 0, mostShare: 0,
                limitedShare: 0, limits: [], weight: 0, deadband: deadband ?? policy.deadband)
            chain.evidence = input.evidence
            chain.evidenceBound = gate.bound
            chain.ejection = gate.ejection
            chain.gate = work.gate
            if isCommonCause { chain.limits.insert(.commonCause) }
            chain.othersUse = input.othersUse
            chain.resource = input.resource
            if Self.priorBoost * input.prior < observed(input) { chain.limits.insert(.priorBoost) }
            if !Self.trimExponent.contains(work.exponent) { chain.limits.insert(.trim) }
            limit(&chain, input, work, mostFall: mostFall, mostRise: mostRise)
            chains.append(chain)
        }
        return Outcome(chains: chains, isCommonCause: isCommonCause)
    }

    /// As ``outcome(_:shareToGive:wasCommonCause:)`` says.
    func chains(_ inputs: [Input], shareToGive: Double) -> [Chain] {
        outcome(inputs, shareToGive: shareToGive).chains
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

    private func observed(_ input: Input) -> Double {
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

    private func trim(
        _ work: inout Work, _ load: Double, _ serviceLoad: Double, isFailing: Bool
    ) {
        work.exponent =
            policy.gain * Double.log((serviceLoad + Self.loadOffset) / (load + Self.loadOffset))
        work.mostExponent = isFailing ? 0 : Self.trimExponent.upperBound
        let isBound = safeguards.hold(.trimBounds)
        let least = isBound ? Self.trimExponent.lowerBound : -.infinity
        let most = isBound || isFailing ? work.mostExponent : .infinity
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
            let open = work.indices.filter { !inputs[$0].isOut && !work[$0].isBounded }
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

    /// From what the shares come to, to a weight.
    private func limit(
        _ chain: inout Chain, _ input: Input, _ work: Work, mostFall: Double, mostRise: Double
    ) {
        let isFailing = input.errorShare > chain.errorBound && safeguards.hold(.noRaiseWithErrors)
        let fair = input.prior * chain.shareToGive / chain.sumOfShares
        chain.share = work.wanted * chain.shareToGive / chain.sumOfShares
        chain.shareBound = input.shareBound.isFinite ? input.shareBound : nil
        chain.fairShare = fair
        chain.startShare = input.startShare
        let isBounded = safeguards.hold(.shareBound) && chain.share > input.shareBound
        if isBounded { chain.limits.insert(.share) }
        let bounded = isBounded ? input.shareBound : chain.share
        let floor = safeguards.hold(.floor) ? policy.floor : 0
        let goal = max(bounded, floor)
        if goal > bounded { chain.limits.insert(.floor) }

        var least = 0.0
        var most = Double.infinity
        if !input.isOut {
            least = safeguards.hold(.fall) ? input.previousShare / mostFall : 0
            let rise = safeguards.hold(.rise) ? input.previousShare * mostRise : .infinity
            most = isFailing ? input.previousShare : rise
        }
        let speedMost = most
        if input.startShare < 1 {
            most = min(most, max(input.startShare * fair, floor))
        }
        let limited = min(max(goal, least), most)
        if limited > goal { chain.limits.insert(.fall) }
        if limited < goal || limited < least {
            chain.limits.insert(most < speedMost ? .slowStart : isFailing ? .errors : .rise)
        }
        chain.leastShare = least
        chain.mostShare = most.isFinite ? most : nil
        chain.limitedShare = limited

        let product = (limited * meanWeight).rounded()
        chain.weight = weight(product)
        if Double(chain.weight) != product { chain.limits.insert(.kernelRange) }
        chain.goal = weight((goal * meanWeight).rounded())
    }

    private func weight(_ product: Double) -> Int {
        min(Weight(nearest: product, atLeast: 1).rawValue, mostWeight)
    }
}
