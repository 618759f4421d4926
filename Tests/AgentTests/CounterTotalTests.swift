// Counters that outlive their server.

import Testing

@testable import Agent

@Test func `a counter that begins anew never takes the total back`() {
    var total = CounterTotal()
    #expect(total.modulo == nil)
    total.take(1_000)
    #expect(total.modulo == 0)
    total.take(1_010)
    total.take(nil)
    total.take(1_015)
    #expect(total.modulo == 15)
    // The server began anew, and has done 3 requests since.
    total.take(3)
    #expect(total.modulo == 15)
    total.take(10)
    #expect(total.modulo == 22)
}

@Test func `seconds become tenths of a millisecond without losing fractions`() {
    var total = CounterTotal(scale: 10_000)
    for step in 0...1_000 { total.take(5 + Double(step) * 0.00015) }
    #expect(total.modulo == 1_500 || total.modulo == 1_499)
}

@Test func `the total goes round at 2 to the power of 32`() {
    var total = CounterTotal()
    for step in 0...3 { total.take(Double(step) * 2_147_483_648) }
    #expect(total.modulo == 2_147_483_648)
    total.take(4 * 2_147_483_648 - 3)
    total.take(4 * 2_147_483_648 + 7)
    #expect(total.modulo == 7)
}

@Test(arguments: [18_446_744_073_709_551_616, 1e18, 1e300, .infinity, .nan, 3_000_000_000])
func `one absurd reading adds nothing and stops nothing`(reading: Double) {
    var total = CounterTotal()
    total.take(100)
    total.take(107)
    total.take(reading)
    #expect(total.modulo == 7)
    total.take(110)
    total.take(115)
    #expect(total.modulo == 12 || total.modulo == 15)
}

@Test func `gauges beyond all bounds become the bounds`() {
    #expect(UInt64(clampedFrom: -1) == 0)
    #expect(UInt64(clampedFrom: 2.9) == 2)
    #expect(UInt64(clampedFrom: 1e300) == 1_000_000_000_000_000_000)
}
