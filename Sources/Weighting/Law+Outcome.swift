// What the law said, and the chains of it: made when somebody asks.
//
// A chain is 340 bytes, and nobody reads most of them: writing and copying one for each of
// thousands of members took a third of a decision's time, and keeping them 7 MB for 10,000.

extension Law {
    /// What came of some members, with all that it came of.
    struct Outcome: Equatable, Sendable {
        let law: Law
        let inputs: [Input]
        let common: Common
    }

    /// What was worked out of all members together.
    struct Common: Equatable, Sendable {
        let errorBound: Double
        let gate: ErrorGate
        /// Whether more than half of the capacity fails, so that errors take nobody's share.
        let isCommonCause: Bool
        let serviceLoad: Double
        /// See ``Chain/sumOfShares`` and ``Chain/shareToGive``.
        let sumOfShares: Double
        let shareToGive: Double
        /// The factors by which a share may move in this step.
        let mostFall: Double
        let mostRise: Double
    }

    /// What a decision needs of a member's chain.
    struct Result: Equatable, Sendable {
        let limitedShare: Double
        var weight: Int
        /// Beside those that the law tells.
        var limits: Chain.Limits = []
    }
}

extension Law.Outcome {
    /// The part of its share that a member's errors leave it.
    func gate(_ index: Int) -> Double { work(index).gate }

    private func work(_ index: Int) -> Law.Work {
        var work = law.work(inputs[index], common.gate)
        if common.isCommonCause { work.gate = 1 }
        return work
    }

    /// The same arithmetic once more, and every step of it.
    ///
    /// `result` is what became of it.
    func chain(_ index: Int, _ result: Law.Result) -> Chain {
        let input = inputs[index]
        let policy = law.policy
        var work = self.work(index)
        law.trim(&work, input, common.errorBound, common.serviceLoad)
        let limited = law.limited(input, work, common)
        var chain = Chain(
            requestsPerSecond: input.rates.requests, errorsPerSecond: input.rates.errors,
            utilisation: input.rates.utilisation, load: input.rates.load,
            prior: input.prior, priorShare: Law.priorShare, capacity: work.capacity,
            errorShare: input.errorShare, errorBound: common.errorBound,
            serviceLoad: common.serviceLoad, gain: policy.gain, mostExponent: work.mostExponent,
            trim: work.trim, sumOfShares: common.sumOfShares, shareToGive: common.shareToGive,
            meanWeight: law.meanWeight, share: limited.wanted, floor: policy.floor,
            previousShare: input.previousShare, leastShare: limited.least,
            mostShare: limited.most.isFinite ? limited.most : nil, limitedShare: limited.share,
            limits: result.limits, weight: result.weight,
            deadband: deadband)
        chain.othersUse = input.othersUse
        chain.resource = input.resource
        chain.evidence = input.evidence
        chain.evidenceBound = common.gate.bound
        chain.ejection = common.gate.ejection
        chain.gate = work.gate
        chain.shareBound = input.shareBound.isFinite ? input.shareBound : nil
        chain.fairShare = law.fairShare(input, common)
        chain.startShare = input.startShare
        chain.goal = law.weight(limited.goal * law.meanWeight)

        if common.isCommonCause { chain.limits.insert(.commonCause) }
        if Law.priorBoost * input.prior < law.observed(input) { chain.limits.insert(.priorBoost) }
        if !Law.trimExponent.contains(work.exponent) { chain.limits.insert(.trim) }
        if limited.isBounded { chain.limits.insert(.share) }
        if limited.goal > limited.bounded { chain.limits.insert(.floor) }
        if limited.share > limited.goal { chain.limits.insert(.fall) }
        if limited.share < limited.goal || limited.share < limited.least {
            chain.limits.insert(
                limited.isNewcomers ? .slowStart : work.isFailing ? .errors : .rise)
        }
        let exact = limited.share * law.meanWeight
        let inUnits = law.inUnits(exact)
        chain.heldBack = exact - inUnits
        if Double(limited.weight) != inUnits.rounded() { chain.limits.insert(.kernelRange) }
        return chain
    }
}
