// The order of one agent's datagrams, against a model that remembers everything.

import Testing

@testable import Protocol

@Suite struct SequenceCheckTests {
    @Test func `asking changes nothing`() {
        var check = SequenceCheck()
        _ = check.record(boot: 5, sequence: 10)
        let before = check
        for sequence: UInt32 in [0, 1, 10, 11, .max] {
            _ = check.refusal(boot: 5, sequence: sequence)
            _ = check.refusal(boot: 6, sequence: sequence)
        }
        #expect(check == before)
    }

    @Test func `zero is no boot and no sequence`() {
        let check = SequenceCheck()
        #expect(check.refusal(boot: 0, sequence: 1) == .range)
        #expect(check.refusal(boot: 1, sequence: 0) == .range)
        #expect(check.refusal(boot: 1, sequence: 1) == nil)
    }

    @Test func `another boot begins anew at any sequence, and a generation with it`() {
        var check = SequenceCheck()
        #expect(check.generation(of: 1) == 1)
        let adopted = [
            check.record(boot: 1, sequence: 1000), check.record(boot: 1, sequence: 1001),
        ]
        #expect(adopted == [true, false])
        #expect(check.generation(of: 1) == 1)
        #expect(check.generation(of: 2) == 2)
        #expect(check.refusal(boot: 2, sequence: 1) == nil)
        _ = check.record(boot: 2, sequence: 1)
        #expect(check.refusal(boot: 2, sequence: 1) == .duplicate)
        #expect(check.refusal(boot: 2, sequence: 2) == nil)
        #expect(check.generation(of: 1) == 3)
    }

    @Test func `the highest sequence there is comes after all others`() {
        var check = SequenceCheck()
        _ = check.record(boot: 1, sequence: 1)
        _ = check.record(boot: 1, sequence: .max)
        #expect(check.refusal(boot: 1, sequence: .max) == .duplicate)
        #expect(check.refusal(boot: 1, sequence: .max - 1) == .late)
        #expect(check.refusal(boot: 1, sequence: 1) == .late)
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `whatever the order, none is taken twice and none out of order`(seed: UInt64) {
        var random = SplitMix(state: seed)
        var check = SequenceCheck()
        var taken: [UInt32] = []
        for _ in 0..<500 {
            let around = (taken.last ?? 1) + 8
            let sequence = UInt32.random(in: max(around, 100) - 99...around, using: &random)
            let refusal = check.refusal(boot: 1, sequence: sequence)

            let highest = taken.last ?? 0
            let wanted: Refusal? =
                sequence > highest
                ? nil : taken.contains(sequence) && highest - sequence < 64 ? .duplicate : .late
            #expect(refusal == wanted)

            if refusal == nil {
                _ = check.record(boot: 1, sequence: sequence)
                taken.append(sequence)
            }
        }
        #expect(taken.count > 10)
    }
}
