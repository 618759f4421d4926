// The master's side of §7: what is taken, what is dropped, and what a drop leaves behind.

import Testing

@testable import Protocol

private let second: Int64 = 1_000_000_000

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

@Suite struct ChallengeTests {
    @Test func `a hello is challenged, and the cookie of the answer proves the next report`() throws
    {
        var receiver = try Fixture.receiver()
        let hello = receiver.take(Fixture.seal(sequence: 1))
        let acknowledgement = try #require(hello.acknowledgement)
        let header = try Header(datagram: hello.reply.span.bytes)

        #expect(hello.isChallenged)
        #expect(hello.reply.count == Acknowledgement.leastDatagramByteCount)
        #expect(acknowledgement.isChallenge)
        #expect(acknowledgement.echoedBoot == Fixture.boot)
        #expect(acknowledgement.echoedSequence == 1)
        #expect(header.type == .acknowledgement)
        #expect(header.instance == Fixture.identity.instance)
        #expect(header.sequence == 1)
        #expect(header.cookie == Fixture.cookie())
        #expect(
            receiver.take(Fixture.seal(sequence: 2, cookie: header.cookie)).applied != nil)
    }

    @Test func `a cookie is good for the epoch it was granted in and the next one`() throws {
        let cookie = Fixture.cookie(at: 0)
        let good: [(Int64, Bool)] = [
            (0, true), (8 * second, true), (16 * second - 1, true), (16 * second, false),
        ]
        for (now, isGood) in good {
            var receiver = try Fixture.receiver()
            let taken = receiver.take(Fixture.seal(sequence: 1, cookie: cookie), at: now)
            #expect((taken.applied != nil) == isGood, "at \(now)")
            #expect(taken.isChallenged != isGood)
        }
    }

    @Test func `a cookie is worth nothing to another boot, generation, pair or process`() throws {
        var receiver = try Fixture.receiver()
        #expect(
            receiver.take(Fixture.seal(sequence: 1, cookie: Fixture.cookie(boot: 8))).isChallenged)
        #expect(
            receiver.take(Fixture.seal(sequence: 1, cookie: Fixture.cookie(generation: 2)))
                .isChallenged)
        let other = Freshness(MasterIdentity(secret: (1, 3), instance: 1))
        let foreign = other.cookie(
            boot: Fixture.boot, generation: 1, locator: Fixture.keys.locator, at: 0)
        #expect(receiver.take(Fixture.seal(sequence: 1, cookie: foreign)).isChallenged)
        let elsewhere = Freshness(Fixture.identity).cookie(
            boot: Fixture.boot, generation: 1, locator: Locator(rawValue: 1), at: 0)
        #expect(receiver.take(Fixture.seal(sequence: 1, cookie: elsewhere)).isChallenged)
        #expect(receiver.total.applied == 0)
    }

    @Test func `a superseded boot is challenged, and its recordings never apply again`() throws {
        var receiver = try Fixture.receiver()
        let first = Fixture.seal(sequence: 1, cookie: Fixture.cookie())
        let unsent = Fixture.seal(sequence: 2, cookie: Fixture.cookie())
        let second = Fixture.seal(
            sequence: 1, boot: 9, cookie: Fixture.cookie(boot: 9, generation: 2))
        #expect(receiver.take(first).applied != nil)
        #expect(receiver.take(second).applied?.isNewBoot == true)
        #expect(receiver.take(first).isChallenged)
        #expect(receiver.take(unsent).isChallenged)
        #expect(receiver.take(second).refusal == .duplicate)
    }

    @Test func `a challenge moves nothing`() throws {
        var receiver = try Fixture.receiver()
        #expect(receiver.take(Fixture.seal(sequence: 900)).isChallenged)
        #expect(receiver.take(Fixture.seal(sequence: 1, cookie: Fixture.cookie())).applied != nil)
        #expect(receiver.take(Fixture.seal(sequence: 900, cookie: 5)).isChallenged)
        #expect(receiver.take(Fixture.seal(sequence: 2, cookie: Fixture.cookie())).applied != nil)
    }

    @Test func `four boots in a minute are two processes with one key, and it ends with calm`()
        throws
    {
        var receiver = try Fixture.receiver()
        var found: [Bool] = []
        for boot: UInt32 in 1...5 {
            let now = Int64(boot) * 10 * second
            let cookie = Fixture.cookie(boot: boot, generation: boot, at: now)
            let taken = receiver.take(
                Fixture.seal(sequence: 1, boot: boot, cookie: cookie), at: now)
            found.append(taken.applied?.isDuplicateIdentity ?? false)
        }
        #expect(found == [false, false, false, true, true])
        #expect(receiver.total.duplicateIdentity == 2)
        let challenge = receiver.take(Fixture.seal(sequence: 1, boot: 6), at: 50 * second)
        #expect(challenge.acknowledgement?.notices == .duplicateIdentity)
        // The fourth boot from the end was adopted at 20 s.
        #expect(receiver.isDuplicateIdentity(agent: 0, at: 80 * second - 1))
        #expect(!receiver.isDuplicateIdentity(agent: 0, at: 80 * second))
    }
}

@Suite struct ReplyTests {
    private func asking(_ report: Report = Fixture.typicalReport) -> Report {
        var report = report
        report.flags.insert(.acknowledgementRequested)
        return report
    }

    @Test func `a fresh report is answered when it asks, or follows another directive`() throws {
        var receiver = try Fixture.receiver()
        let cookie = Fixture.cookie()
        #expect(receiver.take(Fixture.seal(sequence: 1, cookie: cookie)).reply.isEmpty)

        let answer = receiver.take(Fixture.seal(asking(), sequence: 2, cookie: cookie))
        #expect(
            answer.acknowledgement
                == Acknowledgement(
                    echoedBoot: Fixture.boot, echoedSequence: 2))

        let directive = Directive(intervalMilliseconds: 1_000, jitterMilliseconds: 50)
        receiver.setDirective(agent: 0, directive, version: 7)
        let told = receiver.take(Fixture.seal(sequence: 3, cookie: cookie))
        #expect(told.acknowledgement?.directive == directive)
        #expect(told.acknowledgement?.directiveVersion == 7)

        var following = Fixture.typicalReport
        following.directiveVersion = 7
        #expect(receiver.take(Fixture.seal(following, sequence: 4, cookie: cookie)).reply.isEmpty)
        receiver.setDirective(agent: 0, nil, version: 0)
        let freed = receiver.take(Fixture.seal(following, sequence: 5, cookie: cookie))
        #expect(freed.acknowledgement?.directive == nil)
        #expect(freed.acknowledgement?.directiveVersion == 0)
    }

    @Test func `no answer is longer than what it answers`() throws {
        let least = Report(
            state: .up, flags: .acknowledgementRequested, intervalMilliseconds: 500,
            clockTenthsOfMillisecond: 1)
        var receiver = try Fixture.receiver()
        receiver.setDirective(
            agent: 0, Directive(intervalMilliseconds: 500, jitterMilliseconds: 0), version: 1)
        receiver.setStandings(
            agent: 0,
            (1...60).compactMap { ServiceID(rawValue: $0) }.map {
                ServiceStanding(
                    id: $0, weight: 100, admin: .drain, reason: 3, activeConnections: 77)
            })
        for extra in stride(from: 0, through: 600, by: 2) {
            let padding =
                extra < 2
                ? []
                : [0x80, UInt8(min(extra - 2, 255))]
                    + [UInt8](repeating: 1, count: min(extra - 2, 255))
            let datagram = Fixture.seal(
                least, sequence: UInt32(extra + 1), cookie: Fixture.cookie(), extra: padding)
            let reply = receiver.take(datagram, at: Int64(extra) * second / 8).reply
            #expect(reply.count <= datagram.count)
            if datagram.count == 64 { #expect(reply.count == 64) }
        }
        #expect(receiver.total.repliesLimited == 0)
    }

    @Test func `an agent hears how its services are held`() throws {
        var receiver = try Fixture.receiver()
        var session = try Fixture.session()
        session.tell(to: &receiver, at: 0)
        let standing = ServiceStanding(
            id: ServiceID(name: "web"), weight: nil, admin: .drain, reason: 3,
            activeConnections: 12)
        receiver.setStandings(agent: 0, [standing])
        session.tell(asking(), to: &receiver, at: 1)
        #expect(session.standings == [standing])
    }

    @Test func `of eight answers at once and four a second an agent gets no more`() throws {
        var receiver = try Fixture.receiver()
        var sequence: UInt32 = 0
        func answers(_ count: Int, at now: Int64) -> Int {
            (0..<count).count { _ in
                sequence += 1
                let datagram = Fixture.seal(
                    asking(), sequence: sequence, cookie: Fixture.cookie(at: now))
                return !receiver.take(datagram, at: now).reply.isEmpty
            }
        }
        #expect(answers(20, at: second) == 8)
        #expect(answers(20, at: 2 * second) == 4)
        #expect(answers(20, at: 10 * second) == 8)
        #expect(receiver.total.repliesLimited == 40)
        #expect(receiver.total.replies == 20)
    }

    @Test func `replays of other boots do not use up the answers of the boot that is followed`()
        throws
    {
        var receiver = try Fixture.receiver()
        #expect(receiver.take(Fixture.seal(sequence: 1, cookie: Fixture.cookie())).applied != nil)
        for _ in 0..<100 { #expect(receiver.take(Fixture.seal(sequence: 1, boot: 5)).isChallenged) }
        let answers = (2...9 as ClosedRange<UInt32>).count {
            let datagram = Fixture.seal(asking(), sequence: $0, cookie: Fixture.cookie())
            return !receiver.take(datagram).reply.isEmpty
        }
        #expect(answers == 4)
    }

    @Test func `all agents together get a thousand answers a second, or two for each`() throws {
        let rule = try Fixture.receiver().allRepliesRule
        #expect(rule == Limiter.Rule(perSecond: 1_000, burst: 1_000))
        var limiter = Limiter()
        var count = 0
        while limiter.allows(rule, at: second) {
            limiter.take(rule, at: second)
            count += 1
        }
        #expect(count == 1_000)
        let many = Limiter.Rule(perSecond: 20_000, burst: 20_000)
        #expect(many.periodNanoseconds == 50_000)
    }

    @Test func `a probe comes back with the time of the way`() throws {
        var receiver = try Fixture.receiver()
        var session = try Fixture.session()
        var probe: [UInt8] = []
        let isEarly = receiver.probe(agent: 0, nonce: 5, at: 0, into: &probe)
        #expect(!isEarly)
        session.tell(to: &receiver, at: 0)

        let isSent = receiver.probe(agent: 0, nonce: 5, at: second, into: &probe)
        #expect(isSent)
        #expect(probe.count == 36)
        #expect(session.receive(probe, at: second + 10_000_000).wantsReport)
        let echo = session.seal(Fixture.typicalReport, at: second + 13_000_000)
        let taken = receiver.take(try #require(echo.first), at: second + 24_000_000)
        #expect(taken.report.flags.contains(.probeReply))
        #expect(taken.applied?.probeRoundTripNanoseconds == 21_000_000)
        // The same echo again, as it is repeated for a second, answers nothing.
        let again = session.seal(Fixture.typicalReport, at: second + 30_000_000)
        let other = receiver.take(try #require(again.first), at: second + 30_000_000)
        #expect(other.applied != nil)
        #expect(other.applied?.probeRoundTripNanoseconds == nil)
    }
}
