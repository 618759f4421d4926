// The law on numbers: shares, limits, and a chain that can be recomputed.

import Foundation
import Testing

@testable import Weighting

private func rates(_ requests: Double, _ utilisation: Double, load: Double? = nil) -> Rates {
    Rates(requests: requests, errors: 0, utilisation: utilisation, load: load ?? utilisation)
}

private func law(elapsed: Double = 0.5, policy: Policy = Policy()) -> Law {
    Law(policy: policy, meanWeight: 1000, elapsedSeconds: elapsed)
}

@Test func `at equal load shares go by capacity`() {
    let inputs = [10.0, 20, 40, 80].map {
        Law.Input(rates: rates($0 / 2, 0.5), prior: $0, previousShare: $0 / 37.5)
    }
    let shares = law().chains(inputs, shareToGive: Double(inputs.count)).map(\.share)
    for (share, capacity) in zip(shares, [10.0, 20, 40, 80]) {
        #expect(abs(share - capacity / 37.5) < 1e-9)
    }
}

@Test func `the more loaded of two equals gets less`() {
    let inputs = [0.4, 0.6].map {
        Law.Input(rates: rates(50 * $0, $0), prior: 50, previousShare: 1)
    }
    let shares = law().chains(inputs, shareToGive: Double(inputs.count)).map(\.share)
    #expect(shares[0] > 1 && shares[1] < 1)
}

@Test func `more load never means more weight`() {
    var generator = SplitMix(state: 7)
    for _ in 0..<2_000 {
        var inputs = (0..<4).map { _ in
            Law.Input(
                rates: rates(generator.unit() * 100, generator.unit()),
                prior: 1 + generator.unit() * 100, previousShare: 0.1 + generator.unit())
        }
        let before = law().chains(inputs, shareToGive: Double(inputs.count))[0].share
        let input = inputs[0]
        let heavier = Rates(
            requests: input.rates.requests, errors: 0,
            utilisation: min(1, input.rates.utilisation + 0.1), load: input.rates.load + 0.1)
        inputs[0] = Law.Input(
            rates: heavier, prior: input.prior, previousShare: input.previousShare)
        #expect(law().chains(inputs, shareToGive: Double(inputs.count))[0].share <= before + 1e-12)
    }
}

@Test func `the order of members changes nothing`() {
    var generator = SplitMix(state: 11)
    let inputs = (0..<9).map { _ in
        Law.Input(
            rates: rates(generator.unit() * 100, generator.unit()),
            prior: 1 + generator.unit() * 100, previousShare: 1)
    }
    let forward = law().chains(inputs, shareToGive: Double(inputs.count))
    let backward = law().chains(inputs.reversed(), shareToGive: Double(inputs.count))
    #expect(forward == backward.reversed())
}

@Test func `a weight moves within its span, and says so`() {
    let inputs = [
        Law.Input(rates: rates(10, 0.1), prior: 100, previousShare: 0.1),
        Law.Input(rates: rates(10, 1), prior: 10, previousShare: 1.9),
    ]
    let chains = law(elapsed: 1).chains(inputs, shareToGive: Double(inputs.count))
    #expect(chains[0].limits == [.rise])
    #expect(abs(chains[0].limitedShare - 0.15) < 1e-12)
    #expect(chains[1].limits == [.fall])
    #expect(abs(chains[1].limitedShare - 1.9 / 6) < 1e-12)
}

@Test func `nobody falls below the floor`() {
    let inputs =
        [Law.Input(rates: rates(0.01, 1, load: 2), prior: 0.1, previousShare: 0.02)]
        + (0..<7).map { _ in Law.Input(rates: rates(90, 0.5), prior: 180, previousShare: 1) }
    let chain = law().chains(inputs, shareToGive: Double(inputs.count))[0]
    #expect(chain.limits.contains(.floor))
    #expect(chain.weight == 20)
}

@Test func `a burst does not make a server three times what it was`() {
    let inputs = [
        Law.Input(rates: rates(400, 0.5), prior: 50, previousShare: 1),
        Law.Input(rates: rates(50, 0.5), prior: 100, previousShare: 1),
    ]
    let chain = law().chains(inputs, shareToGive: Double(inputs.count))[0]
    #expect(chain.capacity == 150)
    #expect(chain.limits.contains(.priorBoost))
}

@Test func `a member that fails fast gets no raise, however idle it looks`() {
    let healthy = (0..<7).map { _ in
        Law.Input(rates: rates(60, 0.6), prior: 100, previousShare: 1)
    }
    let failing = Law.Input(
        rates: Rates(requests: 60, errors: 60, utilisation: 0.01, load: 0.01), prior: 100,
        previousShare: 1)
    let chain = law().chains(healthy + [failing], shareToGive: 8)[7]
    #expect(chain.limitedShare <= 1)
    #expect(chain.trim <= 1)
    // One of two as well: the other is the measure.
    let pair = law().chains([healthy[0], failing], shareToGive: 2)
    #expect(pair[1].limitedShare <= 1)
    // Errors of all are no news of one.
    let alike = healthy.map {
        Law.Input(
            rates: Rates(requests: 60, errors: 6, utilisation: 0.6, load: 0.6), prior: $0.prior,
            previousShare: 0.5)
    }
    let chains = law().chains(alike, shareToGive: Double(alike.count))
    #expect(chains.allSatisfy { $0.limits == [.rise] })
}

@Test func `members that hold keep their part of the service`() {
    let small = Law.Input(rates: rates(10, 0.5), prior: 20, previousShare: 0.2)
    let chain = law().chains([small], shareToGive: 0.2)[0]
    #expect(abs(chain.share - 0.2) < 1e-9)
}

@Test func `every number of a chain follows from those above it`() {
    var generator = SplitMix(state: 3)
    for _ in 0..<1_000 {
        let inputs = (0..<5).map { _ in
            Law.Input(
                rates: rates(generator.unit() * 100, generator.unit(), load: generator.unit() * 2),
                prior: 1 + generator.unit() * 100, previousShare: 0.02 + generator.unit() * 2)
        }
        for chain in law().chains(inputs, shareToGive: Double(inputs.count)) {
            expectRecomputes(chain)
        }
        var coarse = Law(policy: Policy(), meanWeight: 8, elapsedSeconds: 0.5)
        coarse.isCoarse = true
        for chain in coarse.chains(inputs, shareToGive: Double(inputs.count)) {
            expectRecomputes(chain, isCoarse: true)
        }
    }
}

/// Does the arithmetic of a chain once more, with another library's functions.
func expectRecomputes(
    _ chain: Chain, elapsed: Double = 0.5, policy: Policy = Policy(), isCoarse: Bool = false
) {
    func near(_ one: Double, _ other: Double) -> Bool {
        abs(one - other) <= 1e-9 * max(1, abs(other))
    }
    let good = max(0, chain.requestsPerSecond - chain.errorsPerSecond)
    #expect(
        near(
            chain.capacity,
            min(
                3 * chain.prior,
                (good + chain.priorShare * chain.prior)
                    / (chain.utilisation - chain.othersUse + chain.priorShare))
                * (1 - chain.othersUse)))
    let rest = max(
        0, 1 - max(0, chain.evidence - chain.evidenceBound) / chain.ejection)
    #expect(near(chain.gate, chain.limits.contains(.commonCause) ? 1 : rest * rest))
    let exponent = chain.gain * log((chain.serviceLoad + 0.05) / (chain.load + 0.05))
    let isFailing = chain.errorShare > chain.errorBound
    #expect(chain.mostExponent == (isFailing || isCoarse ? 0 : 1))
    #expect(near(chain.trim, exp(min(chain.mostExponent, max(-1.5, exponent)))))
    #expect(
        near(
            chain.share,
            chain.capacity * chain.gate * chain.trim * chain.shareToGive / chain.sumOfShares))
    #expect(near(chain.fairShare, chain.prior * chain.shareToGive / chain.sumOfShares))
    #expect(near(chain.leastShare, chain.previousShare / pow(policy.fall, elapsed)))
    let most = chain.previousShare * (isFailing ? 1 : pow(policy.rise, elapsed))
    let mostNew =
        chain.startShare < 1
        ? max(chain.startShare * chain.fairShare, chain.floor) : .infinity
    #expect(near(chain.mostShare ?? .nan, min(most, mostNew)))
    let bounded = min(chain.share, chain.shareBound ?? .infinity)
    let goal = max(bounded, chain.floor)
    #expect(near(chain.limitedShare, min(max(goal, chain.leastShare), min(most, mostNew))))
    guard !chain.limits.contains(.places) else { return }
    let exact = chain.limitedShare * chain.meanWeight
    let inUnits = isCoarse ? max(0, exact - min(0.45, 0.7 / exact)) : exact
    #expect(near(chain.heldBack, exact - inUnits))
    let weight = max(1, Int(inUnits.rounded()))
    #expect(chain.weight == weight || chain.limits.contains(.kernelRange) || chain.weight == 0)
}

/// A small seeded generator, so that a failing case comes back.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }

    /// Between 0 and 1.
    mutating func unit() -> Double { Double(next() >> 11) / Double(1 << 53) }
}
