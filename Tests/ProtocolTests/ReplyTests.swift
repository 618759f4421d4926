// What the master sends back, when, and never more than it got.

import Testing

@testable import Protocol

private let second: Int64 = 1_000_000_000

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

    @Test func `a probe counts once, and a recording of an ended master not at all`() throws {
        var receiver = try Fixture.receiver()
        var session = try Fixture.session()
        session.tell(to: &receiver, at: 0)
        var probes: [[UInt8]] = []
        for nonce: UInt32 in 1...2 {
            var probe: [UInt8] = []
            #expect(receiver.probe(agent: 0, nonce: nonce, at: second, into: &probe))
            probes.append(probe)
        }
        #expect(session.receive(probes[1], at: second) == .probed(wantsReport: true))
        for probe in probes { #expect(session.receive(probe, at: second) == .refused(.late)) }
        #expect(session.echo?.nonce == 2)
        // This master ended, and another one answered since.
        session.masterInstance = 7
        #expect(receiver.probe(agent: 0, nonce: 3, at: second, into: &probes[0]))
        #expect(session.receive(probes[0], at: second) == .refused(.late))
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
