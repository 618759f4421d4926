// Which silent agents are asked and how often, and what an agent makes of it.

import Testing

@testable import Protocol

private let second: Int64 = 1_000_000_000

@Suite struct ProberTests {
    private func applied(agent: Int = 0, roundTrip: Int64? = nil) -> Applied {
        Applied(
            agent: agent,
            header: Header(type: .report, locator: Locator(rawValue: 1), instance: 1, sequence: 1),
            remarks: [], isNewBoot: false, isDuplicateIdentity: false,
            probeRoundTripNanoseconds: roundTrip)
    }

    /// When an agent was asked, of all tenths of a second of a span.
    private func asked(_ prober: inout Prober, _ seconds: Range<Int64>) -> [Double] {
        var asked: [Double] = []
        for tenth in seconds.lowerBound * 10..<seconds.upperBound * 10 {
            prober.ask(at: tenth * second / 10) { _ in
                asked.append(Double(tenth) / 10)
                return true
            }
        }
        return asked
    }

    @Test func `an agent that was never heard or said goodbye is not asked`() {
        var prober = Prober(count: 2)
        var goodbye = Fixture.typicalReport
        goodbye.flags = .final
        prober.hear(applied(agent: 1), Fixture.typicalReport, at: 0)
        prober.hear(applied(agent: 1), goodbye, at: 1)
        #expect(asked(&prober, 0..<60) == [])
    }

    @Test func `who misses a report is asked each second, and after ten times each ten seconds`() {
        var prober = Prober(count: 1)
        prober.hear(applied(), Fixture.typicalReport, at: 0)
        let times = asked(&prober, 0..<40)
        #expect(times == (0..<10).map { 0.8 + Double($0) } + [19.8, 29.8, 39.8])
        #expect(prober.count(ofAgent: 0).sent == 13)
        #expect(prober.count(ofAgent: 0).answered == 0)
        // Once it is heard all begins anew.
        prober.hear(applied(roundTrip: 7), Fixture.typicalReport, at: 40 * second)
        #expect(asked(&prober, 40..<43) == [40.8, 41.8, 42.8])
        #expect(prober.count(ofAgent: 0).answered == 1)
        #expect(prober.count(ofAgent: 0).roundTripNanoseconds == 7)
    }

    @Test func `an agent that reports is not asked, and a short interval is no reason to hurry`() {
        var prober = Prober(count: 1)
        var report = Fixture.typicalReport
        for half in 0..<20 as Range<Int64> {
            prober.hear(applied(), report, at: half * second / 2)
            #expect(asked(&prober, 0..<0) == [])
            prober.ask(at: half * second / 2 + second / 2) { _ in
                Issue.record("asked at \(half)")
                return true
            }
        }
        report.intervalMilliseconds = 50
        var count = 0
        for tenth in 100..<200 as Range<Int64> {
            prober.hear(applied(), report, at: tenth * second / 10)
            prober.ask(at: tenth * second / 10 + 90_000_000) { _ in
                count += 1
                return true
            }
        }
        #expect(count == 10)
    }

    @Test func `of many silent agents a hundred are asked in a turn, and all have their turn`() {
        var prober = Prober(count: 350)
        for index in 0..<350 {
            prober.hear(applied(agent: index), Fixture.typicalReport, at: 0)
        }
        var asked: [Int] = []
        for turn in 1...4 as ClosedRange<Int64> {
            var count = 0
            prober.ask(at: second + turn) { index in
                asked.append(index)
                count += 1
                return true
            }
            #expect(count == (turn == 4 ? 50 : 100))
        }
        #expect(Set(asked) == Set(0..<350))
    }

    @Test func `who cannot be asked is not tried again before it is heard`() {
        var prober = Prober(count: 1)
        prober.hear(applied(), Fixture.typicalReport, at: 0)
        var tries = 0
        for second in [second, 3 * second, 9 * second] {
            prober.ask(at: second) { _ in
                tries += 1
                return false
            }
        }
        #expect(tries == 1)
        #expect(prober.count(ofAgent: 0) == Prober.Count())
    }

    @Test func `after a reload counts stay with their agents, and a dropped pair is asked at once`()
    {
        var prober = Prober(count: 2)
        for index in 0..<2 {
            prober.hear(applied(agent: index), Fixture.typicalReport, at: 0)
        }
        prober.ask(at: second) { $0 == 1 }
        prober.hear(applied(agent: 0), Fixture.typicalReport, at: 3 * second)
        prober.hear(applied(agent: 1), Fixture.typicalReport, at: 3 * second)
        prober.adopt([nil, 1, 0], at: 3 * second) { $0 != 2 }
        #expect((0..<3).map { prober.count(ofAgent: $0).sent } == [0, 1, 0])
        var asked: [Int] = []
        prober.ask(at: 3 * second) {
            asked.append($0)
            return true
        }
        #expect(asked == [2])
    }

    @Test func `a lost report is replaced within a round trip of the probe`() throws {
        var receiver = try Fixture.receiver()
        var session = try Fixture.session()
        var prober = Prober(count: 1)
        for taken in session.tell(to: &receiver, at: 0) {
            taken.applied.map { prober.hear($0, taken.report, at: 0) }
        }
        var newest = Fixture.typicalReport
        newest.clockTenthsOfMillisecond += 5_000
        // The next one gets lost.
        _ = session.seal(newest, at: second / 2)
        var probe: [UInt8] = []
        prober.ask(at: second - 10) {
            receiver.probe(agent: $0, nonce: 9, at: second, into: &probe)
        }
        #expect(session.receive(probe, at: second).wantsReport)
        let taken = session.tell(newest, to: &receiver, at: second)
        let applied = try #require(taken.last?.applied)
        #expect(taken.last?.report.clockTenthsOfMillisecond == newest.clockTenthsOfMillisecond)
        prober.hear(applied, newest, at: second)
        #expect(prober.count(ofAgent: 0).answered == 1)
    }

    @Test func `an agent that is asked by another pair tries all of them`() throws {
        let new = Fixture.key(from: 60)
        var receiver = try Fixture.receiver(agents: [
            ("s1", [new.publicKey, Fixture.agentKey.publicKey])
        ])
        var session = try Fixture.session(agentKeys: [new, Fixture.agentKey])
        session.tell(to: &receiver, at: 0)
        #expect(session.seal(Fixture.typicalReport, at: second / 4).count == 1)
        receiver = try Receiver(
            secretKeys: [Fixture.masterKey], agents: [("s1", [Fixture.agentKey.publicKey])],
            continuing: receiver)
        var probe: [UInt8] = []
        #expect(receiver.probe(agent: 0, nonce: 1, at: second / 2, into: &probe))
        #expect(session.receive(probe, at: second / 2) == .probed(wantsReport: true))
        let taken = session.tell(to: &receiver, at: second / 2)
        #expect(taken.map(\.refusal) == [.unknownLocator, nil])
        #expect(taken.last?.applied?.probeRoundTripNanoseconds != nil)
    }
}
