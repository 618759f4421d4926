// The bounds of the knobs of errors, and whose word says that errors are everybody's.

import Protocol
import Testing

@testable import Weighting

private let busy = Bench.busy

private func policy(_ tolerance: Double, _ ejection: Double) -> Policy {
    var policy = Policy()
    (policy.errorTolerance, policy.errorEjection) = (tolerance, ejection)
    return policy
}

/// Whether the first of four was out at some time of so many seconds.
private func isOut(
    _ policy: Policy, _ seconds: Double, _ doing: Bench.Doing, beside others: Bench.Doing = busy
) -> Bool {
    var bench = Bench.settled(atRest: 4, policy: policy)
    var wasOut = false
    for _ in 0..<Int(seconds * 2) {
        bench.spend(0.5, [doing, others, others, others])
        wasOut = wasOut || bench.weights[0] == 0
    }
    return wasOut
}

private func failing(_ part: Double) -> Bench.Doing {
    var doing = busy
    doing.errorsPerSecond = part * doing.requestsPerSecond
    return doing
}

private let extremes: [(Double, Double)] = [(0.02, 1), (0.5, 1), (0.001, 1), (0.5, 0.05)]

@Test(arguments: extremes)
func `who fails everything is out under every policy that is allowed`(
    tolerance: Double, ejection: Double
) {
    #expect(isOut(policy(tolerance, ejection), 15, Bench.failing))
}

@Test(arguments: [0.3, 1]) func `who fails everything is out beside others that fail now and then`(
    ejection: Double
) {
    #expect(isOut(policy(0.02, ejection), 15, Bench.failing, beside: failing(0.2)))
}

@Test(arguments: extremes)
func `nobody is out for what is tolerated`(tolerance: Double, ejection: Double) {
    #expect(!isOut(policy(tolerance, ejection), 60, failing(0.9 * tolerance)))
}

@Test func `with an ejection of 100 % half of the requests may fail, and nearly all may not`() {
    #expect(!isOut(policy(0.02, 1), 60, failing(0.5)))
    #expect(isOut(policy(0.02, 1), 20, failing(0.95)))
}

// A common cause.

private func input(prior: Double, evidence: Double = 0, nominal: Double = 1) -> Law.Input {
    var input = Law.Input(
        rates: Rates(requests: 30, errors: 0, utilisation: 0.6, load: 0.6), prior: prior,
        previousShare: 1)
    (input.evidence, input.nominal) = (evidence, nominal)
    return input
}

private func isCommonCause(_ inputs: [Law.Input]) -> Bool {
    let law = Law(policy: Policy(), meanWeight: 1000, elapsedSeconds: 0.5)
    return law.outcome(
        inputs, shareToGive: Double(inputs.count), serviceLoad: law.serviceLoad(inputs)
    ).0.common.isCommonCause
}

@Test func `one that claims to carry a million makes its errors nobody else's`() {
    let others = (0..<6).map { _ in input(prior: 50) }
    #expect(!isCommonCause([input(prior: 1_000_000, evidence: 1)] + others))
}

@Test func `one that claims to carry a million hides no common cause`() {
    let others = (0..<6).map { _ in input(prior: 50, evidence: 1) }
    #expect(isCommonCause([input(prior: 1_000_000)] + others))
}

@Test func `one that is declared to carry much counts for as much`() {
    let others = (0..<6).map { _ in input(prior: 50) }
    #expect(isCommonCause([input(prior: 1000, evidence: 1, nominal: 20)] + others))
}
