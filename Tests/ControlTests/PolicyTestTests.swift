// poise policy test: the shipped examples pass, and a changed expectation fails with its place.

import Foundation
import Settings
import Testing

@testable import Control

/// A folder that is gone when the test is over.
final class Scratch {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory.appending(path: "poise-\(UUID().uuidString)")
            .path
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ name: String, _ text: String) throws {
        let file = URL(filePath: path).appending(path: name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }
}

struct PolicyTestTests {
    private static let examples = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "deploy/examples/policy")

    static let names = (try? FileManager.default.contentsOfDirectory(atPath: examples.path)) ?? []

    @Test func `there are examples`() { #expect(Self.names.count >= 3) }

    @Test(arguments: names)
    func `a shipped example passes`(name: String) async {
        let outcome = await poise(["policy", "test", Self.examples.appending(path: name).path])
        #expect(outcome.status == .done, "\(outcome.output)\(outcome.complaint)")
        #expect(outcome.output.hasSuffix(" passed\n") && outcome.complaint == "")
    }

    private static let file = """
        tests:
          - name: both are alike
            scheduler: sed
            members: {r1: 1, r2: 1}
            series:
              r1: {requests: 100, utilisation: 30%}
              r2: {requests: 100, utilisation: 30%}
            expect:
              - {at: 10s, weights: {r1: 950..1050, r2: 950..1050}}
              - {at: 10s, shares: {r1: 45%..55%}, reasons: {r2: within_deadband}}

        """

    private func run(_ text: String) async throws -> Outcome {
        let folder = try Scratch()
        try folder.write("t.yaml", text)
        var outcome = await poise(["policy", "test", "\(folder.path)/t.yaml"])
        outcome.output = outcome.output.replacing("\(folder.path)/", with: "")
        outcome.complaint = outcome.complaint.replacing("\(folder.path)/", with: "")
        return outcome
    }

    @Test func `the test without a change passes`() async throws {
        #expect(
            try await run(Self.file)
                == Outcome(output: "PASS  t.yaml: both are alike\n1 passed\n"))
    }

    @Test(arguments: [
        ("r2: 950..1050}}", "r2: 200..300}}", "t.yaml:9:48: error: r2 has weight 1000 at 10s"),
        ("r1: 45%..55%", "r1: 0%..5%", "t.yaml:10:32: error: r1 has 50% of the weights at 10s"),
        ("within_deadband", "drains", "t.yaml:10:57: error: r2 has reason within_deadband at 10s"),
    ])
    func `a changed expectation fails with its place and the reason`(
        was: String, becomes: String, head: String
    ) async throws {
        let outcome = try await run(Self.file.replacing(was, with: becomes))
        #expect(outcome.status == .failed)
        #expect(outcome.output.contains("FAIL  t.yaml: both are alike"))
        #expect(outcome.output.contains(head), "\(outcome.output)")
        #expect(outcome.output.contains("    why: follows load; the change is too small to write"))
        #expect(outcome.output.contains("capacity"))
        #expect(outcome.output.hasSuffix("\n1 failed, 0 passed\n"))
    }

    @Test func `everything that is wrong with a file is told at once`() async throws {
        let outcome = try await run(
            """
            policy: absent.yaml
            tests:
              - name: no
                scheduler: sedd
                members: {r1: 0}
                series:
                  r1: {requests: 100y, utilisation: 130%}
                  r9: {requests: 1, utilisation: 0}
                expect:
                  - {weights: {r3: 1}}
                  - {at: 1s, weights: {r1: 9..1}, shares: {r1: 200%}, reasons: {r1: Why}}

            """)
        #expect(outcome.status == .configurationInvalid && outcome.output == "")
        try expectGolden("policy-test-errors.txt", outcome.complaint)
    }
}

struct PolicySeriesTests {
    private func values(_ text: String) -> [Double?]? {
        let source = SourceText(path: "f", text: "\"\(text)\"")
        let reporter = Reporter()
        return TreeParser.parse(source, reporter: reporter)
            .flatMap { Reading<PolicySeries<Double>>.series(0...1000).read($0, reporter) }?.values
    }

    @Test func `values repeat, step up and down, and are left out`() {
        #expect(values("50") == [50])
        #expect(values("50x3 80x2") == [50, 50, 50, 80, 80])
        #expect(values("10+5x4") == [10, 15, 20, 25])
        #expect(values("40-5x3") == [40, 35, 30])
        #expect(values("1 _ _x2 2") == [1, nil, nil, nil, 2])
        #expect(values("30% 0.5x2") == [0.3, 0.5, 0.5])
    }

    @Test(arguments: [
        "", " ", "x", "x3", "50x", "50x0", "50x-1", "50xx2", "5+x2", "+5x2", "-5", "5+-1x2", "1001",
        "10-5x4", "1x200000", "1,2", "_5", "nan", "1e3",
    ])
    func `other series are refused`(text: String) { #expect(values(text) == nil) }
}
