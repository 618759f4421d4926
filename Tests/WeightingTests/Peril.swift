// What each rule is there against, played out: harm is done without the rule, and none with it.

import Protocol

@testable import Weighting

/// Plays one harmful story, and sees whether harm was done.
struct Peril {
    let safeguard: Safeguard
    /// Whether the balancer lacks the rule.
    let isMissing: Bool

    static let busy = Bench.Doing(requestsPerSecond: 30, utilisation: 0.6)
    private static let failing = Bench.Doing(
        requestsPerSecond: 30, utilisation: 0.1, errorsPerSecond: 30)

    func bench(
        _ weights: [Int], capacities: [Double]? = nil, _ policy: Policy = Policy()
    ) -> Bench {
        Bench(
            weights: weights, policy: policy, capacities: capacities,
            without: isMissing ? safeguard : nil)
    }

    /// A service that is followed, on its scale, and at rest.
    private func calm(_ count: Int) -> Bench {
        var bench = bench(Array(repeating: 1, count: count))
        bench.go(20)
        return bench
    }

    func harms(_ bench: inout Bench, _ doing: [Bench.Doing], ticks: Int = 1) -> Bool {
        var isRefused = false
        for _ in 0..<ticks {
            bench.pass(doing)
            isRefused = bench.tick()?.violations.isEmpty == false || isRefused
        }
        return isRefused
    }

    /// Whether harm was done.
    func isHarm() -> Bool {
        switch safeguard {
        case .errorsAreNoWork, .priorBoost, .trimBounds, .floor, .rise, .fall, .shareBound,
            .noRaiseWithErrors:
            isHarmByLaw()
        case .errorGate, .commonCause, .slowStart, .ejectionRate, .ejectionShare, .lastOneStays,
            .halfDrains, .lastOneNeverDrains, .foreignZeros:
            isHarmByZeros()
        case .checkRate, .checkShare, .checkDoubt, .checkPanic, .lastOneForChecks, .flapPenalty,
            .lastOneForOrders, .orderPace:
            isHarmByWord()
        case .duplicatesHold, .silenceHolds, .silenceOfManyHolds, .fewFreshHold, .idleHolds,
            .lateMasterHolds, .undeclaredHolds, .deadband:
            isHarmInDoubt()
        }
    }

    // What the law gives.

    private func law(_ inputs: [Law.Input], elapsed: Double = 0.5) -> [Chain] {
        var law = Law(policy: Policy(), meanWeight: 1000, elapsedSeconds: elapsed)
        if isMissing { law.safeguards = .without(safeguard) }
        return law.chains(inputs, shareToGive: Double(inputs.count))
    }

    private func input(
        _ requests: Double, _ use: Double, errors: Double = 0, prior: Double = 50,
        share: Double = 1, bound: Double = .infinity
    ) -> Law.Input {
        Law.Input(
            rates: Rates(requests: requests, errors: errors, utilisation: use, load: use),
            prior: prior, previousShare: share, shareBound: bound)
    }

    private func isHarmByLaw() -> Bool {
        let steady = input(30, 0.6)
        return switch safeguard {
        case .errorsAreNoWork:
            // It does nothing but fail, and looks as able as the others.
            law([input(30, 0.6, errors: 30), steady, steady])[0].capacity > 25
        case .priorBoost:
            law([input(400, 0.2), steady, steady])[0].capacity > 150
        case .trimBounds:
            law([input(30, 0), steady, input(30, 1), input(30, 1)])[0].trim > 2.72
        case .floor:
            law([input(0.01, 1, prior: 0.1, share: 0.02), steady, steady])[0].weight < 20
        case .rise:
            law([input(30, 0.1, share: 0.2), steady, steady])[0].limitedShare > 0.25
        case .fall:
            law([input(1, 1, prior: 1), steady, steady])[0].limitedShare < 0.4
        case .shareBound:
            law(
                [input(3, 0.01, share: 1.9, bound: 2)] + Array(repeating: input(3, 0.6), count: 7),
                elapsed: 2)[0].limitedShare > 2.001
        default:
            law([input(30, 0.05, errors: 15), steady, steady])[0].limitedShare > 1
        }
    }

    // Who is taken out.

    private func isHarmByZeros() -> Bool {
        let (busy, failing) = (Self.busy, Self.failing)
        switch safeguard {
        case .errorGate:
            var bench = calm(4)
            _ = harms(&bench, [failing, busy, busy, busy], ticks: 20)
            return bench.weights[0] > 50
        case .commonCause:
            // One of three carries more than both others.
            var bench = bench([1000, 1000, 1000])
            let big = Bench.Doing(requestsPerSecond: 300, utilisation: 0.6)
            for _ in 0..<80 { _ = harms(&bench, [big, busy, busy]) }
            let broken = Bench.Doing(
                requestsPerSecond: 300, utilisation: 0.6, errorsPerSecond: 300)
            _ = harms(&bench, [broken, busy, busy], ticks: 20)
            return bench.weights[0] == 0
        case .slowStart:
            var bench = calm(4)
            bench.ask(0, .draining)
            bench.go(4)
            bench.ask(0, .up)
            bench.go()
            return bench.weights[0] > 200
        case .ejectionRate:
            var bench = calm(12)
            let doing = Array(repeating: failing, count: 3) + Array(repeating: busy, count: 9)
            let isRefused = harms(&bench, doing, ticks: 20)
            return isRefused || bench.weights.count { $0 == 0 } > 1
        case .ejectionShare:
            var bench = calm(6)
            for place in 0..<3 {
                bench.ask(place, .draining)
                bench.go(2)
            }
            let isRefused = harms(&bench, [busy, busy, busy, failing, busy, busy], ticks: 20)
            return isRefused || bench.weights.count { $0 == 0 } > 3
        case .lastOneStays:
            // The other rules let it never come to this; and if they did?
            let failing = Ejections.Candidate(place: 0, evidence: 1, gate: 0, isOut: false)
            let limits = Ejections.Limits(present: 9, out: 0, lately: 0, live: 1)
            let safeguards: Safeguards = isMissing ? .without(safeguard) : .all
            return !Ejections([failing], limits, safeguards).leaving.isEmpty
        case .halfDrains:
            var bench = calm(4)
            for place in 0..<3 { bench.ask(place, .draining) }
            bench.go(4)
            return bench.weights.count { $0 == 0 } > 2
        case .lastOneNeverDrains:
            var bench = bench([1, 0, 0, 0])
            bench.ask(0, .draining)
            return harms(&bench, [busy, busy, busy, busy], ticks: 4)
        default:
            var bench = calm(3)
            bench.setByHand(0, 0)
            return harms(&bench, [busy, busy, busy], ticks: 4) || bench.weights[0] > 0
        }
    }

    // When nothing may move.

    private func isHarmInDoubt() -> Bool {
        let busy = Self.busy
        let slow = Bench.Doing(requestsPerSecond: 30, utilisation: 1, runnable: 4)
        var bench = calm(5)
        let before = bench.weights
        let four = Array(repeating: busy, count: 4)
        switch safeguard {
        case .duplicatesHold:
            bench.counters[0].isDuplicateIdentity = true
            _ = harms(&bench, [slow] + four, ticks: 20)
            return bench.weights[0] != before[0]
        case .silenceHolds:
            // What it said last was good, and nobody knows what came after.
            var said = 0
            for round in 0..<20 {
                bench.pass([busy, slow, slow, slow, slow], silent: [0])
                _ = bench.tick()
                // One tick may still act on that.
                if round == 0 { said = bench.weights[0] }
            }
            return bench.weights[0] != said
        case .silenceOfManyHolds:
            bench.go(4, busy, silent: [0, 1])
            for _ in 0..<4 {
                bench.pass([busy, busy, slow, busy, busy], silent: [0, 1])
                _ = bench.tick()
            }
            return bench.weights != before
        case .fewFreshHold:
            bench.go(20, busy, silent: [0, 1, 2])
            for _ in 0..<10 {
                bench.pass([busy, busy, busy, slow, busy], silent: [0, 1, 2])
                _ = bench.tick()
            }
            return bench.weights != before
        case .idleHolds:
            var night = self.bench([1000, 1000, 1000, 1000])
            for round in 0..<400 {
                let doing = (0..<4).map { index in
                    Bench.Doing(
                        requestsPerSecond: (round + index) % 5 == 0 ? 0.4 : 0,
                        utilisation: 0.03 + 0.005 * Double(index))
                }
                _ = harms(&night, doing)
            }
            return night.weights != [1000, 1000, 1000, 1000]
        case .lateMasterHolds:
            for _ in 0..<4 { bench.pass([slow] + four) }
            _ = bench.tick()
            return bench.weights != before
        case .undeclaredHolds:
            bench.table.services[0].destinations.append(
                Table.Destination(key: Bench.destination(9), weight: 1))
            for _ in 0..<10 {
                bench.pass([slow] + four)
                _ = bench.tick()
            }
            return Array(bench.weights.prefix(5)) != before
        default:
            let hardly = Bench.Doing(requestsPerSecond: 30, utilisation: 0.605)
            _ = harms(&bench, [hardly] + four, ticks: 20)
            return bench.weights != before
        }
    }
}
