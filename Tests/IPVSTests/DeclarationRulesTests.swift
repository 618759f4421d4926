// What is declared, as the lines that ipvsadm -R reads.

import Testing
import Weighting

@testable import IPVS

struct DeclarationRulesTests {
    @Test func `a declaration becomes lines of ipvsadm`() throws {
        func member(_ text: String, _ setup: DestinationSetup, capacity: Double = 1) throws
            -> Declaration.Member
        {
            .init(key: try #require(DestinationKey(text)), setup: setup, capacity: capacity)
        }
        let declaration = Declaration(services: [
            .init(
                key: try #require(ServiceKey("10.0.0.1:80/tcp")),
                setup: .init(
                    scheduler: .known(.wrr),
                    persistence: .init(timeoutSeconds: 300, mask: 0xFFFF_FF00)),
                members: [
                    try member(
                        "10.0.1.1:8080", .init(upperConnections: 100, lowerConnections: 80)),
                    try member("10.0.1.2:8080", .init(), capacity: 2),
                ]),
            .init(
                key: .firewallMark(7, .v6),
                setup: .init(scheduler: .known(.mh), flags: [.fallback, .port]),
                members: [
                    try member("[fd00::1]:0", .init(forwarding: .direct)),
                    try member(
                        "[fd00::2]:0",
                        .init(forwarding: .tunnel(.init(kind: .gue, port: 6080, checksum: .full)))),
                ]),
            .init(
                key: try #require(ServiceKey("10.0.0.1:5060/udp")),
                setup: .init(
                    scheduler: .known(.rr),
                    persistence: .init(timeoutSeconds: 60, mask: .max, engine: "sip"),
                    isOnePacket: true),
                members: [try member("10.0.1.1:5060", .init(forwarding: .tunnel(.init())))]),
        ])
        let wrr = declaration.services[0].firstWeights.map(\.rawValue)
        let mh = declaration.services[1].firstWeights.map(\.rawValue)
        #expect(wrr[1] == 2 * wrr[0])
        #expect(
            declaration.rules == [
                "-A -t 10.0.0.1:80 -s wrr -p 300 -M 255.255.255.0",
                "-a -t 10.0.0.1:80 -r 10.0.1.1:8080 -m -w \(wrr[0]) -x 100 -y 80",
                "-a -t 10.0.0.1:80 -r 10.0.1.2:8080 -m -w \(wrr[1])",
                "-A -f 7 -6 -s mh -b mh-fallback,mh-port",
                "-a -f 7 -6 -r [fd00::1]:0 -g -w \(mh[0])",
                "-a -f 7 -6 -r [fd00::2]:0 -i --tun-type gue --tun-port 6080 --tun-csum -w \(mh[1])",
                "-A -u 10.0.0.1:5060 -s rr -p 60 --pe sip -o",
                "-a -u 10.0.0.1:5060 -r 10.0.1.1:5060 -i -w 1",
            ])
    }
}
