// Names of services and destinations, written and read.

import Testing
import Weighting

@testable import IPVS

@Test(arguments: [
    ("10.0.0.80:80/tcp", ServiceKey.address(.v4(0x0A00_0050), port: 80, .tcp)),
    ("[fd00::80]:53/udp", .address(.v6(high: 0xFD00 << 48, low: 0x80), port: 53, .udp)),
    ("[::ffff:10.0.0.1]:0/sctp", .address(.v6(high: 0, low: 0xFFFF_0A00_0001), port: 0, .sctp)),
    ("fwmark:7", .firewallMark(7, .v4)),
    ("fwmark:4294967295/ipv6", .firewallMark(.max, .v6)),
])
func `a service is named as the configuration writes it`(text: String, key: ServiceKey) {
    #expect(ServiceKey(text) == key)
}

@Test(arguments: [
    "", "/", ":", "10.0.0.80:80", "10.0.0.80:80/", "10.0.0.80:80/icmp", "10.0.0.80:80/TCP",
    "10.0.0.80/tcp", "10.0.0:80/tcp", "10.0.0.080.1:80/tcp", "10.0.0.80:65536/tcp",
    "10.0.0.80:+80/tcp", "10.0.0.80: 80/tcp", "10.0.0.80:/tcp", "[10.0.0.80]:80/tcp",
    "fd00::80:80/tcp", "[fd00::80:80/tcp", "[fd00::80%lo]:80/tcp", "[fd00::80]80/tcp",
    "10.0.0.80\0x:80/tcp", "web:80/tcp", "fwmark:", "fwmark:0", "fwmark:-1", "fwmark:4294967296",
    "fwmark:7/ipv4", "fwmark:7/", "fwmark:7/ipv6/ipv6", "Fwmark:7", " fwmark:7",
])
func `text that names no service is refused`(text: String) {
    #expect(ServiceKey(text) == nil)
}

@Test func `every name reads back as what it names`() {
    var dice = Dice(seed: 3)
    for _ in 0..<5_000 {
        let address = address(&dice)
        let port = UInt16.random(in: 0...(.max), using: &dice)
        let destination = DestinationKey(address: address, port: port)
        let transport = TransportProtocol.allCases.randomElement(using: &dice) ?? .tcp
        let service = ServiceKey.address(address, port: port, transport)
        let mark = ServiceKey.firewallMark(
            UInt32.random(in: 1...(.max), using: &dice), Bool.random(using: &dice) ? .v4 : .v6)

        #expect(Address(address.description) == address)
        #expect(DestinationKey(destination.description) == destination)
        #expect(ServiceKey(service.description) == service)
        #expect(ServiceKey(mark.description) == mark)
    }
}

/// Addresses in which runs of zeros are as common as in life.
private func address(_ dice: inout Dice) -> Address {
    if Bool.random(using: &dice) { return .v4(UInt32.random(in: 0...(.max), using: &dice)) }
    func half() -> UInt64 {
        (0..<4).reduce(0) { bits, _ in
            bits << 16
                | (Bool.random(using: &dice) ? 0 : UInt64.random(in: 0...65_535, using: &dice))
        }
    }
    return .v6(high: half(), low: half())
}
