// poise simulate, on a scenario small enough for a test.

import Foundation
import Simulation
import Synchronization
import Testing

@testable import Control

struct SimulateTests {
    private static let tiny = """
        [tiny]
        title = four servers
        servers = 4
        warmup = 1s
        steady = 1s 3s
        event = 2s 4s
        length = 5s
        fault = slow 0 2s 4s 50%
        """

    /// Runs it with a file of that text, and says what was printed on the way.
    private func simulate(
        _ arguments: [String], text: String = tiny
    ) async throws -> (outcome: Outcome, lines: String) {
        let path = FileManager.default.temporaryDirectory.appending(path: "poise-\(UUID()).txt")
        try Data(text.utf8).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let printed = Mutex("")
        let outcome = await CommandLineRun(
            environment: { _ in nil }, isTerminal: false,
            fetch: { (socket, _, _, _) throws(Failure) in
                throw .unreachable(socket: socket, .noSuchFile)
            }, pause: { _ in },
            pipe: Pipe(write: { text in
                printed.withLock { $0 += text }
                return true
            })
        ).run(["simulate", "--file", path.path] + arguments)
        return (outcome, printed.withLock { $0 })
    }

    @Test func `JSON is an object a line and run, with the promised keys`() async throws {
        let (outcome, lines) = try await simulate([
            "--policies", "poise,static", "--schedulers", "sed", "--seeds", "2", "--json",
        ])
        #expect(outcome == Outcome())
        let objects = try lines.split(separator: "\n").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
        }
        #expect(objects.map { $0["policy"] as? String } == ["poise", "static", "poise", "static"])
        #expect(objects.map { $0["seed"] as? Int } == [1, 1, 2, 2])
        let keys: Set = [
            "scenario", "scheduler", "policy", "seed", "p50_ms", "p99_ms", "p999_ms", "bad_share",
            "event_bad_share", "settle_s", "back_s", "edits_per_s", "weight_variation",
        ]
        #expect(objects.allSatisfy { Set($0.keys) == keys })
        #expect(objects.allSatisfy { ($0["p99_ms"] as? Double ?? 0) > 20 })
        #expect(objects.allSatisfy { $0["back_s"] is NSNull && $0["settle_s"] is Double })
    }

    @Test func `a table has a row for each policy and scheduler`() async throws {
        let (outcome, lines) = try await simulate(["tiny", "--policies", "static,oracle"])
        #expect(lines.isEmpty)
        let rows = outcome.output.split(separator: "\n").map(String.init)
        #expect(rows.first == "tiny: four servers")
        #expect(rows.dropFirst().first?.hasPrefix("policy  scheduler  p50 ms") == true)
        let oracle = rows.first { $0.hasPrefix("oracle  swrr") }
        #expect(oracle?.contains(" 1.00 ") == true)
    }

    @Test func `a plot is a drawing of three panels`() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "poise-\(UUID()).svg")
        defer { try? FileManager.default.removeItem(at: path) }
        let (outcome, _) = try await simulate([
            "--policies", "poise", "--schedulers", "wrr", "--plot", path.path,
        ])
        #expect(outcome.status == .done)
        let drawing = try String(contentsOf: path, encoding: .utf8)
        #expect(drawing.hasPrefix("<svg ") && drawing.hasSuffix("</svg>\n"))
        // Four servers twice, and the latency.
        #expect(drawing.components(separatedBy: "<polyline").count - 1 == 9)
    }

    @Test(arguments: [
        (["S99"], "there is no scenario \"S99\""),
        (["--policies", "poisse"], "did you mean poise?"),
        (["--seeds", "0"], "--seeds takes 1 to 1000"),
        (
            ["--policies", "poise", "--schedulers", "jsq"],
            "these policies and schedulers do not go together"
        ),
    ])
    func `a wrong name is a usage error`(arguments: [String], what: String) async throws {
        let (outcome, _) = try await simulate(arguments)
        #expect(outcome.status == .usage)
        #expect(outcome.complaint.contains(what))
    }

    @Test func `a mistake in a file is named with its line`() async throws {
        let (outcome, _) = try await simulate(["tiny"], text: "[tiny]\nservers = many\n")
        #expect(outcome.status == .failed)
        #expect(outcome.complaint.contains(".txt:2: \"many\" is not a whole number"))
    }

    @Test func `the list names what there is`() async {
        let outcome = await poise(["simulate", "--list"])
        for name in ["S2b", "unimog_like", "swrr"] {
            #expect(outcome.output.contains("  \(name) "))
        }
        #expect(await poise(["simulate", "--text"]).output == Scenario.builtInText + "\n")
    }
}
