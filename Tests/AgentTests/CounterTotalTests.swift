// Counters that outlive their server.

import Testing

@testable import Agent

@Test func `a counter that begins anew never takes the total back`() {
    var total = CounterTotal()
    #expect(total.modulo() == nil)
    total.take(1_000)
    #expect(total.modulo() == 0)
    total.take(1_010)
    total.take(nil)
    total.take(1_015)
    #expect(total.modulo() == 15)
    // The server began anew, and has done 3 requests since.
    total.take(3)
    #expect(total.modulo() == 15)
    total.take(10)
    #expect(total.modulo() == 22)
}

@Test func `seconds become tenths of a millisecond without losing fractions`() {
    var total = CounterTotal()
    for step in 0...1_000 { total.take(5 + Double(step) * 0.00015) }
    #expect(total.modulo(scale: 10_000) == 1_500 || total.modulo(scale: 10_000) == 1_499)
}

@Test func `the total goes round at 2 to the power of 32`() {
    var total = CounterTotal()
    total.take(0)
    total.take(4_294_967_296 + 7)
    #expect(total.modulo() == 7)
}

@Test func `gauges beyond all bounds become the bounds`() {
    #expect(UInt64(clampedFrom: -1) == 0)
    #expect(UInt64(clampedFrom: 2.9) == 2)
    #expect(UInt64(clampedFrom: 1e300) == 1_000_000_000_000_000_000)
}
