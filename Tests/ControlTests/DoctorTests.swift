// poise doctor: each finding from its counters, and its words against a golden file.

import Foundation
import Synchronization
import Testing
import Weighting

@testable import Control

private typealias Finding = Diagnosis.Finding

/// What the master showed: one agent's counters, and everybody's.
private struct Look {
    var name = "r1"
    var accepted: UInt64 = 0
    var age: Double?
    var refusals: [String: UInt64] = [:]
    var total: [String: UInt64] = [:]
    var dropped: UInt64?
    var isDuplicate: Bool?
    var trouble: String?
    var lacksServer: Bool?
    var state: String?
    /// Sent, answered, and the newest answer's milliseconds.
    var probes: (UInt64, UInt64, Double?)?

    func snapshot(atSeconds uptime: Double) -> Snapshot {
        var snapshot = Sample.snapshot
        snapshot.master.uptimeSeconds = uptime
        snapshot.master.trouble = trouble
        snapshot.agents = [
            .init(
                name: name, accepted: accepted, refusals: refusals, reportAgeSeconds: age,
                intervalMilliseconds: age.map { _ in 500 }, isDuplicate: isDuplicate,
                lacksServer: lacksServer)
        ]
        snapshot.agents[0].state = state
        snapshot.agents[0].probesSent = probes?.0
        snapshot.agents[0].probesAnswered = probes?.1
        snapshot.agents[0].roundTripMilliseconds = probes?.2
        snapshot.refusals = total
        snapshot.master.droppedByKernel = dropped
        return snapshot
    }
}

/// A finding with the two looks that lead to it.
private struct Case: CustomTestStringConvertible {
    let finding: Finding
    var before = Look()
    let after: Look
    var agent = "r1"

    var testDescription: String { finding.rawValue }

    static let heard = Look(accepted: 120, age: 0.3)

    static let all: [Case] = [
        Case(
            finding: .fine, before: Look(accepted: 118, age: 0.3, refusals: ["late": 3]),
            after: Look(accepted: 120, age: 0.3, refusals: ["late": 3])),
        Case(finding: .notConfigured, after: heard, agent: "r7"),
        Case(
            finding: .noServer, before: Look(name: "r33", accepted: 118, lacksServer: true),
            after: Look(name: "r33", accepted: 120, lacksServer: true), agent: "r33"),
        Case(
            finding: .receptionFails,
            after: Look(trouble: "reports cannot be received on [::]:7817: no memory")),
        Case(
            finding: .duplicateIdentity, before: heard,
            after: Look(
                accepted: 124, age: 0.1, refusals: ["challenged": 9, "duplicate_identity": 1],
                isDuplicate: true)),
        Case(
            finding: .notEntitled, before: heard,
            after: Look(accepted: 122, age: 0.1, refusals: ["not_entitled": 2])),
        Case(
            finding: .staleSample, before: heard,
            after: Look(accepted: 122, age: 0.1, refusals: ["stale_sample": 2])),
        Case(
            finding: .neverChallenged, before: Look(refusals: ["challenged": 40]),
            after: Look(refusals: ["challenged": 42])),
        Case(finding: .badMAC, after: Look(refusals: ["bad_mac": 2])),
        Case(
            finding: .replayed, before: Look(accepted: 50, age: 30, refusals: ["late": 4]),
            after: Look(accepted: 50, age: 31, refusals: ["late": 6])),
        Case(finding: .malformed, after: Look(refusals: ["malformed": 2])),
        Case(finding: .otherVersion, after: Look(total: ["version": 2])),
        Case(
            finding: .unknownKey, before: Look(total: ["unknown_locator": 10]),
            after: Look(total: ["unknown_locator": 12])),
        Case(finding: .droppedByKernel, before: Look(dropped: 5), after: Look(dropped: 900)),
        Case(
            finding: .nothingArrives, before: Look(total: ["unknown_locator": 10]),
            after: Look(total: ["unknown_locator": 10])),
        Case(
            finding: .fellSilent, before: Look(accepted: 50, age: 30),
            after: Look(accepted: 50, age: 31)),
        Case(
            finding: .answersNoProbe, before: Look(accepted: 50, age: 30, probes: (15, 3, 0.42)),
            after: Look(accepted: 50, age: 31, probes: (16, 3, 0.42))),
        Case(
            finding: .reportsLost, before: Look(accepted: 900, age: 0.9, probes: (40, 30, 0.42)),
            after: Look(accepted: 902, age: 0.2, probes: (42, 31, 0.38))),
    ]
}

@Suite struct DoctorTests {
    @Test(arguments: Case.all)
    private func `each finding follows from its counters`(_ look: Case) throws {
        let diagnosis = Diagnosis(
            of: look.agent, earlier: look.before.snapshot(atSeconds: 60),
            later: look.after.snapshot(atSeconds: 61))
        #expect(diagnosis.finding == look.finding)
        try expectGolden("doctor/\(look.finding.rawValue).txt", diagnosis.text(.plain))
    }

    @Test func `there is a case for every finding`() {
        #expect(Set(Case.all.map(\.finding)) == Set(Finding.allCases))
    }

    @Test func `an agent with a long interval is judged by what happened before`() {
        let look = Look(refusals: ["bad_mac": 3])
        let diagnosis = Diagnosis(
            of: "r1", earlier: look.snapshot(atSeconds: 60), later: look.snapshot(atSeconds: 61))
        #expect(diagnosis.finding == .badMAC)
    }

    @Test func `an agent that said goodbye is not asked, and old probes say nothing of it`() {
        let look = Look(accepted: 50, age: 30, state: "leaving", probes: (9, 3, nil))
        let diagnosis = Diagnosis(
            of: "r1", earlier: look.snapshot(atSeconds: 60), later: look.snapshot(atSeconds: 61))
        #expect(diagnosis.finding == .fellSilent)
    }

    @Test func `an agent between two reports is heard`() {
        let look = Look(accepted: 50, age: 1.2)
        let diagnosis = Diagnosis(
            of: "r1", earlier: look.snapshot(atSeconds: 60), later: look.snapshot(atSeconds: 61))
        #expect(diagnosis.finding == .fine)
    }

    @Test func `a master that restarted in between counts from zero`() {
        let before = Look(accepted: 500, age: 0.2, refusals: ["challenged": 100])
        let diagnosis = Diagnosis(
            of: "r1", earlier: before.snapshot(atSeconds: 60),
            later: Look(refusals: ["challenged": 2]).snapshot(atSeconds: 0.9))
        #expect(diagnosis.finding == .neverChallenged)
        #expect(diagnosis.seen.contains("in 0.9 s: 2 counted as challenged"))
    }

    @Test func `the command looks twice and exits with 1 when something is wrong`() async throws {
        let looks = Mutex([
            Look(refusals: ["bad_mac": 3]).snapshot(atSeconds: 1),
            Look(refusals: ["bad_mac": 7]).snapshot(atSeconds: 3),
        ])
        let run = CommandLineRun(
            environment: { _ in nil }, isTerminal: false,
            fetch: { (_, _, _, _) throws(Failure) in
                let look = looks.withLock { $0.isEmpty ? Sample.snapshot : $0.removeFirst() }
                return [UInt8]((try? JSONEncoder().encode(look)) ?? Data())
            }, pause: { seconds in #expect(seconds == 2) })
        let outcome = await run.run(["doctor", "r1", "--watch", "2", "-o", "json"])
        #expect(outcome.status == .failed)
        #expect(outcome.output.contains(#""finding":"bad_mac""#))
        #expect(outcome.output.contains("in 2.0 s: 4 counted as bad_mac"))
        #expect(looks.withLock { $0.isEmpty })
        #expect(await poise(["doctor", "r1", "--watch", "0"]).status == .usage)
    }
}
