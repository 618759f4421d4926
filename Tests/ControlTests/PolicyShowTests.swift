// poise policy show and check: every knob, what files come to, and what is wrong with them.

import Foundation
import Testing
import Weighting

@testable import Control

struct PolicyShowTests {
    @Test func `every knob is shown with its bounds and its help`() async {
        let outcome = await poise(["policy", "show", "--defaults"])
        #expect(outcome.status == .done && outcome.complaint == "")
        let rows = outcome.output.split(separator: "\n")
        #expect(rows.first?.hasPrefix("KEY") == true)
        for (row, knob) in zip(rows.dropFirst(), Policy.knobs) {
            #expect(row.hasPrefix("\(knob.key) ") && row.hasSuffix(knob.help))
        }
        #expect(rows.count == Policy.knobs.count + 1)
    }

    @Test func `programs get numbers`() async throws {
        let outcome = await poise(["policy", "show", "--defaults", "-o", "json"])
        let document = try #require(
            JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        let knobs = try #require(document["knobs"] as? [[String: Any]])
        #expect(knobs.map { $0["key"] as? String } == Policy.knobs.map(\.key))
        let gain = try #require(knobs.first { $0["key"] as? String == "gain" })
        #expect(gain["value"] as? Double == 0.75 && gain["default"] as? Double == 0.75)
        #expect(gain["unit"] as? String == "factor")
    }

    private func row(_ key: String, _ outcome: Outcome) -> [Substring] {
        outcome.output.split(separator: "\n").first { $0.hasPrefix("\(key) ") }?
            .split(separator: " ").prefix(3).map { $0 } ?? []
    }

    @Test func `a later file is set over an earlier one`() async throws {
        let folder = try Scratch()
        try folder.write("a.yaml", "gain: 0.5\nlimits: {rise: 2}\n")
        try folder.write("b.yaml", "limits: {rise: 3}\n")
        let outcome = await poise(
            ["policy", "show", "\(folder.path)/a.yaml", "\(folder.path)/b.yaml"])
        #expect(row("gain", outcome) == ["gain", "0.5", "0.75"])
        #expect(row("limits.rise", outcome) == ["limits.rise", "3", "1.5"])
    }

    @Test func `the policy in force is found by the master's file`() async throws {
        let folder = try Scratch()
        try folder.write("master.yaml", "version: 1\npolicy: mine.yaml\n")
        try folder.write("mine.yaml", "gain: 0.5\n")
        try folder.write("policies.d/calm.yaml", "deadband: 10%\n")
        let config = ["--config", "\(folder.path)/master.yaml"]
        let common = await poise(["policy", "show"] + config)
        #expect(row("gain", common) == ["gain", "0.5", "0.75"])
        #expect(row("deadband", common) == ["deadband", "5%", "5%"])
        let named = await poise(["policy", "show", "--effective", "--name", "calm"] + config)
        #expect(row("gain", named) == ["gain", "0.5", "0.75"])
        #expect(row("deadband", named) == ["deadband", "10%", "5%"])
        let unknown = await poise(["policy", "show", "--name", "clam"] + config)
        #expect(
            unknown.complaint
                == "poise: there is no policy \"clam\"; did you mean calm? (calm)\n")
        #expect(unknown.status == .failed)
    }

    @Test func `without files the policy has its standard values`() async throws {
        let folder = try Scratch()
        try folder.write("master.yaml", "version: 1\n")
        let outcome = await poise(["policy", "show", "--config", "\(folder.path)/master.yaml"])
        #expect(row("gain", outcome) == ["gain", "0.75", "0.75"])
        let absent = await poise(["policy", "show", "--config", "\(folder.path)/none.yaml"])
        #expect(absent.status == .configurationInvalid && !absent.complaint.isEmpty)
    }

    @Test func `the policy in force for a service is asked for, and shown as the files have it`()
        async throws
    {
        let folder = try Scratch()
        try folder.write("master.yaml", "version: 1\n")
        try folder.write("policies.d/calm.yaml", "gain: 0.2\n")
        var snapshot = Sample.snapshot
        snapshot.services[0].policy = Snapshot.PolicyInForce(
            name: "calm", window: "sat-sun 00:00-24:00", hasWindows: true,
            untilUnixMilliseconds: 1_000, until: "mon 2026-11-23 00:00 +01:00")
        func show(_ service: String, _ more: [String] = []) async -> Outcome {
            await poise(
                ["policy", "show", "--service", service, "--config", "\(folder.path)/master.yaml"]
                    + more, answers: [AdminAPI.snapshotPath: snapshot])
        }
        let web = await show("web")
        #expect(
            web.output.hasPrefix(
                "web: the policy calm is in force, in the window sat-sun 00:00-24:00, until mon "
                    + "2026-11-23 00:00 +01:00\nKEY"))
        #expect(row("gain", web) == ["gain", "0.2", "0.75"])
        #expect(await show("dns").output.hasPrefix("dns: the common policy is in force\n"))
        #expect(await show("web", ["-o", "json"]).output.contains(#""name":"calm""#))
        #expect(await show("wob").status == .failed)
        let unreachable = await poise(
            ["policy", "show", "--service", "web", "--config", "\(folder.path)/master.yaml"],
            answers: [:])
        #expect(unreachable.status == .masterUnreachable)
    }

    @Test(arguments: [
        ["--defaults", "--effective"], ["--defaults", "a.yaml"], ["--defaults", "--name", "a"],
        ["--name", "a", "a.yaml"], ["--service", "a", "--defaults"], ["--service", "a", "a.yaml"],
        ["--service", "a", "--name", "a"],
    ])
    func `flags that contradict each other are refused`(arguments: [String]) async {
        #expect(await poise(["policy", "show"] + arguments).status == .usage)
    }

    @Test func `valid files are counted`() async throws {
        let folder = try Scratch()
        try folder.write("a.yaml", "gain: 0.5\n")
        try folder.write("b.yaml", "# nothing\n")
        let outcome = await poise(
            ["policy", "check", "\(folder.path)/a.yaml", "\(folder.path)/b.yaml"])
        #expect(outcome == Outcome(output: "valid: 2 policy files\n"))
    }

    @Test func `every problem of every file is told in one run`() async throws {
        let folder = try Scratch()
        try folder.write("a.yaml", "gian: 0.5\ndeadband: 5\nlimits: {rise: fast}\n")
        try folder.write("b.yaml", "interval: 0.5\ngain: 9\n")
        try folder.write("c.yaml", "gain: 2\ninterval: 4s\n")
        try folder.write("d.yaml", "gain: 4\n")
        let files = ["a", "b", "c", "d"].map { "\(folder.path)/\($0).yaml" }
        let outcome = await poise(["policy", "check"] + files)
        #expect(outcome.status == .configurationInvalid)
        try expectGolden(
            "policy-check.txt", outcome.output.replacing("\(folder.path)/", with: ""))
        let json = await poise(["policy", "check", "-o", "json"] + files)
        #expect(json.status == .configurationInvalid)
        #expect(json.output.contains("\"errors\":5,\"ok\":false"))
        #expect(json.output.contains("\"warnings\":2"))
    }
}
