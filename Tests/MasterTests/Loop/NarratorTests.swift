// The log says what changes, once.

import Daemon
import IPVS
import Logging
import Protocol
import Testing

@testable import Master
@testable import Weighting

private let key = ServiceKey.address(.v4(0x0A00_0064), port: 80, .tcp)

private func destination(_ index: Int) -> DestinationKey {
    DestinationKey(address: .v4(UInt32(index)), port: 80)
}

private func cluster(_ count: Int) -> Cluster {
    Cluster(
        servers: (0..<count).map { Cluster.Server(name: "r\($0)") },
        services: [
            Cluster.Service(
                name: "web", key: key,
                members: (0..<count).map {
                    Cluster.Member(server: $0, destination: destination($0))
                })
        ])
}

private func decision(
    _ reasons: [Verdict.Reason], hold: Hold? = nil, kernel: Int = 5, weight: Int = 7,
    violations: [Invariants.Violation] = [], overridden: Int? = nil
) -> Decision {
    let verdicts = reasons.enumerated().map { index, reason in
        Verdict(
            server: index, destination: destination(index), kernel: kernel,
            weight: Weight(clamping: weight), reason: reason, overridden: overridden)
    }
    let steps = verdicts.filter { $0.reason == .follows }.map {
        Plan.Step.setWeight(
            service: key, destination: $0.destination, from: kernel, to: Weight(clamping: weight))
    }
    return Decision(
        at: Instant(nanoseconds: 0),
        services: [
            Decision.Service(scheduler: .known(.sed), hold: hold, verdicts: verdicts)
        ], plan: Plan(steps: steps), violations: violations)
}

/// What became of the decision's steps; without `results` all were done.
private func outcomes(
    _ decision: Decision, _ results: [StepOutcome.Result]? = nil
) -> [StepOutcome] {
    let steps = decision.plan.steps
    return zip(steps, results ?? steps.map { _ in .done })
        .map { StepOutcome(step: $0, result: $1) }
}

private func narrator(_ lines: Lines, isDryRun: Bool = false) -> Narrator {
    Narrator(logger: lines.logger, isDryRun: isDryRun)
}

@Test func `a state that lasts is told once, and its end is told`() {
    let lines = Lines()
    var narrator = narrator(lines)
    for _ in 0..<3 {
        narrator.tell(
            decision([.holds(.stale)], hold: .fewerThanHalfFresh), [], in: cluster(1))
    }
    #expect(lines.take() == ["notice: weights hold: \(Hold.fewerThanHalfFresh.text)"])
    for _ in 0..<3 {
        narrator.tell(decision([.withinDeadband]), [], in: cluster(1))
    }
    #expect(lines.take() == ["notice: weights follow load"])
}

@Test func `a report that is late now and then makes no line`() {
    let lines = Lines()
    var narrator = narrator(lines)
    narrator.tell(decision([.holds(.late), .withinDeadband]), [], in: cluster(2))
    #expect(lines.all.isEmpty)
}

@Test func `weights of one service make one line, however many they are`() {
    let lines = Lines()
    var narrator = narrator(lines)
    var made = decision([.follows, .withinDeadband, .follows])
    narrator.tell(made, outcomes(made), in: cluster(3))
    #expect(lines.take() == ["info: weights: r0 5→7, r2 5→7"])
    made = decision(Array(repeating: .follows, count: 20))
    narrator.tell(made, outcomes(made), in: cluster(20))
    #expect(lines.take().first?.hasSuffix("r15 5→7 and 4 more") == true)
}

@Test func `only weights that were written are told as written`() {
    let lines = Lines()
    var narrator = narrator(lines)
    let made = decision([.follows, .follows, .follows])
    let results: [StepOutcome.Result] = [.done, .alreadyThere, .changedMeanwhile(found: 9)]
    narrator.tell(made, outcomes(made, results), in: cluster(3))
    #expect(
        lines.all == [
            "info: weights: r0 5→7",
            "warning: weight 7 was not written: somebody else set the weight to 9 meanwhile; "
                + "the next tick decides anew",
        ])
}

@Test func `a dry run tells a weight when it moves beyond the dead band of the one told`() {
    let lines = Lines()
    var narrator = narrator(lines, isDryRun: true)
    var cluster = cluster(1)
    cluster.policy.deadband = 0.1
    for weight in [100, 100, 109, 110, 91, 111, 111, 105] {
        narrator.tell(decision([.follows], weight: weight), [], in: cluster)
    }
    #expect(
        lines.take()
            == ["would write weights: r0 5→100", "would write weights: r0 5→111"]
            .map { "info: \($0)" })
}

@Test func `a dry run tells a weight anew after it was near the kernel's again`() {
    let lines = Lines()
    var narrator = narrator(lines, isDryRun: true)
    for _ in 0..<2 {
        narrator.tell(decision([.follows]), [], in: cluster(1))
        #expect(lines.take() == ["info: would write weights: r0 5→7"])
        narrator.tell(decision([.withinDeadband], weight: 5), [], in: cluster(1))
        #expect(lines.take().isEmpty)
    }
}

@Test func `a failure that lasts is told once, and again after its end`() {
    let lines = Lines()
    var narrator = narrator(lines)
    let made = decision([.follows])
    let failed = "warning: weight 7 was not written: the service vanished from the table meanwhile"
    for _ in 0..<3 { narrator.tell(made, outcomes(made, [.serviceGone]), in: cluster(1)) }
    #expect(lines.take() == [failed])
    narrator.tell(decision([.withinDeadband]), [], in: cluster(1))
    narrator.tell(made, outcomes(made, [.serviceGone]), in: cluster(1))
    #expect(lines.take().isEmpty)
    narrator.tell(made, outcomes(made, [.destinationGone]), in: cluster(1))
    #expect(lines.take().count == 1)
    narrator.tell(made, outcomes(made), in: cluster(1))
    narrator.tell(made, outcomes(made, [.destinationGone]), in: cluster(1))
    #expect(lines.take().count == 2)
}

@Test func `a violation that lasts is told once`() {
    let lines = Lines()
    var narrator = narrator(lines)
    let violation = Invariants.Violation.zeroByLoad(key, destination(0))
    for _ in 0..<3 {
        narrator.tell(decision([.withinDeadband], violations: [violation]), [], in: cluster(1))
    }
    #expect(lines.all == ["error: a plan was refused by its own check: \(violation.text)"])
}

@Test func `trouble that lasts is told once, and its end, each kind on its own`() throws {
    let lines = Lines()
    var narrator = narrator(lines)
    let address = try #require(SocketAddress("10.0.0.1:7817"))
    for _ in 0..<3 {
        narrator.begins(.table, Refused(description: "no answer"))
        narrator.begins(.reception(address), Refused(description: "no memory"))
    }
    #expect(
        lines.take() == [
            "error: the table cannot be read: no answer",
            "error: reports cannot be received on 10.0.0.1:7817: no memory",
        ])
    #expect(
        narrator.standingTrouble
            == "reports cannot be received on 10.0.0.1:7817: no memory; "
            + "the table cannot be read: no answer")
    for _ in 0..<3 { narrator.ends(.table) }
    #expect(lines.take() == ["notice: the table can be read again"])
    #expect(
        narrator.standingTrouble == "reports cannot be received on 10.0.0.1:7817: no memory")
    narrator.ends(.reception(address))
    #expect(lines.take() == ["notice: reports can be received on 10.0.0.1:7817 again"])
    #expect(narrator.standingTrouble == nil)
}

@Test func `one late tick makes no line, and repeats none`() {
    let lines = Lines()
    var narrator = narrator(lines)
    narrator.tell(decision([.holds(.stale)]), [], in: cluster(1))
    #expect(lines.take().count == 1)
    narrator.tell(decision([.holds(.stale)], hold: .masterLate), [], in: cluster(1))
    narrator.tell(decision([.holds(.stale)]), [], in: cluster(1))
    #expect(lines.take().isEmpty)
    for _ in 0..<9 {
        narrator.tell(decision([.holds(.stale)], hold: .masterLate), [], in: cluster(1))
    }
    #expect(lines.take() == ["warning: \(Hold.masterLate.text)"])
}

@Test func `a hand on the wheel is told`() {
    let lines = Lines()
    var narrator = narrator(lines)
    narrator.tell(decision([.holds(.late)], kernel: 10, overridden: 1000), [], in: cluster(1))
    #expect(
        lines.take()
            == ["notice: somebody else set the weight to 10, which was 1000; it stays"])
}

@Test func `a drain is told when it begins, changes and ends, also where the service holds`() {
    let lines = Lines()
    var narrator = narrator(lines)
    let file = DrainCause(state: .draining, reason: .maintenanceFile)
    let down = DrainCause(state: .down, reason: .notListening)
    func tell(_ reasons: Verdict.Reason...) -> [String] {
        for _ in 0..<2 {
            narrator.tell(decision(reasons, hold: .tooIdle), [], in: cluster(reasons.count))
        }
        return lines.take().filter { !$0.contains("weights hold") }
    }
    #expect(
        tell(.drains(file), .holds(.lastOnes(down))) == [
            "notice: drains: the agent says draining (maintenance file)",
            "warning: does not drain: \(Hold.lastOnes(down).text)",
        ])
    #expect(
        tell(.drains(down), .holds(.tooIdle)) == [
            "notice: drains: the agent says down (not listening)"
        ])
    #expect(
        tell(.returns(down), .holds(.tooIdle)) == [
            "notice: the drain is over: \(Verdict.Reason.returns(down).text)"
        ])
    #expect(tell(.holds(.lastOnes(down)), .holds(.tooIdle)) == [])
    #expect(tell(.drains(down), .holds(.tooIdle)).count == 1)
    #expect(
        tell(.returns(nil), .holds(.tooIdle)) == [
            "notice: the drain is over: \(Verdict.Reason.returns(nil).text)"
        ])
    #expect(tell(.holds(.tooIdle), .holds(.tooIdle)) == [])
}

private struct Refused: Error, CustomStringConvertible {
    let description: String
}
