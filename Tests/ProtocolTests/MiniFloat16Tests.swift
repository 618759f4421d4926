// mf16: every pattern, and the values at its edges.

import Testing

@testable import Protocol

@Suite struct MiniFloat16Tests {
    @Test(
        arguments: [
            (0, 0x0000), (1, 0x0001), (2047, 0x07FF), (2048, 0x0C00), (2049, 0x0C00),
            (4095, 0x0FFF), (4096, 0x1400), (84_992, 0x3530), (2047 << 30, 0xF7FF),
            ((2048 << 30) - 1, 0xF7FF), (2048 << 30, 0xF7FF), (UInt64.max, 0xF7FF),
        ] as [(UInt64, UInt16)])
    func `values become the pattern with the smallest exponent`(value: UInt64, pattern: UInt16) {
        #expect(MiniFloat16.encode(value) == pattern)
    }

    @Test func `not available has a pattern of its own`() {
        #expect(MiniFloat16.encode(nil) == 0xFFFF)
        #expect(MiniFloat16.decode(0xFFFF) == nil)
        #expect(MiniFloat16.decode(0xFFFE) == 2046 << 31)
    }

    @Test func `every other pattern decodes, and what it says is written the same or shorter`() {
        for pattern in UInt16.min..<UInt16.max {
            guard let value = MiniFloat16.decode(pattern) else {
                Issue.record("pattern \(pattern) does not decode")
                continue
            }
            let written = MiniFloat16.encode(value)
            #expect(written <= pattern)
            if value <= 2047 << 30 { #expect(MiniFloat16.decode(written) == value) }
        }
    }

    @Test func `a value read back is never larger and at most a thousandth smaller`() {
        var random = SplitMix(state: 1)
        for _ in 0..<10_000 {
            let value = random.next() >> UInt64.random(in: 23...63, using: &random)
            let back = MiniFloat16.decode(MiniFloat16.encode(value)) ?? .max
            #expect(back <= value)
            #expect(value - back <= value / 1000)
        }
    }

    @Test func `a larger value never gets a smaller pattern`() {
        var last: UInt16 = 0
        for value in stride(from: UInt64(0), to: 200_000, by: 7) {
            #expect(MiniFloat16.encode(value) >= last)
            last = MiniFloat16.encode(value)
        }
    }
}
