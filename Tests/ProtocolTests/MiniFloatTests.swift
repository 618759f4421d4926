// mf16 at its edges.

import Testing

@testable import Protocol

@Test func `mf16 keeps small numbers exactly`() {
    for value: UInt64 in 0...2047 {
        #expect(MiniFloat16.decode(MiniFloat16.encode(value)) == value)
    }
}
