// Files: the ring keeps its size, what is torn is left out, and a slow or broken disk costs events.

import Foundation
import Protocol
import Testing
import Weighting

@testable import Journal

/// A folder that goes with the test.
final class Scratch {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "poise-journal-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var journal: String { path + "/journal" }

    func bytes(_ file: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: file)))
    }

    /// What all files of the journal take.
    func byteCount() throws -> Int {
        try JournalFiles(at: journal).paths.reduce(0) { try $0 + bytes($1).count }
    }
}

@Suite struct RingTests {
    let scratch: Scratch

    init() throws { scratch = try Scratch() }

    /// Records so many tenths of a second of a run, waiting for the disk at each.
    private func record(
        _ run: inout RandomRun, _ recorder: inout Recorder, _ writer: JournalWriter, tenths: Int
    ) {
        for _ in 0..<tenths {
            for step in run.advance(1) {
                switch step {
                case .report(let report, let heard): recorder.hear(report, heard)
                case .tick(let table, let decision, let applied):
                    recorder.tick(table, decision, applied: applied)
                    recorder.keepUp(run.balancer, at: run.now, unixNanoseconds: 7)
                case .adopted(let cluster): recorder.adopted(cluster, at: run.now)
                }
            }
            writer.finish(waitingSeconds: 30)
        }
    }

    private func replays() throws -> [Replay] {
        try JournalFiles(at: scratch.journal).paths.map {
            Replay.of(try JournalFiles.content(of: $0).records)
        }
    }

    @Test func `the journal keeps its size, and every file of it replays`() throws {
        let mostBytes = 200 << 10
        let writer = JournalWriter(folder: scratch.journal, mostBytes: mostBytes)
        var recorder = Recorder(writer, mostBytes: mostBytes, release: "test")
        var run = RandomRun(seed: 21)
        var most = 0
        for _ in 0..<60 {
            record(&run, &recorder, writer, tenths: 100)
            most = max(most, try scratch.byteCount())
        }
        #expect(most <= mostBytes)
        #expect(most > mostBytes / 2)
        let names = try JournalFiles(at: scratch.journal).paths
        // The oldest made room.
        #expect(!names.contains { $0.hasSuffix("00000001.journal") })
        let replays = try replays()
        #expect(replays.count >= 2)
        #expect(replays.allSatisfy { $0.difference == nil && $0.end == nil })
        #expect(replays.dropLast().allSatisfy { $0.ticks > 10 })
        #expect(recorder.failure == nil)
    }

    @Test func `reports alone, without a tick, fill no more than the journal's size`() throws {
        let mostBytes = 200 << 10
        let writer = JournalWriter(folder: scratch.journal, mostBytes: mostBytes)
        var recorder = Recorder(writer, mostBytes: mostBytes, release: "test")
        var run = RandomRun(seed: 22)
        record(&run, &recorder, writer, tenths: 100)
        var reports: [(Report, Event.Heard)] = []
        while reports.isEmpty {
            for case .report(let report, let heard) in run.advance(1) {
                reports.append((report, heard))
            }
        }
        for round in 0..<100_000 {
            recorder.hear(reports[0].0, reports[0].1)
            if round % 1_000 == 0 { writer.finish(waitingSeconds: 30) }
        }
        writer.finish(waitingSeconds: 30)
        #expect(try scratch.byteCount() <= mostBytes)
        #expect(recorder.lostCount > 0)
        // And goes on as soon as there are ticks again.
        record(&run, &recorder, writer, tenths: 300)
        #expect(recorder.failure == nil)
    }

    @Test func `a torn tail is left out, wherever it is torn`() throws {
        let writer = JournalWriter(folder: scratch.journal, mostBytes: 4 << 20)
        var recorder = Recorder(writer, mostBytes: 4 << 20, release: "test")
        var run = RandomRun(seed: 22)
        record(&run, &recorder, writer, tenths: 120)
        let path = try #require(try JournalFiles(at: scratch.journal).paths.first)
        let whole = try scratch.bytes(path)
        let wanted = Replay.of(try SegmentForm.content(of: whole).records)
        #expect(wanted.ticks > 20)
        var dice = Dice(seed: 23)
        for _ in 0..<60 {
            let count = Int.random(in: SegmentForm.head.count..<whole.count, using: &dice)
            let content = try SegmentForm.content(of: Array(whole[..<count]))
            let replay = Replay.of(content.records)
            #expect(replay.difference == nil)
            #expect(replay.ticks <= wanted.ticks)
            #expect(replay.end == nil || replay.end == .ends)
        }
    }

    @Test func `a bit that turned ends a file where it is`() throws {
        let writer = JournalWriter(folder: scratch.journal, mostBytes: 4 << 20)
        var recorder = Recorder(writer, mostBytes: 4 << 20, release: "test")
        var run = RandomRun(seed: 24)
        record(&run, &recorder, writer, tenths: 120)
        let path = try #require(try JournalFiles(at: scratch.journal).paths.first)
        let whole = try scratch.bytes(path)
        var dice = Dice(seed: 25)
        for _ in 0..<60 {
            var bytes = whole
            let place = Int.random(in: SegmentForm.head.count..<whole.count, using: &dice)
            bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &dice)
            let content = try SegmentForm.content(of: bytes)
            #expect(content.tailByteCount > 0)
            #expect(Replay.of(content.records).difference == nil)
        }
    }

    @Test func `a file that is none of ours is refused with a reason`() throws {
        #expect(throws: JournalError.self) { try SegmentForm.content(of: []) }
        #expect(throws: JournalError.self) { try SegmentForm.content(of: Array("#!/bin/sh".utf8)) }
        var newer = SegmentForm.head
        newer[newer.count - 1] += 1
        #expect(throws: JournalError.self) { try SegmentForm.content(of: newer) }
        #expect(throws: JournalFiles.Failure.self) { try JournalFiles(at: scratch.path) }
    }

    @Test func `a folder that cannot be made is said, costs events, and is tried again`() throws {
        // A file where the folder should be.
        try Data().write(to: URL(fileURLWithPath: scratch.journal))
        let writer = JournalWriter(folder: scratch.journal, mostBytes: 4 << 20)
        var recorder = Recorder(writer, mostBytes: 4 << 20, release: "test")
        var run = RandomRun(seed: 26)
        record(&run, &recorder, writer, tenths: 30)
        let failure = try #require(recorder.failure)
        #expect(failure.contains(scratch.journal))
        #expect(recorder.lostCount > 0)
        // The text stays what it is, so that it is told once.
        for _ in 0..<20 {
            record(&run, &recorder, writer, tenths: 10)
            #expect(recorder.failure == failure)
        }
        try FileManager.default.removeItem(atPath: scratch.journal)
        record(&run, &recorder, writer, tenths: 150)
        #expect(recorder.failure == nil)
        #expect(try replays().last.map { $0.ticks > 0 && $0.difference == nil } == true)
    }

    @Test func `a journal too small for what is known says so`() throws {
        let writer = JournalWriter(folder: scratch.journal, mostBytes: 8 << 10)
        var recorder = Recorder(writer, mostBytes: 8 << 10, release: "test")
        var run = RandomRun(seed: 27, serverCount: 60)
        record(&run, &recorder, writer, tenths: 20)
        #expect(recorder.failure?.contains("journal.size") == true)
    }
}
