// The order of one agent's datagrams, against a model that remembers everything.

import Testing

@testable import Protocol

@Suite struct SequenceCheckTests {
    @Test func `asking changes nothing`() {
        var check = SequenceCheck()
        check.record(boot: 5, sequence: 10)
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

    @Test func `another boot begins anew at any sequence`() {
        var check = SequenceCheck()
        check.record(boot: 1, sequence: 1000)
        #expect(check.refusal(boot: 2, sequence: 1) == nil)
        check.record(boot: 2, sequence: 1)
        #expect(check.refusal(boot: 2, sequence: 1) == .duplicate)
        #expect(check.refusal(boot: 2, sequence: 2) == nil)
    }

    @Test func `the highest sequence there is comes after all others`() {
        var check = SequenceCheck()
        check.record(boot: 1, sequence: 1)
        check.record(boot: 1, sequence: .max)
        #expect(check.refusal(boot: 1, sequence: .max) == .duplicate)
        #expect(check.refusal(boot: 1, sequence: .max - 1) == .late)
        #expect(check.refusal(boot: 1, sequence: 1) == .late)
    }

    @Test func `replays of two boots in turn are taken once each`() {
        var check = SequenceCheck()
        #expect(takes(&check, boot: 1, sequence: 1))
        #expect(takes(&check, boot: 2, sequence: 5))
        for _ in 0..<4 {
            #expect(check.refusal(boot: 1, sequence: 1) == .late)
            #expect(check.refusal(boot: 2, sequence: 5) == .duplicate)
        }
        // The living agent is heard again with its next report, whatever was replayed.
        #expect(takes(&check, boot: 1, sequence: 2))
        #expect(check.refusal(boot: 2, sequence: 5) == .late)
    }

    @Test func `16 superseded boots are remembered, and the oldest makes room`() {
        var check = SequenceCheck()
        for boot: UInt32 in 1...17 { #expect(takes(&check, boot: boot, sequence: 9)) }
        for boot: UInt32 in 1...16 {
            #expect(check.refusal(boot: boot, sequence: 9) == .late)
        }
        #expect(takes(&check, boot: 18, sequence: 9))
        #expect(check.refusal(boot: 1, sequence: 9) == nil)
        #expect(check.refusal(boot: 2, sequence: 9) == .late)
        // A boot that comes back is the newest one, and fills no place twice.
        for round: UInt32 in 1...40 {
            #expect(takes(&check, boot: 17 + round % 2, sequence: 9 + round))
        }
        #expect(check.refusal(boot: 2, sequence: 9) == .late)
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `of many boots in any order none is taken twice`(seed: UInt64) {
        var random = SplitMix(state: seed)
        var check = SequenceCheck()
        var highest: [UInt32: UInt32] = [:]
        var refused = 0
        for _ in 0..<1_000 {
            let boot = UInt32.random(in: 1...17, using: &random)
            let sequence = UInt32.random(in: 1...200, using: &random)
            let isNew = sequence > highest[boot] ?? 0
            #expect((check.refusal(boot: boot, sequence: sequence) == nil) == isNew)
            if isNew {
                check.record(boot: boot, sequence: sequence)
                highest[boot] = sequence
            } else {
                refused += 1
            }
        }
        #expect(refused > 100)
    }

    private func takes(_ check: inout SequenceCheck, boot: UInt32, sequence: UInt32) -> Bool {
        guard check.refusal(boot: boot, sequence: sequence) == nil else { return false }
        check.record(boot: boot, sequence: sequence)
        return true
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
                check.record(boot: 1, sequence: sequence)
                taken.append(sequence)
            }
        }
        #expect(taken.count > 10)
    }
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
