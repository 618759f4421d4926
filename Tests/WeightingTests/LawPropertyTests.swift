// What holds of the law whatever it is told: tens of thousands of random services.

import Testing

@testable import Weighting

/// A random service of two to nine members, some of them failing, bounded, new or out.
private struct RandomService {
    var inputs: [Law.Input]
    let shareToGive: Double

    init(_ dice: inout SplitMix) {
        let count = 2 + Int(dice.next() % 8)
        let trouble = dice.next() % 4
        inputs = (0..<count).map { _ in
            let requests = dice.unit() * 100
            let use = dice.unit()
            let errors = trouble == 0 ? requests * dice.unit() * dice.unit() : 0
            var input = Law.Input(
                rates: Rates(
                    requests: requests, errors: errors, utilisation: use,
                    load: use + (use > 0.7 ? 2 * dice.unit() : 0)),
                prior: 1 + dice.unit() * 100, previousShare: 0.02 + dice.unit() * 2)
            if trouble == 0, dice.next() % 3 == 0 { input.evidence = dice.unit() }
            if trouble != 1 { input.shareBound = 1 + dice.unit() * 3 }
            if trouble == 2, dice.next() % 4 == 0 { input.startShare = 0.1 + 0.9 * dice.unit() }
            return input
        }
        if trouble == 0, dice.next() % 3 == 0 { inputs[0].isOut = true }
        shareToGive = Double(inputs.count { !$0.isOut })
    }

    func chains(_ law: Law = Law(policy: Policy(), meanWeight: 1000, elapsedSeconds: 0.5))
        -> [Chain]
    {
        law.chains(inputs, shareToGive: shareToGive)
    }
}

@Suite struct LawPropertyTests {
    @Test func `floor, bound and speed hold, and every number follows from those above it`() {
        var dice = SplitMix(state: 101)
        for _ in 0..<10_000 {
            let service = RandomService(&dice)
            for (input, chain) in zip(service.inputs, service.chains()) where !input.isOut {
                expectRecomputes(chain)
                guard input.startShare == 1 else { continue }
                let floor = min(0.02, input.previousShare)
                #expect(chain.limitedShare >= floor)
                let bound = max(input.shareBound, chain.leastShare)
                #expect(chain.limitedShare <= max(bound, 0.02) * (1 + 1e-9))
            }
        }
    }

    @Test func `more load never means more weight`() {
        var dice = SplitMix(state: 102)
        for _ in 0..<15_000 {
            var service = RandomService(&dice)
            // Who fails may fail for others as well: that is another question than load.
            for place in service.inputs.indices { service.inputs[place].evidence = 0 }
            // A newcomer's share is bounded by what is fair beside the others.
            service.inputs[0].startShare = 1
            let before = service.chains()[0]
            let input = service.inputs[0]
            let more = 0.3 * dice.unit()
            var heavier = input
            heavier = Law.Input(
                rates: Rates(
                    requests: input.rates.requests, errors: input.rates.errors,
                    utilisation: min(1, input.rates.utilisation + more),
                    load: input.rates.load + more),
                prior: input.prior, previousShare: input.previousShare,
                evidence: 0, shareBound: input.shareBound, startShare: input.startShare,
                isOut: input.isOut)
            service.inputs[0] = heavier
            #expect(service.chains()[0].limitedShare <= before.limitedShare * (1 + 1e-9))
        }
    }

    @Test func `more errors never mean more weight, as long as most are well`() {
        var dice = SplitMix(state: 103)
        for _ in 0..<15_000 {
            var service = RandomService(&dice)
            for place in service.inputs.indices { service.inputs[place].evidence = 0 }
            guard service.inputs.count > 3 else { continue }
            service.inputs[1].startShare = 1
            let before = service.chains()
            service.inputs[1].evidence = dice.unit()
            let after = service.chains()
            guard !after[1].limits.contains(.commonCause) else { continue }
            #expect(after[1].limitedShare <= before[1].limitedShare * (1 + 1e-9))
        }
    }

    @Test func `the order of members changes nothing, to the last bit`() {
        var dice = SplitMix(state: 104)
        for _ in 0..<15_000 {
            var service = RandomService(&dice)
            let order = service.inputs.indices.shuffled(using: &dice)
            let before = service.chains()
            service.inputs = order.map { service.inputs[$0] }
            #expect(service.chains() == order.map { before[$0] })
        }
    }

    @Test func `whoever has no bound gets what the bounded leave`() {
        var dice = SplitMix(state: 105)
        for _ in 0..<10_000 {
            let service = RandomService(&dice)
            let shares = zip(service.inputs, service.chains()).filter { !$0.0.isOut }
            let bounds = shares.reduce(0) { $0 + $1.0.shareBound }
            let given = shares.reduce(0) { $0 + min($1.1.share, $1.0.shareBound) }
            guard shares.allSatisfy({ $0.1.share > 0 }), bounds > service.shareToGive
            else { continue }
            #expect(abs(given - service.shareToGive) < 1e-6 * service.shareToGive)
        }
    }
}
