// The agent's side: its numbers, its cookies, and what it takes from a master.

import Testing

@testable import Protocol

private let second: Int64 = 1_000_000_000

private func header(_ datagram: [UInt8]?) throws -> Header {
    let datagram = try #require(datagram)
    return try Header(datagram: datagram.span.bytes)
}

@Suite struct SessionTests {
    /// An ACK as the fixed master would send it.
    private func acknowledgement(
        _ body: Acknowledgement, cookie: UInt32 = 77, keys: SessionKeys = Fixture.keys
    ) -> [UInt8] {
        let header = Header(
            type: .acknowledgement, locator: keys.locator, instance: 1, sequence: 1,
            cookie: cookie)
        var datagram: [UInt8] = []
        header.append(to: &datagram)
        body.append(to: &datagram, limit: Envelope.mostByteCount)
        Envelope.appendTag(to: &datagram, key: keys.toAgent.bytes.span.bytes)
        return datagram
    }

    private func echo(_ sequence: UInt32, boot: UInt32 = Fixture.boot) -> Acknowledgement {
        Acknowledgement(echoedBoot: boot, echoedSequence: sequence)
    }

    @Test func `sequences count from 1 within one boot, and the first has no cookie`() throws {
        var session = try Fixture.session()
        for sequence: UInt32 in 1...3 {
            let datagrams = session.seal(Fixture.typicalReport, at: 0)
            #expect(datagrams.count == 1)
            let header = try header(datagrams.first)
            #expect(header.instance == Fixture.boot)
            #expect(header.sequence == sequence)
            #expect(header.cookie == 0)
            #expect(header.locator == Fixture.keys.locator)
        }
    }

    @Test func `after the last sequence comes the first of another boot`() throws {
        var session = try Fixture.session()
        session.sequence = .max - 1
        let last = try header(session.seal(Fixture.typicalReport, at: 0).first)
        let first = try header(session.seal(Fixture.typicalReport, at: 0).first)
        #expect(last.sequence == .max)
        #expect(last.instance == Fixture.boot)
        #expect(first.sequence == 1)
        #expect(first.instance != Fixture.boot)
    }

    @Test func `boot ids are random and a boot of 0 is not used`() throws {
        #expect(Set((0..<10).map { _ in Session.randomBoot() }).count > 1)
        let session = try Session(
            agentKeys: [Fixture.agentKey], masterKeys: [Fixture.masterKey.publicKey], boot: 0)
        #expect(session.boot == 1)
    }

    @Test func `lists of keys have their limits, and each pair is one of its own`() throws {
        let keys = (1...5).map { Fixture.key(from: UInt8($0)) }
        let master = Fixture.masterKey.publicKey
        let zero = try #require(PublicKey(bytes: [UInt8](repeating: 0, count: 32)))
        func error(_ agentKeys: [SecretKey], _ masterKeys: [PublicKey]) -> SessionError? {
            do throws(SessionError) {
                _ = try Session(agentKeys: agentKeys, masterKeys: masterKeys, boot: 1)
                return nil
            } catch { return error }
        }
        #expect(error([], [master]) == .agentKeys(count: 0))
        #expect(error(keys, [master]) == .agentKeys(count: 5))
        #expect(error([keys[0]], []) == .masterKeys(count: 0))
        #expect(error([keys[0]], [master, master]) == .sameKey(master))
        #expect(error([keys[0], keys[0]], [master]) == .sameKey(keys[0].publicKey))
        #expect(error([keys[0]], [zero]) == .unacceptableKey(zero))
        #expect(error(Array(keys.prefix(4)), [master, keys[4].publicKey]) == nil)
    }

    @Test func `an ACK is taken once, for a sequence of the last 64 of this boot`() throws {
        var session = try Fixture.session()
        for _ in 0..<70 { _ = session.seal(Fixture.typicalReport, at: 0) }
        #expect(session.receive(acknowledgement(echo(6)), at: 1) == .refused(.late))
        #expect(session.receive(acknowledgement(echo(71)), at: 1) == .refused(.late))
        #expect(session.receive(acknowledgement(echo(0)), at: 1) == .refused(.late))
        #expect(session.receive(acknowledgement(echo(70, boot: 5)), at: 1) == .refused(.late))
        #expect(session.receive(acknowledgement(echo(7)), at: 1) == .acknowledged(echo(7)))
        #expect(session.receive(acknowledgement(echo(7)), at: 1) == .refused(.late))
        #expect(session.receive(acknowledgement(echo(70)), at: 1) == .acknowledged(echo(70)))
        #expect(session.receive(acknowledgement(echo(69)), at: 1) == .refused(.late))
    }

    @Test func `what is not an ACK or a PROBE of this master is refused`() throws {
        var session = try Fixture.session()
        let sent = session.seal(Fixture.typicalReport, at: 0)
        let good = acknowledgement(echo(1))
        for count in 0..<good.count {
            #expect(
                session.receive(Array(good.prefix(count)), at: 1)
                    == .refused(count < 36 ? .tooShort : .badMAC))
        }
        for bit in 0..<good.count * 8 {
            var flipped = good
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            guard case .refused = session.receive(flipped, at: 1) else {
                Issue.record("bit \(bit) flipped is taken")
                continue
            }
        }
        #expect(session.receive(sent[0], at: 1) == .refused(.type))
        let other = Fixture.keys(Fixture.key(from: 60), Fixture.masterKey)
        #expect(
            session.receive(acknowledgement(echo(1), keys: other), at: 1)
                == .refused(.unknownLocator))
        #expect(session.receive(good, at: 1) == .acknowledged(echo(1)))
    }

    @Test func `the time of the way is that of the datagram that is answered`() throws {
        var session = try Fixture.session()
        _ = session.seal(Fixture.typicalReport, at: second)
        _ = session.seal(Fixture.typicalReport, at: 2 * second)
        var body = echo(1)
        body.holdMicroseconds = 2_000
        _ = session.receive(acknowledgement(body), at: second + 5_000_000)
        #expect(session.roundTripNanoseconds == 3_000_000)
    }

    @Test func `a challenge costs one round trip and no report`() throws {
        var receiver = try Fixture.receiver()
        var session = try Fixture.session()
        let taken = session.tell(to: &receiver, at: 0)
        #expect(taken.map(\.isChallenged) == [true, false])
        #expect(taken.last?.applied != nil)
        // A master that started anew knows nothing, and needs one round trip too.
        var restarted = try Receiver(
            secretKeys: [Fixture.masterKey], agents: [("s1", [Fixture.agentKey.publicKey])],
            identity: MasterIdentity(secret: (3, 4), instance: 9))
        let again = session.tell(to: &restarted, at: second)
        #expect(again.map(\.isChallenged) == [true, false])
        #expect(session.masterInstance == 9)
    }

    @Test func `an ACK is asked for when the cookie is 4 s old, and got`() throws {
        var receiver = try Fixture.receiver()
        var session = try Fixture.session()
        var asked: [Int64] = []
        for half in 0...40 {
            let now = Int64(half) * second / 2
            for taken in session.tell(to: &receiver, at: now) {
                #expect(taken.applied != nil || half == 0)
                if taken.report.flags.contains(.acknowledgementRequested) { asked.append(now) }
            }
        }
        // The first report was answered by a challenge, so its state waits for the next ACK.
        #expect(asked == [0, 4, 8, 12, 16, 20].map { $0 * second })
    }

    @Test func `another state is told until it is confirmed`() throws {
        var receiver = try Fixture.receiver()
        var session = try Fixture.session()
        session.tell(to: &receiver, at: 0)
        session.tell(to: &receiver, at: 1)
        var changed = Fixture.typicalReport
        changed.services[0].state = .draining
        var remarks: Remarks = []
        for _ in 0..<3 {
            let lost = session.seal(changed, at: 2)
            let report = try Report(datagram: lost[0], remarks: &remarks)
            #expect(report.flags.contains(.acknowledgementRequested))
        }
        session.tell(changed, to: &receiver, at: 3)
        let quiet = try Report(datagram: session.seal(changed, at: 4)[0], remarks: &remarks)
        #expect(!quiet.flags.contains(.acknowledgementRequested))
    }

    @Test func `a goodbye is known to be heard, though the first one is lost or challenged`()
        throws
    {
        var goodbye = Fixture.typicalReport
        goodbye.state = .leaving
        goodbye.flags = .final
        var receiver = try Fixture.receiver()
        var session = try Fixture.session()
        session.tell(to: &receiver, at: 0)
        _ = session.seal(goodbye, at: second)
        #expect(!session.isGoodbyeAcknowledged)
        session.tell(goodbye, to: &receiver, at: second)
        #expect(session.isGoodbyeAcknowledged)

        // 20 s later its cookie is stale: challenged first, then heard.
        session.tell(to: &receiver, at: 2 * second)
        #expect(!session.isGoodbyeAcknowledged)
        let taken = session.tell(goodbye, to: &receiver, at: 30 * second)
        #expect(taken.first?.isChallenged == true)
        #expect(session.isGoodbyeAcknowledged)
    }

    @Test func `10 s without an ACK lead to another boot, and no sooner again`() throws {
        var session = try Fixture.session()
        var boots: [UInt32] = []
        for half in 0...50 {
            let now = Int64(half) * second / 2
            _ = session.seal(Fixture.typicalReport, at: now)
            if session.boot != boots.last { boots.append(session.boot) }
            if half == 19 { #expect(boots.count == 1) }
            if half == 20 { #expect(boots.count == 2) }
            if half == 39 { #expect(boots.count == 2) }
            if half == 40 { #expect(boots.count == 3) }
        }
        #expect(boots.count == 3)
    }

    @Test func `an agent that reports every 10 s keeps its boot while it is answered`() throws {
        var receiver = try Fixture.receiver()
        var session = try Fixture.session()
        for round in 0..<20 {
            let taken = session.tell(to: &receiver, at: Int64(round) * 10 * second)
            #expect(taken.last?.applied != nil)
        }
        #expect(session.boot == Fixture.boot)
    }

    @Test func `a directive is followed within its range, and ends`() throws {
        var receiver = try Fixture.receiver()
        var session = try Fixture.session()
        session.tell(to: &receiver, at: 0)
        let wild = Directive(intervalMilliseconds: 1, jitterMilliseconds: 60_000)
        receiver.setDirective(agent: 0, wild, version: 3)
        session.tell(to: &receiver, at: second)
        #expect(
            session.directive == Directive(intervalMilliseconds: 50, jitterMilliseconds: 50))
        #expect(session.tell(to: &receiver, at: 2 * second).first?.report.directiveVersion == 3)
        receiver.setDirective(agent: 0, nil, version: 0)
        session.tell(to: &receiver, at: 3 * second)
        #expect(session.directive == nil)
        #expect(session.directiveVersion == 0)
    }

    @Test func `a master makes an agent send at once ten times a second and no more`() throws {
        var receiver = try Fixture.receiver()
        var session = try Fixture.session()
        session.tell(to: &receiver, at: 0)
        var probe: [UInt8] = []
        var answers = 0
        for index in 0..<100 {
            let isMade = receiver.probe(
                agent: 0, nonce: UInt32(index), at: second, into: &probe)
            #expect(isMade)
            if session.receive(probe, at: second).wantsReport { answers += 1 }
        }
        #expect(answers == 10)
        // Probes do not take the answer to a challenge.
        let sealed = session.seal(Fixture.typicalReport, at: second)
        var body = Acknowledgement(echoedBoot: session.boot, echoedSequence: session.sequence)
        body.isChallenge = true
        #expect(sealed.count == 1)
        #expect(
            session.receive(acknowledgement(body), at: second)
                == .challenged(wantsReport: true))
    }

    @Test func `without a proven pair each is tried, and then the newest that answers`() throws {
        let new = Fixture.key(from: 60)
        var session = try Fixture.session(agentKeys: [new, Fixture.agentKey])
        var receiver = try Fixture.receiver()
        #expect(session.tell(to: &receiver, at: 0).map(\.refusal) == [.unknownLocator, nil, nil])
        // Now one pair is in use; the other is tried every 5 s.
        var tried = 0
        for half in 1...40 {
            for taken in session.tell(to: &receiver, at: Int64(half) * second / 2) {
                if taken.refusal == .unknownLocator { tried += 1 }
                if taken.refusal == nil { #expect(taken.applied != nil) }
            }
        }
        #expect(tried == 4)
        #expect(receiver.total.challenged == 1)
    }

    @Test func `a report of many services arrives in parts`() throws {
        var report = Fixture.typicalReport
        let ids = (1...90).compactMap { ServiceID(rawValue: $0) }
        report.services = ids.map { ServiceLoad(id: $0, state: .up) }
        var receiver = try Fixture.receiver()
        var session = try Fixture.session()
        session.tell(report, to: &receiver, at: 0)
        let taken = session.tell(report, to: &receiver, at: second)
        #expect(taken.compactMap(\.applied).count == 3)
        #expect(taken.flatMap(\.report.services) == report.services)
    }
}
