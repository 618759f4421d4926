// What people hear of: each cause once, whatever it lasts.

import Protocol
import Testing

@testable import Weighting

@Suite struct ChronicleTests {
    private let key = ServiceKey.address(.v4(0x0A00_0050), port: 80, .tcp)
    private let other = ServiceKey.address(.v4(0x0A00_0051), port: 80, .tcp)

    private func cluster() -> Cluster {
        func members(_ port: UInt16) -> [Cluster.Member] {
            (0..<3).map {
                Cluster.Member(
                    server: $0,
                    destination: DestinationKey(address: .v4(UInt32($0 + 1)), port: port))
            }
        }
        return Cluster(
            servers: (0..<3).map { Cluster.Server(name: "r\($0)") },
            services: [
                Cluster.Service(name: "web", key: key, members: members(80)),
                Cluster.Service(name: "api", key: other, members: members(81)),
            ])
    }

    private func decision(
        _ second: Double, _ reasons: [Verdict.Reason], hold: Hold? = nil, overridden: Int? = nil,
        violations: [Invariants.Violation] = []
    ) -> Decision {
        let cluster = cluster()
        return Decision(
            at: Instant(nanoseconds: 1_000_000_000).advanced(bySeconds: second),
            services: cluster.services.map { service in
                Decision.Service(
                    scheduler: .known(.wlc), hold: hold,
                    verdicts: service.members.map {
                        Verdict(
                            server: $0.server, destination: $0.destination, kernel: 100,
                            weight: Weight(100), reason: reasons[$0.server],
                            overridden: $0.server == 0 && service.name == "web"
                                ? overridden : nil)
                    })
            }, plan: Plan(), violations: violations)
    }

    /// The causes with their details, of one decision after the other.
    private func texts(_ decisions: [Decision]) -> [[String]] {
        var chronicle = Chronicle(cluster())
        return decisions.map { decision in
            chronicle.happenings(decision, in: cluster()).map {
                "\($0.cause.rawValue) \($0.detail ?? "-")"
            }
        }
    }

    /// The causes with their services and servers, of one decision after the other.
    private func causes(_ decisions: [Decision]) -> [[String]] {
        var chronicle = Chronicle(cluster())
        return decisions.map { decision in
            chronicle.happenings(decision, in: cluster()).map {
                ([
                    $0.cause.rawValue,
                    $0.services.isEmpty ? "-" : $0.services.joined(separator: ","),
                ]
                    + $0.servers).joined(separator: " ")
            }
        }
    }

    private let all: [Verdict.Reason] = [.follows, .follows, .follows]

    @Test func `what lasts is told once, for all that it happens to at once`() {
        let found = causes([
            decision(0, all), decision(0.5, [.withinDeadband, .follows, .follows]),
            decision(1, [.holds(.late), .follows, .withinDeadband]), decision(1.5, all),
        ])
        #expect(found == [["follows web,api r0 r1 r2"], [], [], []])
    }

    @Test func `a server that falls silent is told once for all of its services`() {
        let silent: [Verdict.Reason] = [.holds(.stale), .follows, .follows]
        let found = causes([
            decision(0, all), decision(1, silent), decision(1.5, silent), decision(2, all),
        ])
        #expect(found.dropFirst() == [["agent_silent - r0"], [], ["agent_back - r0"]])
    }

    @Test func `a drain begins and ends once`() {
        let cause = DrainCause(state: .draining, reason: .operator)
        let found = causes([
            decision(0, all), decision(1, [.drains(cause), .follows, .follows]),
            decision(2, [.drains(cause), .follows, .follows]),
            decision(3, [.returns(nil), .follows, .follows]), decision(4, all),
        ])
        #expect(
            found.dropFirst() == [
                ["drained web,api r0"], [],
                ["returned web,api r0"], [],
            ])
    }

    @Test func `errors take a server out and bring it back`() {
        let found = causes([
            decision(0, all), decision(1, [.ejected, .follows, .follows]),
            decision(2, [.readmitted, .follows, .follows]), decision(3, all),
        ])
        #expect(
            found.dropFirst() == [
                ["ejected web,api r0"], ["readmitted web,api r0"],
                [],
            ])
    }

    @Test func `what holds a whole service is told of the service alone`() {
        let held: [Verdict.Reason] = [.holds(.tooIdle), .holds(.tooIdle), .holds(.stale)]
        let found = causes([
            decision(0, all), decision(1, held, hold: .tooIdle),
            decision(2, held, hold: .tooIdle),
            decision(3, [.follows, .follows, .holds(.stale)]),
        ])
        #expect(
            found.dropFirst() == [
                ["holds web,api", "agent_silent - r2"], [], ["follows web,api"],
            ])
    }

    @Test func `one late tick of the master is no news`() {
        let late: [Verdict.Reason] = Array(repeating: .holds(.masterLate), count: 3)
        let found = causes([
            decision(0, all), decision(1, late, hold: .masterLate), decision(2, all),
        ])
        #expect(found.dropFirst() == [[], []])
    }

    @Test func `agents get a moment before a master that starts says that it never heard them`() {
        let unheard: [Verdict.Reason] = [.holds(.neverHeard), .follows, .follows]
        let found = causes([
            decision(0, unheard), decision(9, unheard), decision(11, unheard),
            decision(12, unheard),
        ])
        #expect(found.dropFirst() == [[], ["holds web,api r0"], []])
    }

    @Test func `that few are heard at first is no news, unless it stays so`() {
        let unheard: [Verdict.Reason] = Array(repeating: .holds(.neverHeard), count: 3)
        let found = causes([
            decision(0, unheard, hold: .fewerThanHalfFresh),
            decision(2, unheard, hold: .fewerThanHalfFresh), decision(3, all),
        ])
        #expect(found == [[], [], ["follows web,api r0 r1 r2"]])
        let later = causes([
            decision(0, unheard, hold: .fewerThanHalfFresh),
            decision(11, unheard, hold: .fewerThanHalfFresh),
        ])
        #expect(
            later == [[], ["holds web,api", "holds web,api r0 r1 r2"]])
    }

    @Test func `foreign hands, new scales and violations are told`() {
        let kept: [Verdict.Reason] = [.keepsShare(.stale), .follows, .follows]
        let fault = Invariants.Violation.empties(
            key, DestinationKey(address: .v4(1), port: 80))
        let found = causes([
            decision(0, [.holds(.stale), .follows, .follows]),
            decision(1, [.holds(.stale), .follows, .follows], overridden: 70),
            decision(2, kept), decision(3, kept, violations: [fault]),
            decision(4, kept, violations: [fault]),
        ])
        #expect(
            found.dropFirst() == [
                ["foreign_change web r0"], ["rescaled web,api"], ["violation -"], [],
            ])
    }

    @Test func `a weight that somebody sets at each tick is told once a minute, with a count`() {
        let found = texts((0..<250).map { decision(0.5 * Double($0), all, overridden: 70) })
        let told = found.enumerated().filter { $1.contains { $0.hasPrefix("foreign_change") } }
        #expect(told.map(\.offset) == [0, 120, 240])
        #expect(found[0].contains("foreign_change set to 100, which was 70"))
        #expect(found[120] == ["foreign_change 120 times more within a minute"])
        // A minute without one, and the next is told at once again.
        let later = texts(
            [0, 1, 62, 123, 124].map {
                decision($0, all, overridden: $0 == 62 || $0 == 123 ? nil : 70)
            })
        #expect(
            later.dropFirst() == [
                [], ["foreign_change once more within a minute"], [],
                ["foreign_change set to 100, which was 70"],
            ])
    }

    @Test func `a service that comes to a new scale again and again is told once a minute`() {
        let kept: [Verdict.Reason] = [.keepsShare(.stale), .follows, .follows]
        let found = texts(
            (0..<130).map { decision(Double($0) / 2, $0.isMultiple(of: 2) ? kept : all) })
        let told = found.flatMap { $0 }.filter { $0.hasPrefix("rescaled") }
        #expect(told.count == 2)
        #expect(told.last == "rescaled 120 times more within a minute")
    }

    @Test func `what repeats is counted for a limited number of members apart`() {
        var repeats = Repeats()
        let now = Instant(nanoseconds: 1_000_000_000)
        func news(_ place: Int, at now: Instant) -> Bool {
            repeats.isNews(
                Repeats.Subject(cause: .foreignChange, service: 0, place: place), at: now)
        }
        let told = (0..<10_000).filter { news($0, at: now) }
        // Those that are counted apart, and the first of the rest.
        #expect(told.count == Repeats.most + 1)
        let due = repeats.due(at: now.advanced(bySeconds: 60))
        #expect(due.map(\.count) == [10_000 - told.count])
        #expect(repeats.due(at: now.advanced(bySeconds: 120)).isEmpty)
        #expect(news(7, at: now.advanced(bySeconds: 121)))
    }

    @Test func `a reload that changes no service brings no news`() {
        var chronicle = Chronicle(cluster())
        _ = chronicle.happenings(decision(0, all), in: cluster())
        var next = cluster()
        next.services.removeLast()
        chronicle.adopt(next, after: cluster())
        let whole = decision(1, all)
        let rest = Decision(
            at: whole.at, services: Array(whole.services.prefix(1)), plan: Plan(), violations: [])
        #expect(chronicle.happenings(rest, in: next) == [])
    }

    @Test func `the newest happenings stay, with their numbers`() {
        var ring = HappeningRing()
        for index in 0..<5_000 {
            ring.append(
                [Happening(.follows, services: ["s\(index)"])], unixMilliseconds: UInt64(index))
        }
        let kept = ring.after(0)
        #expect(kept.count == HappeningRing.most)
        #expect(kept.last?.number == 5_000)
        #expect(ring.after(4_998).map(\.number) == [4_999, 5_000])
        #expect(ring.after(9_999) == [])
    }
}
