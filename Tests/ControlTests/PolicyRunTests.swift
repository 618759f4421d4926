// poise policy run: the example of the docs, bad lines among good ones, and the loop closed.

import Foundation
import Synchronization
import Testing

@testable import Control

/// Runs poise with a text on standard input; its lines on standard output, and how it ended.
func poise(_ arguments: [String], input: String) async -> (lines: [String], outcome: Outcome) {
    let rest = Mutex(Array(input.utf8)[...])
    let written = Mutex("")
    let outcome = await CommandLineRun(
        environment: { _ in nil }, isTerminal: false,
        fetch: { (socket, _, _, _) throws(Failure) in
            throw .unreachable(socket: socket, .noSuchFile)
        }, pause: { _ in },
        pipe: Pipe(
            read: {
                rest.withLock { rest in
                    defer { rest = rest.dropFirst(1000) }
                    return Array(rest.prefix(1000))
                }
            },
            write: { text in
                written.withLock { $0 += text }
                return true
            })
    ).run(arguments)
    let lines = written.withLock { $0.split(separator: "\n").map(String.init) }
    return (lines, outcome)
}

struct PolicyRunTests {
    private static let run = ["policy", "run", "--scheduler", "sed", "--members", "2"]

    private func tick(_ t: Double) -> String { "{\"t\":\(t),\"event\":\"tick\"}\n" }

    /// Two reports of an interval of half a second, as the counters stand at its end.
    private func reports(_ t: Double, cpu: [Double], requests: [Double]) -> String {
        cpu.indices.map { place in
            "{\"t\":\(t),\"event\":\"report\",\"member\":\(place + 1),"
                + "\"requests\":\(requests[place]),\"cpu\":\(cpu[place])}\n"
        }.joined()
    }

    @Test func `the example in the docs is what comes out`() async throws {
        let page = try String(
            contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "docs/policy.md"), encoding: .utf8)
        let blocks = page.matches(of: /```jsonl\n((?:.*\n)*?)```/).map { String($0.1) }
        try #require(blocks.count == 2)
        let (lines, outcome) = await poise(Self.run, input: blocks[0])
        #expect(outcome == Outcome())
        #expect(lines == blocks[1].split(separator: "\n").map(String.init))
    }

    @Test func `a server that is busier for the same work gets less`() async throws {
        var input = ""
        for interval in 0...60 {
            let t = Double(interval) / 2
            input += reports(t, cpu: [0.2 * t, 0.5 * t], requests: [100 * t, 100 * t]) + tick(t)
        }
        let (lines, outcome) = await poise(Self.run, input: input)
        #expect(outcome == Outcome())
        #expect(lines.count == 61)
        #expect(lines[0].contains("\"hold\":\"fewer_than_half_fresh\""))
        let last = try #require(lines.last?.firstMatch(of: /"weights":\[(\d+),(\d+)\]/))
        let (first, second) = (try #require(Double(last.1)), try #require(Double(last.2)))
        #expect(first > 1.2 * second && first + second > 1500)
    }

    @Test func `bad lines are answered in order, and change nothing`() async throws {
        let good = (0...8).map { interval in
            let t = Double(interval) / 2
            return reports(t, cpu: [0.2 * t, 0.4 * t], requests: [90 * t, 80 * t]) + tick(t)
        }
        let bad = [
            "hello", "{\"t\":1}", "{\"event\":\"tick\"}", "{\"t\":1,\"event\":\"tock\"}",
            "{\"t\":-1,\"event\":\"tick\"}", "{\"t\":1e10,\"event\":\"tick\"}",
            "{\"t\":\"1\",\"event\":\"tick\"}", "{\"t\":9,\"event\":\"report\"}",
            "{\"t\":9,\"event\":\"report\",\"member\":3}",
            "{\"t\":9,\"event\":\"report\",\"member\":0}",
            "{\"t\":9,\"event\":\"report\",\"member\":1.5}",
            "{\"t\":9,\"event\":\"report\",\"member\":1,\"state\":\"upp\"}",
            "{\"t\":9,\"event\":\"report\",\"member\":1,\"weights\":[1,2]}",
            "{\"t\":9,\"event\":\"tick\",\"member\":1}",
            "{\"t\":9,\"event\":\"tick\",\"weights\":[1]}",
            "{\"t\":9,\"t\":9,\"event\":\"tick\"}",
            "{\"t\":9,\"event\":\"tick\",\"wieghts\":[1,2]}",
        ]
        let (clean, _) = await poise(Self.run, input: good.joined())
        for text in bad {
            let mixed = good[..<4].joined() + text + "\n" + good[4...].joined()
            let (lines, outcome) = await poise(Self.run, input: mixed)
            #expect(outcome == Outcome())
            try #require(lines.count == clean.count + 1, "\(text)")
            #expect(lines[4].hasPrefix("{\"error\":") && lines[4].hasSuffix("\"line\":13}"))
            #expect(lines[..<4] + lines[5...] == clean[...])
        }
    }

    @Test func `time never goes back`() async {
        let (lines, _) = await poise(Self.run, input: tick(2) + tick(1) + "\n" + tick(2))
        #expect(lines.count == 3)
        #expect(lines[1] == "{\"error\":\"t goes back, from 2.0 to 1.0\",\"line\":2}")
    }

    @Test func `chains come when they are asked for`() async throws {
        let input = (0...4).map { interval in
            let t = Double(interval) / 2
            return reports(t, cpu: [0.2 * t, 0.4 * t], requests: [90 * t, 80 * t]) + tick(t)
        }
        let (lines, _) = await poise(Self.run + ["--chains"], input: input.joined())
        let last = try #require(lines.last)
        let answer = try JSONSerialization.jsonObject(with: Data(last.utf8)) as? [String: Any]
        let chains = try #require(answer?["chains"] as? [[String: Any]])
        #expect(chains.count == 2 && chains[0]["capacity"] is Double)
    }

    @Test(arguments: [
        ["--members", "0", "--scheduler", "sed"], ["--members", "1001", "--scheduler", "sed"],
        ["--members", "2", "--scheduler", "sedd"], ["--members", "2"],
    ])
    func `a wrong call is refused`(arguments: [String]) async {
        let (lines, outcome) = await poise(["policy", "run"] + arguments, input: "")
        #expect(lines == [] && outcome.status == .usage)
    }

    @Test func `a policy that is not valid is refused with its place`() async throws {
        let folder = try Scratch()
        try folder.write("p.yaml", "gian: 1\n")
        let (_, outcome) = await poise(
            Self.run + ["--policy", "\(folder.path)/p.yaml"], input: "")
        #expect(outcome.status == .configurationInvalid)
        #expect(outcome.complaint.contains("p.yaml:1:1: error: unknown key \"gian\""))
    }
}
