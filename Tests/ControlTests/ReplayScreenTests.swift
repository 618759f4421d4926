// poise policy replay: what could not be read is said, and is not identical.

import Foundation
import Journal
import Testing

@testable import Control

@Suite struct ReplayScreenTests {
    private func segment(
        _ name: String, ticks: Int = 20, end: JournalError? = nil, tailBytes: Int = 0
    ) -> ReplayScreen.Segment {
        var replay = Replay.of([])
        (replay.ticks, replay.end, replay.release) = (ticks, end, "0.1.0")
        return ReplayScreen.Segment(path: "/j/\(name)", replay: replay, tailBytes: tailBytes)
    }

    private func outcome(_ segments: ReplayScreen.Segment...) throws -> Outcome {
        try ReplayScreen(replays: segments, isJSON: false).outcome()
    }

    private func lastLine(_ outcome: Outcome) -> String? {
        outcome.output.split(separator: "\n").last.map(String.init)
    }

    @Test func `all that was read whole is identical, also where nothing happened yet`() throws {
        let outcome = try outcome(segment("1"), segment("2", ticks: 0))
        #expect(outcome.status == .done)
        #expect(lastLine(outcome) == "identical")
    }

    @Test func `what could not be read whole is said and fails`() throws {
        let partly = [
            segment("2", end: .ends), segment("2", end: .damaged("x")),
            segment("2", ticks: 0, end: .otherRelease("0.0.9", own: "0.1.0")),
            segment("2", tailBytes: 12),
            ReplayScreen.Segment(path: "/j/2", unreadable: "cannot open /j/2"),
        ]
        for other in partly {
            let outcome = try outcome(segment("1"), other)
            #expect(outcome.status == .failed)
            #expect(lastLine(outcome) == "1 of 2 files could not be read whole")
            let json = try ReplayScreen(replays: [other], isJSON: true).outcome()
            #expect(json.status == .failed)
            #expect(json.output.contains("\"identical\":false"))
        }
        let told = try outcome(partly[2]).output
        #expect(told.contains("poise 0.0.9 recorded it, and this is 0.1.0: use the poise of that"))
        #expect(told.contains("not read"))
    }

    @Test func `nothing to replay is not identical`() throws {
        let outcome = try outcome(segment("1", ticks: 0))
        #expect(outcome.status == .failed)
        #expect(lastLine(outcome) == "nothing to replay")
    }

    @Test func `a file that is no journal fails with its name`() async throws {
        let path = NSTemporaryDirectory() + "poise-replay-\(UUID().uuidString)"
        try Data("#!/bin/sh".utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let outcome = await poise(["policy", "replay", path])
        #expect(outcome.status == .failed)
        #expect(outcome.output.contains("it is no journal of poise"))
    }
}
