// The master's side of §7: what is taken, what is dropped, and what a drop leaves behind.

import Testing

@testable import Protocol

@Suite struct ReceiverTests {
    @Test func `a typical report arrives as it was sent, in 102 bytes`() throws {
        var sender = Fixture.sender()
        var receiver = try Fixture.receiver()
        let datagram = sender.seal(Fixture.typicalReport)

        let verified = try receiver.open(datagram.span.bytes)

        #expect(datagram.count == 102)
        #expect(verified.report == Fixture.typicalReport)
        #expect(verified.remarks == [])
        #expect(receiver.agentNames[verified.agent] == "s1")
        #expect(verified.header.instance == Fixture.boot)
        #expect(verified.header.sequence == 1)
    }

    @Test func `every truncation of a typical report is refused`() throws {
        var sender = Fixture.sender()
        let datagram = sender.seal(Fixture.typicalReport)
        for count in 0..<datagram.count {
            var receiver = try Fixture.receiver()
            let refusal = receiver.refusal(Array(datagram.prefix(count)))
            #expect(refusal == (count < 64 ? .tooShort : .badMAC), "the first \(count) bytes")
        }
    }

    @Test func `a typical report with bytes after its end is refused`() throws {
        var sender = Fixture.sender()
        let datagram = sender.seal(Fixture.typicalReport)
        var receiver = try Fixture.receiver()
        for extra in 1...20 {
            let longer = datagram + [UInt8](repeating: 0, count: extra)
            #expect(receiver.refusal(longer) == .badMAC)
        }
    }

    @Test func `every flip of one bit of a typical report is refused`() throws {
        var sender = Fixture.sender()
        let datagram = sender.seal(Fixture.typicalReport)
        var receiver = try Fixture.receiver()
        for bit in 0..<datagram.count * 8 {
            var flipped = datagram
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(receiver.refusal(flipped) != nil, "bit \(bit % 8) of byte \(bit / 8)")
        }
        #expect(receiver.refusal(datagram) == nil, "and none of them moved anything")
        #expect(receiver.total.applied == 1)
    }

    @Test func `a report sealed with the other direction's key is refused`() throws {
        let keys = Fixture.keys
        let header = Header(type: .report, locator: keys.locator, instance: 7, sequence: 1)
        let body = Fixture.typicalReport.encoded()
        var receiver = try Fixture.receiver()

        #expect(
            receiver.refusal(Envelope.seal(header, body: body, key: keys.toAgent)) == .badMAC)
        #expect(receiver.refusal(Envelope.seal(header, body: body, key: keys.toMaster)) == nil)
    }

    @Test func `one agent's key does not speak for another agent`() throws {
        let other = Fixture.key(from: 60)
        var receiver = try Fixture.receiver(agents: [
            ("s1", [Fixture.agentKey.publicKey]), ("s2", [other.publicKey]),
        ])
        let header = Header(
            type: .report, locator: Fixture.keys.locator, instance: 7, sequence: 1)
        let forged = Envelope.seal(
            header, body: Fixture.typicalReport.encoded(),
            key: Fixture.keys(other, Fixture.masterKey).toMaster)

        #expect(receiver.refusal(forged) == .badMAC)
        #expect(receiver.tally(ofAgent: 0)[.badMAC] == 1)
        #expect(receiver.tally(ofAgent: 1) == Tally())
    }

    @Test func `what a forger sends moves no sequence`() throws {
        var receiver = try Fixture.receiver()
        let header = Header(
            type: .report, locator: Fixture.keys.locator, instance: Fixture.boot,
            sequence: .max)
        let forged = Envelope.seal(
            header, body: Fixture.typicalReport.encoded(), key: Fixture.keys.toAgent)
        var sender = Fixture.sender()

        #expect(receiver.refusal(forged) == .badMAC)
        #expect(receiver.refusal(sender.seal(Fixture.typicalReport)) == nil)
    }

    @Test func `the first report of each boot is marked, though one before it was malformed`()
        throws
    {
        var receiver = try Fixture.receiver()
        var sender = Fixture.sender()
        let keys = Fixture.keys
        let broken = Envelope.seal(
            Header(type: .report, locator: keys.locator, instance: 99, sequence: 1),
            body: Fixture.typicalReport.encoded() + [1], key: keys.toMaster)
        var restarted = Sender(keys: keys, boot: 99, sequence: 1)

        #expect(try receiver.outcome(sender.seal(Fixture.typicalReport)).get().isNewBoot)
        #expect(try !receiver.outcome(sender.seal(Fixture.typicalReport)).get().isNewBoot)
        #expect(receiver.refusal(broken) == .malformed)
        #expect(receiver.refusal(broken) == .duplicate)
        #expect(try receiver.outcome(restarted.seal(Fixture.typicalReport)).get().isNewBoot)
        #expect(try !receiver.outcome(restarted.seal(Fixture.typicalReport)).get().isNewBoot)
    }

    @Test func `counters go by reason, and by agent once the locator matched`() throws {
        var receiver = try Fixture.receiver()
        var sender = Fixture.sender()
        let datagram = sender.seal(Fixture.typicalReport)
        var hasty = Fixture.typicalReport
        hasty.services += hasty.services
        hasty.sampleAgeMilliseconds = 60_000

        _ = receiver.refusal([])
        _ = receiver.refusal([UInt8](repeating: 0xB1, count: 100))
        _ = receiver.refusal(datagram)
        _ = receiver.refusal(datagram)
        _ = receiver.refusal(sender.seal(hasty))

        let total = receiver.total
        #expect(total.applied == 2)
        #expect(total[Refusal.tooShort] == 1)
        #expect(total[Refusal.type] == 1)
        #expect(total[Refusal.duplicate] == 1)
        #expect(total[Remarks.duplicateTLV] == 1)
        #expect(total[Remarks.staleSample] == 1)
        #expect(total.named.map { $0.count }.reduce(0, +) == 7)
        #expect(Set(total.named.map { $0.name }).count == total.named.count)
        let agent = receiver.tally(ofAgent: 0)
        #expect(agent.applied == 2)
        #expect(agent[Refusal.tooShort] == 0)
        #expect(agent[Refusal.duplicate] == 1)
    }

    @Test func `while keys rotate each pair is taken`() throws {
        let newAgentKey = Fixture.key(from: 60)
        let newMasterKey = Fixture.key(from: 160)
        var receiver = try Fixture.receiver(
            secretKeys: [Fixture.masterKey, newMasterKey],
            agents: [("s1", [Fixture.agentKey.publicKey, newAgentKey.publicKey])])
        var boot: UInt32 = 0
        for agentKey in [Fixture.agentKey, newAgentKey] {
            for masterKey in [Fixture.masterKey, newMasterKey] {
                boot += 1
                var sender = Sender(keys: Fixture.keys(agentKey, masterKey), boot: boot)
                let verified = try receiver.open(sender.seal(Fixture.typicalReport).span.bytes)
                #expect(verified.agent == 0)
            }
        }
    }
}

@Suite struct ReloadTests {
    @Test func `an agent that keeps name and key keeps its sequence and its counters`() throws {
        var old = try Fixture.receiver()
        var sender = Fixture.sender()
        let seen = sender.seal(Fixture.typicalReport)
        #expect(old.refusal(seen) == nil)

        var new = try Receiver(
            secretKeys: [Fixture.masterKey],
            agents: [
                ("s0", [Fixture.key(from: 60).publicKey]),
                ("s1", [Fixture.key(from: 61).publicKey, Fixture.agentKey.publicKey]),
            ],
            continuing: old)

        #expect(new.refusal(seen) == .duplicate)
        #expect(try !new.outcome(sender.seal(Fixture.typicalReport)).get().isNewBoot)
        #expect(new.tally(ofAgent: 1).applied == 2)
        #expect(new.tally(ofAgent: 0).applied == 0)
        #expect(new.total.applied == 2)
    }

    @Test func `an agent with another key begins anew`() throws {
        let newKey = Fixture.key(from: 60)
        var old = try Fixture.receiver()
        var sender = Fixture.sender()
        #expect(old.refusal(sender.seal(Fixture.typicalReport)) == nil)

        var new = try Receiver(
            secretKeys: [Fixture.masterKey], agents: [("s1", [newKey.publicKey])],
            continuing: old)
        var renewed = Sender(keys: Fixture.keys(newKey, Fixture.masterKey), boot: Fixture.boot)

        #expect(new.tally(ofAgent: 0) == Tally())
        #expect(new.refusal(renewed.seal(Fixture.typicalReport)) == nil)
        #expect(new.refusal(sender.seal(Fixture.typicalReport)) == .unknownLocator)
    }
}
