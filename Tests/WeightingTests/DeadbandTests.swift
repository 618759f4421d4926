// Which weights are not worth a write.

import Testing

@testable import Weighting

/// What one of two equal servers gets whose weight should be this, before it is rounded.
private struct Wish {
    let outcome: Law.Outcome
    var result: Law.Result

    init(weight: Double, mean: Double = 10, deadband: Double? = nil) throws {
        let rates = Rates(requests: 50, errors: 0, utilisation: 0.5, load: 0.5)
        let input = Law.Input(rates: rates, prior: 100, previousShare: 1)
        let law = Law(
            policy: Policy(), meanWeight: mean, elapsedSeconds: 0.5, deadband: deadband)
        outcome = law.outcome([input, input], shareToGive: 2, serviceLoad: 0.5).0
        result = Law.Result(limitedShare: weight / mean, weight: Int(weight.rounded()))
    }

    func isNear(_ kernel: Int) -> Bool { outcome.isNear(result, kernel) }
}

@Test func `a weight that is wanted between two units is written once`() throws {
    var (kernel, writes) = (16, 0)
    for tick in 0..<100 {
        let wanted = try Wish(weight: tick % 2 == 0 ? 16.3 : 16.7)
        guard !wanted.isNear(kernel) else { continue }
        (kernel, writes) = (wanted.result.weight, writes + 1)
    }
    #expect(writes <= 1)
}

@Test func `a weight that was written is near, whatever is wanted of it`() throws {
    var dice = SplitMix(state: 1)
    for _ in 0..<10_000 {
        let wanted = try Wish(weight: 1 + 40 * dice.unit(), deadband: 0)
        #expect(wanted.isNear(wanted.result.weight))
    }
}

@Test func `a step of one is written where it is a fifth, and not where it is a twentieth`() throws
{
    #expect(try !Wish(weight: 5.7).isNear(5))
    #expect(try Wish(weight: 18.7).isNear(18))
    #expect(try !Wish(weight: 19.2).isNear(18))
}

@Test func `to and from 0 there is no dead band, nor for the places of sh`() throws {
    var out = try Wish(weight: 1)
    out.result.weight = 0
    #expect(!out.isNear(1))
    #expect(try !Wish(weight: 0.5).isNear(0))
    var placed = try Wish(weight: 9.4)
    placed.result.weight = 10
    placed.result.limits.insert(.places)
    #expect(!placed.isNear(9))
}
