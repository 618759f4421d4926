// Sums of traffic that go on when the kernel's counters start anew.

import Testing
import Weighting

@testable import Master

struct TrafficMeterTests {
    private static let web = ServiceKey.firewallMark(7, .v4)
    private static let first = DestinationKey(address: .v4(0x0A00_000B), port: 80)
    private static let second = DestinationKey(address: .v4(0x0A00_000C), port: 80)

    private static func service(_ counts: [(DestinationKey, UInt64)]) -> Table.Service {
        Table.Service(
            key: web, scheduler: .known(.wrr),
            destinations: counts.map {
                Table.Destination(key: $0, weight: 1, scheduledConnections: $1)
            },
            details: counts.map {
                Table.Detail(
                    traffic: Table.Traffic(
                        inPackets: 10 * $1, outPackets: 20 * $1, inBytes: 100 * $1,
                        outBytes: 1_000 * $1))
            })
    }

    private func connections(_ meter: TrafficMeter, _ key: DestinationKey) -> UInt64? {
        meter.traffic(of: key, in: Self.web)?.connections
    }

    @Test func `sums count from when the master began, and rates are over four seconds`() throws {
        var meter = TrafficMeter()
        var now = Instant(nanoseconds: 1_000_000_000)
        for tick in 0...8 {
            meter.take([Self.service([(Self.first, 5_000 + 50 * UInt64(tick))])], at: now)
            now = now.advanced(bySeconds: 0.5)
        }
        let traffic = try #require(meter.traffic(of: Self.first, in: Self.web))
        #expect(traffic.connections == 400)
        #expect(traffic.outBytes == 400_000)
        let rates = try #require(traffic.perSecond)
        #expect(rates.connections == 100)
        #expect(rates.inPackets == 1_000)
        #expect(rates.outPackets == 2_000)
        #expect(rates.inBytes == 10_000)
        #expect(rates.outBytes == 100_000)
    }

    @Test func `a sum goes on after ipvsadm -Z, and after its destination was made again`() {
        var meter = TrafficMeter()
        let now = Instant(nanoseconds: 1_000_000_000)
        let counts: [[(DestinationKey, UInt64)]] = [
            [(Self.first, 100), (Self.second, 0)], [(Self.first, 150), (Self.second, 10)],
            // Set to 0, and seven since.
            [(Self.first, 7), (Self.second, 12)],
            // Gone, and back.
            [(Self.second, 12)], [(Self.second, 13), (Self.first, 3)],
        ]
        var sums: [UInt64?] = []
        for (tick, counts) in counts.enumerated() {
            meter.take([Self.service(counts)], at: now.advanced(bySeconds: Double(tick)))
            sums.append(connections(meter, Self.first))
        }
        #expect(sums == [0, 50, 57, 57, 60])
        #expect(connections(meter, Self.second) == 13)
    }

    @Test func `destinations that come and go do not pile up, nor do services`() {
        var meter = TrafficMeter()
        let now = Instant(nanoseconds: 1_000_000_000)
        for number in 0..<1_000 {
            let passing = DestinationKey(address: .v4(UInt32(number)), port: 80)
            meter.take([Self.service([(passing, 1)])], at: now)
        }
        let known = (0..<1_000).count {
            let passing = DestinationKey(address: .v4(UInt32($0)), port: 80)
            return connections(meter, passing) != nil
        }
        #expect(known <= 66)
        meter.keep(only: [])
        #expect(connections(meter, DestinationKey(address: .v4(999), port: 80)) == nil)
    }

    @Test func `a table without details, as in a recording, has no traffic`() {
        var meter = TrafficMeter()
        var service = Self.service([(Self.first, 1)])
        service.details = []
        meter.take([service], at: Instant(nanoseconds: 1))
        #expect(connections(meter, Self.first) == nil)
    }
}
