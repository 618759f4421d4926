// What poise prints, against golden files: tables, explanations, JSON, colours.

import Foundation
import Testing

@testable import Control
@testable import Weighting

@Suite struct ScreenTests {
    @Test(arguments: [
        ("ls.txt", ["ls"]), ("ls-wide.txt", ["ls", "-o", "wide"]), ("ls-dns.txt", ["ls", "dns"]),
        ("explain-near.txt", ["explain", "web/r1"]),
        ("explain-follows.txt", ["explain", "web/r2"]),
        ("explain-failed.txt", ["explain", "web/r3"]),
        ("explain-stale.txt", ["explain", "web/r4"]),
        ("explain-absent.txt", ["explain", "dns/r1"]),
    ])
    func `a screen is as its golden file has it`(name: String, arguments: [String]) async throws {
        let outcome = await run(arguments)
        #expect(outcome.status == .done)
        #expect(outcome.complaint == "")
        try expectGolden(name, outcome.output)
    }

    @Test(arguments: [
        ("ls-drains.txt", ["ls", "-o", "wide"]), ("explain-drains.txt", ["explain", "web/r1"]),
        ("explain-last-ones.txt", ["explain", "web/r2"]),
        ("explain-returns.txt", ["explain", "web/r3"]),
    ])
    func `drains say who asked, and what would end them`(
        name: String, arguments: [String]
    ) async throws {
        var snapshot = Sample.snapshot
        snapshot.services = [Sample.draining]
        try await expectGolden(
            name, run(arguments, [AdminAPI.snapshotPath: snapshot]).output)
    }

    @Test func `a shadow has a column in the wide list, and a sentence in explain`() async {
        var snapshot = Sample.snapshot
        snapshot.services[0].shadow = "calm"
        snapshot.services[0].members[0].shadow = Snapshot.Shadow(
            weight: 733, reason: .init(code: "follows", text: "follows load"), chain: nil)
        let answers = [AdminAPI.snapshotPath: snapshot]
        let rows = await run(["ls", "-o", "wide"], answers).output.split(separator: "\n")
        #expect(rows.filter { $0.contains(" Shadow ") }.count == 1)
        #expect(rows.filter { $0.contains(" 733 ") }.count == 1)
        #expect(!(await run(["ls"], answers).output.contains("Shadow")))
        #expect(
            await run(["explain", "web/r1"], answers).output.hasSuffix(
                "\nUnder the policy calm it would have weight 733: follows load.\n"))
    }

    @Test func `checks have a column in the wide list, and a line each in explain`() async {
        var snapshot = Sample.snapshot
        snapshot.services[0].members[0].checks = [
            Snapshot.Check(name: "tcp 10.0.0.1:80", isUp: true, text: "connected", ageSeconds: 0.3),
            Snapshot.Check(
                name: "http 10.0.0.1:80", isUp: false, text: "status 500\u{1B}[2J", ageSeconds: 1),
            Snapshot.Check(name: "icmp 10.0.0.1", isUp: nil, text: nil, ageSeconds: nil),
        ]
        snapshot.services[0].members[1].checks = [
            Snapshot.Check(name: "tcp 10.0.0.2:80", isUp: true, text: "connected", ageSeconds: 0.3)
        ]
        let answers = [AdminAPI.snapshotPath: snapshot]
        let rows = await run(["ls", "-o", "wide"], answers).output.split(separator: "\n")
        #expect(rows.filter { $0.contains(" Check ") }.count == 1)
        #expect(rows.filter { $0.contains(" down: http ") }.count == 1)
        #expect(rows.filter { $0.contains(" up ") && !$0.contains("down:") }.count > 0)
        #expect(!(await run(["ls"], answers).output.contains("Check")))
        let explained = await run(["explain", "web/r1"], answers).output
        for line in [
            "The check tcp 10.0.0.1:80 is up: connected, 0.3 s ago.",
            "The check http 10.0.0.1:80 is down: status 500", "1.0 s ago.",
            "The check icmp 10.0.0.1 is not decided yet.",
        ] {
            #expect(explained.contains(line), "\(line)")
        }
        #expect(!explained.contains("\u{1B}"))
    }

    @Test func `explain says which policy is in force, and until when`() async {
        var snapshot = Sample.snapshot
        var policy = Snapshot.PolicyInForce(
            name: "calm", window: "sat-sun 00:00-24:00", hasWindows: true,
            untilUnixMilliseconds: 1_793_000_000_000, until: "mon 2026-11-23 00:00 +01:00")
        func lastLine() async -> Substring? {
            snapshot.services[0].policy = policy
            return await run(["explain", "web/r1"], [AdminAPI.snapshotPath: snapshot]).output
                .split(separator: "\n").last
        }
        #expect(
            await lastLine()
                == "The policy calm is in force, in the window sat-sun 00:00-24:00, until mon "
                + "2026-11-23 00:00 +01:00.")
        (policy.name, policy.window) = (nil, nil)
        #expect(
            await lastLine()
                == "The common policy is in force, outside of all windows, until mon "
                + "2026-11-23 00:00 +01:00.")
        policy = Snapshot.PolicyInForce(
            name: "calm", window: nil, hasWindows: false, untilUnixMilliseconds: nil, until: nil)
        #expect(await lastLine() == "The policy calm is in force.")
    }

    @Test func `notes on the table and the dry run come first`() async throws {
        var snapshot = Sample.snapshot
        snapshot.master.trouble = "the table cannot be read: no answer"
        snapshot.master.reloadRefused = "the files were refused"
        snapshot.master.dryRun = true
        snapshot.master.table = "memory"
        let answers = [AdminAPI.snapshotPath: snapshot]
        for arguments in [["ls"], ["explain", "web/r1"]] {
            let lines = await run(arguments, answers).output.split(separator: "\n").prefix(4)
            #expect(
                Array(lines) == [
                    "Trouble: the table cannot be read: no answer",
                    "Reload: the files were refused",
                    "Dry run: the master writes nothing.",
                    "The table is inside the master; the kernel's is not touched.",
                ])
        }
    }

    @Test func `a dry run's last sentence says that nothing was written`() async {
        var snapshot = Sample.snapshot
        snapshot.master.dryRun = true
        let wanted = snapshot.services[0].members[1].wanted ?? 0
        snapshot.services[0].members[1].weight = 1000
        let outcome = await run(["explain", "web/r2"], [AdminAPI.snapshotPath: snapshot])
        #expect(
            outcome.output.hasSuffix(
                "The kernel holds weight 1000, wanted is \(wanted), not written in a dry run: "
                    + "follows load.\n"))
    }

    @Test func `the JSON of ls is the API's snapshot`() async throws {
        let outcome = await poise(["ls", "-o", "json"])
        #expect(outcome.output.hasPrefix(#"{"agents":[],"format":1,"master":{"#))
        #expect(outcome.output.last == "\n")
        #expect(outcome.output.filter { $0 == "\n" }.count == 1)
        let decoded = try JSONDecoder().decode(Snapshot.self, from: Data(outcome.output.utf8))
        #expect(decoded == Sample.snapshot)
    }

    @Test func `the JSON of one service holds that service`() async throws {
        let outcome = await poise(["ls", "dns", "-o", "json"])
        let decoded = try JSONDecoder().decode(Snapshot.self, from: Data(outcome.output.utf8))
        #expect(decoded.services == [Sample.dns])
    }

    @Test func `the JSON of explain is the member`() async throws {
        let outcome = await poise(["explain", "web/r3", "-o", "json"])
        let decoded = try JSONDecoder().decode(
            Snapshot.Member.self, from: Data(outcome.output.utf8))
        #expect(decoded == Sample.web.members[2])
    }

    @Test func `JSON has line breaks on a terminal only`() async {
        let outcome = await poise(["ls", "-o", "json"], isTerminal: true)
        #expect(outcome.output.contains("{\n  \"agents\""))
    }

    @Test func `a pipe gets no escape byte, whatever the names hold`() async {
        var snapshot = Sample.snapshot
        snapshot.services[0].members[0].state = "\u{1B}[31mup\u{7}"
        snapshot.services[0].members[0].failure = "\u{9B}2J"
        snapshot.master.trouble = "\u{1B}c"
        snapshot.master.reloadRefused = "\u{1B}d"
        let json = await run(["ls", "-o", "json"], [AdminAPI.snapshotPath: snapshot]).output
        #expect(!json.contains("\u{1B}"))
        for arguments in [["ls"], ["ls", "-o", "wide"], ["explain", "web/r1"]] {
            let output = await run(arguments, [AdminAPI.snapshotPath: snapshot]).output
            #expect(!output.isEmpty)
            #expect(
                output.unicodeScalars.allSatisfy {
                    $0 == "\n" || $0.properties.generalCategory != .control
                })
        }
    }

    @Test func `a terminal gets colours, unless it is told not to`() async {
        let plain = await poise(["ls"])
        let coloured = await poise(["ls"], isTerminal: true)
        #expect(coloured.output.contains("\u{1B}[1mweb\u{1B}[0m"))
        for environment in [["NO_COLOR": "1"], ["TERM": "dumb"]] {
            let outcome = await poise(["ls"], isTerminal: true, environment: environment)
            #expect(outcome == plain)
        }
        #expect(await poise(["ls"], isTerminal: true, environment: ["NO_COLOR": ""]) == coloured)
    }

    @Test func `without services the list says what to do`() async {
        var snapshot = Sample.snapshot
        snapshot.services = []
        let outcome = await run(["ls"], [AdminAPI.snapshotPath: snapshot])
        #expect(outcome.output == "No service is configured; name some in services.d/.\n")
    }

    private func run(
        _ arguments: [String],
        _ answers: [String: Snapshot] = [AdminAPI.snapshotPath: Sample.snapshot]
    ) async -> Outcome {
        await poise(arguments, answers: answers)
    }
}
