// The master's side of §7: what is taken, what is dropped, and what a drop leaves behind.

import Testing

@testable import Protocol

@Suite struct ReceiverTests {
    @Test func `a typical report arrives as it was sent, in 102 bytes`() throws {
        var receiver = try Fixture.receiver()
        let datagram = Fixture.seal(sequence: 1, cookie: Fixture.cookie())

        let taken = receiver.take(datagram)

        #expect(datagram.count == 102)
        #expect(taken.report == Fixture.typicalReport)
        let applied = try #require(taken.applied)
        #expect(applied.remarks == [])
        #expect(receiver.agentNames[applied.agent] == "s1")
        #expect(applied.header.instance == Fixture.boot)
        #expect(applied.header.sequence == 1)
        #expect(applied.isNewBoot)
        #expect(taken.reply.isEmpty)
    }

    @Test func `every truncation of a typical report is refused`() throws {
        let datagram = Fixture.seal(sequence: 1, cookie: Fixture.cookie())
        for count in 0..<datagram.count {
            var receiver = try Fixture.receiver()
            let refusal = receiver.take(Array(datagram.prefix(count))).refusal
            #expect(refusal == (count < 64 ? .tooShort : .badMAC), "the first \(count) bytes")
        }
    }

    @Test func `every flip of one bit is refused, unanswered, and moves nothing`() throws {
        let datagram = Fixture.seal(sequence: 1, cookie: Fixture.cookie())
        var receiver = try Fixture.receiver()
        for bit in 0..<datagram.count * 8 {
            var flipped = datagram
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            let taken = receiver.take(flipped)
            #expect(taken.refusal != nil, "bit \(bit % 8) of byte \(bit / 8)")
            #expect(taken.reply.isEmpty)
        }
        #expect(receiver.take(datagram).applied != nil)
        #expect(receiver.total.applied == 1)
    }

    @Test func `a report sealed with the other direction's key is refused`() throws {
        let keys = Fixture.keys
        let header = Header(
            type: .report, locator: keys.locator, instance: 7, sequence: 1,
            cookie: Fixture.cookie(boot: 7))
        let body = Fixture.typicalReport.encoded()
        var receiver = try Fixture.receiver()

        let wrong = receiver.take(Envelope.seal(header, body: body, key: keys.toAgent))
        #expect(wrong.refusal == .badMAC)
        #expect(
            receiver.take(Envelope.seal(header, body: body, key: keys.toMaster)).applied != nil)
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

        #expect(receiver.take(forged).refusal == .badMAC)
        #expect(receiver.tally(ofAgent: 0)[.badMAC] == 1)
        #expect(receiver.tally(ofAgent: 1) == Tally())
    }

    @Test func `ACKs and PROBEs, sequence 0 and boot 0 are refused before anything is proven`()
        throws
    {
        var receiver = try Fixture.receiver()
        for type in [DatagramType.acknowledgement, .probe] {
            let header = Header(
                type: type, locator: Fixture.keys.locator, instance: 7, sequence: 1)
            let datagram = Envelope.seal(
                header, body: Fixture.typicalReport.encoded(), key: Fixture.keys.toMaster)
            #expect(receiver.take(datagram).refusal == .type)
        }
        #expect(receiver.take(Fixture.seal(sequence: 0)).refusal == .range)
        #expect(receiver.take(Fixture.seal(sequence: 1, boot: 0)).refusal == .range)
    }

    @Test func `a malformed report moves the sequence and applies nothing`() throws {
        var receiver = try Fixture.receiver()
        let cookie = Fixture.cookie()
        let broken = Fixture.seal(sequence: 1, cookie: cookie, extra: [1])

        #expect(receiver.take(broken).refusal == .malformed)
        #expect(receiver.take(broken).refusal == .duplicate)
        let next = receiver.take(Fixture.seal(sequence: 2, cookie: cookie))
        #expect(next.applied?.isNewBoot == true)
        #expect(
            receiver.take(Fixture.seal(sequence: 3, cookie: cookie)).applied?.isNewBoot == false)
    }

    @Test func `counters go by reason, and by agent once the locator matched`() throws {
        var receiver = try Fixture.receiver()
        let cookie = Fixture.cookie()
        var hasty = Fixture.typicalReport
        hasty.services += hasty.services
        hasty.sampleAgeMilliseconds = 60_000
        hasty.flags = .acknowledgementRequested

        _ = receiver.take([])
        _ = receiver.take([UInt8](repeating: 0xB1, count: 100))
        _ = receiver.take(Fixture.seal(sequence: 1))
        _ = receiver.take(Fixture.seal(sequence: 1, cookie: cookie))
        _ = receiver.take(Fixture.seal(sequence: 1, cookie: cookie))
        _ = receiver.take(Fixture.seal(hasty, sequence: 2, cookie: cookie))

        let total = receiver.total
        #expect(total.applied == 2)
        #expect(total.challenged == 1)
        #expect(total.replies == 2)
        #expect(total[Refusal.tooShort] == 1)
        #expect(total[Refusal.type] == 1)
        #expect(total[Refusal.duplicate] == 1)
        #expect(total[Remarks.duplicateTLV] == 1)
        #expect(total[Remarks.staleSample] == 1)
        #expect(total.named.map { $0.count }.reduce(0, +) == 10)
        #expect(Set(total.named.map { $0.name }).count == total.named.count)
        let agent = receiver.tally(ofAgent: 0)
        #expect(agent.applied == 2)
        #expect(agent.challenged == 1)
        #expect(agent[Refusal.tooShort] == 0)
        #expect(agent[Refusal.duplicate] == 1)
    }

    @Test func `every counter has its own place`() {
        var tally = Tally()
        for event in Tally.Event.allCases { tally.count(event) }
        for refusal in Refusal.allCases { tally.count(refusal) }
        tally.countApplied(Remarks.all.reduce(into: []) { $0.insert($1.remark) })
        for event in Tally.Event.allCases where event != .applied { #expect(tally[event] == 1) }
        for refusal in Refusal.allCases { #expect(tally[refusal] == 1) }
        for entry in Remarks.all { #expect(tally[entry.remark] == 1) }
        #expect(tally.applied == 2)
        let places = Tally.Event.allCases.count + Refusal.allCases.count + Remarks.all.count
        #expect(tally.counts.count == places)
    }

    @Test func `what an agent says of services it is not entitled to is left out and told`()
        throws
    {
        var receiver = try Fixture.receiver()
        let web = ServiceID(name: "web")
        let mail = ServiceID(name: "mail")
        receiver.entitle(agent: 0, to: [web])
        var report = Fixture.typicalReport
        report.flags = .acknowledgementRequested
        report.services.append(ServiceLoad(id: mail, state: .down))
        report.requests.append(RequestCounters(id: mail, requests: 1, errors: 1))
        report.custom = [nil, web, mail].map {
            CustomFigure(service: $0, metric: 1, kind: .gauge, value: 1)
        }

        let taken = receiver.take(Fixture.seal(report, sequence: 1, cookie: Fixture.cookie()))

        #expect(taken.report.services.map(\.id) == [web])
        #expect(taken.report.requests.map(\.id) == [web])
        #expect(taken.report.custom.map(\.service) == [nil, web])
        #expect(taken.applied?.remarks == .notEntitled)
        #expect(taken.acknowledgement?.notices == .notEntitled)
        #expect(receiver.tally(ofAgent: 0)[Remarks.notEntitled] == 1)
    }

    @Test(arguments: [1, 8, 9, 40]) func `the last of many services is one of them`(
        count: Int
    ) throws {
        var receiver = try Fixture.receiver()
        let ids = (1...40).compactMap { ServiceID(rawValue: UInt16($0)) }
        receiver.entitle(agent: 0, to: Array(ids.prefix(count)))
        var report = Fixture.typicalReport
        report.services = ids.map { ServiceLoad(id: $0, state: .up) }
        report.requests = []

        let taken = receiver.take(Fixture.seal(report, sequence: 1, cookie: Fixture.cookie()))

        #expect(taken.report.services.map(\.id) == Array(ids.prefix(count)))
        #expect(taken.applied?.remarks == (count < 40 ? .notEntitled : []))
    }

    @Test func `looking ahead finds the agent of a datagram, and believes nothing`() throws {
        let receiver = try Fixture.receiver()
        var datagram = Fixture.seal(sequence: 1, cookie: Fixture.cookie())
        datagram[datagram.count - 1] ^= 1
        for count in 0...datagram.count {
            let part = Array(datagram.prefix(count))
            receiver.expect(part.span.bytes)
            #expect(receiver.agentExpected(by: part.span.bytes) == (count < 8 ? nil : 0))
        }
        datagram[2] ^= 1
        #expect(receiver.agentExpected(by: datagram.span.bytes) == nil)
        #expect(receiver.total == Tally())
    }

    @Test func `garbage is never answered`() throws {
        var random = SplitMix(state: 7)
        var receiver = try Fixture.receiver()
        for _ in 0..<5_000 {
            let count = Int.random(in: 0...1_300, using: &random)
            var datagram = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            if count > 8, random.next() % 2 == 0 {
                datagram.replaceSubrange(0..<8, with: Fixture.seal(sequence: 1).prefix(8))
            }
            let taken = receiver.take(datagram)
            #expect(taken.refusal != nil)
            #expect(taken.reply.isEmpty)
        }
        #expect(receiver.total.replies == 0)
    }
}
