// The agent's numbers.

import Testing

@testable import Protocol

@Suite struct SenderTests {
    @Test func `sequences count from 1 within one boot`() throws {
        var sender = Fixture.sender()
        for sequence: UInt32 in 1...3 {
            let header = try Header(datagram: sender.seal(Fixture.typicalReport).span.bytes)
            #expect(header.instance == Fixture.boot)
            #expect(header.sequence == sequence)
            #expect(header.cookie == 0)
            #expect(header.locator == Fixture.keys.locator)
        }
    }

    @Test func `after the last sequence comes the first of another boot`() throws {
        var sender = Sender(keys: Fixture.keys, boot: Fixture.boot, sequence: .max - 1)
        var receiver = try Fixture.receiver()
        let last = try receiver.open(sender.seal(Fixture.typicalReport).span.bytes)
        let first = try receiver.open(sender.seal(Fixture.typicalReport).span.bytes)
        #expect(last.header.sequence == .max)
        #expect(first.header.sequence == 1)
        #expect(first.header.instance != Fixture.boot)
        #expect(first.isNewBoot)
    }

    @Test func `boot ids are random and a boot of 0 is not used`() {
        #expect(Set((0..<10).map { _ in Sender.randomBoot() }).count > 1)
        #expect(Sender(keys: Fixture.keys, boot: 0).boot == 1)
    }

    @Test func `a sender's typical datagram is the golden one`() throws {
        let file = try VectorFile(named: "accepted.txt", renewing: false) { _ in [] }
        let golden = try #require(file.vectors.first { $0.title.hasPrefix("typical") })
        var report = Fixture.typicalReport
        report.clockTenthsOfMillisecond = 10_000
        var sender = Fixture.sender()
        #expect(sender.seal(report).hex == golden.datagrams.first?.hex)
    }
}
