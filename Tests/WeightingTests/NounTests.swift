// Addresses, instants and keys: what they print and how they compare.

import Testing
import Weighting

@Test(arguments: [
    (Address.v4(0x0A00_0064), "10.0.0.100"),
    (.v6(high: 0, low: 0), "::"),
    (.v6(high: 0, low: 1), "::1"),
    (.v6(high: 0xFD00_0000_0000_0000, low: 0x64), "fd00::64"),
    (.v6(high: 0x2001_0DB8_0000_0001, low: 0x0001_0001_0001_0001), "2001:db8:0:1:1:1:1:1"),
    (.v6(high: 0x2001_0000_0000_0001, low: 0x0000_0000_0000_0001), "2001:0:0:1::1"),
    (.v6(high: 0x0001_0002_0003_0004, low: 0x0005_0006_0000_0000), "1:2:3:4:5:6::"),
])
func `an address prints as RFC 5952 has it`(address: Address, text: String) {
    #expect(address.description == text)
}

@Test func `a service prints as the configuration writes it`() {
    #expect(Bench.key.description == "10.0.0.100:80/tcp")
    #expect(ServiceKey.firewallMark(7, .v6).description == "fwmark:7/ipv6")
    #expect(
        ServiceKey.address(.v6(high: 0xFD << 56, low: 80), port: 53, .udp).description
            == "[fd00::50]:53/udp")
}

@Test func `time before an instant is negative`() {
    let early = Instant(nanoseconds: 1)
    let late = early.advanced(bySeconds: 2)
    #expect(late.seconds(since: early) == 2)
    #expect(early.seconds(since: late) == -2)
}

@Test func `a weight refuses what a person gave and clamps what was computed`() {
    #expect(Weight(65_536) == nil)
    #expect(Weight(-1) == nil)
    #expect(Weight(clamping: 70_000).rawValue == 65_535)
}

@Test func `every knob's standard value is within its bounds`() {
    for knob in Policy.knobs {
        #expect(knob.allowed.contains(knob.standard), "\(knob.key)")
    }
    #expect(Set(Policy.knobs.map(\.key)).count == Policy.knobs.count)
}
