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

    /// What is in the journal's folder, whatever it is.
    func files() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: journal).sorted()
    }

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
            run.advance(1, recording: &recorder)
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
        let writer = JournalWriter(folder: scratch.journal)
        var recorder = Recorder(writer, mostBytes: mostBytes, release: Poise.version)
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
        let writer = JournalWriter(folder: scratch.journal)
        var recorder = Recorder(writer, mostBytes: mostBytes, release: Poise.version)
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
        record(&run, &recorder, writer, tenths: 900)
        #expect(recorder.failure == nil)
    }

    @Test func `a file that is cut at any byte gives every event that is whole before it`() throws {
        let writer = JournalWriter(folder: scratch.journal)
        var recorder = Recorder(writer, mostBytes: 4 << 20, release: Poise.version)
        var run = RandomRun(seed: 22)
        record(&run, &recorder, writer, tenths: 120)
        let path = try #require(try JournalFiles(at: scratch.journal).paths.first)
        let whole = try scratch.bytes(path)
        // Where blocks end, and what is read of the file up to there.
        var ends: [(byteCount: Int, records: [UInt8])] = []
        for end in try blockEnds(of: whole).suffix(8) {
            ends.append((end, try SegmentForm.content(of: Array(whole[..<end])).records))
        }
        #expect(ends.last?.byteCount == whole.count)
        let replays = ends.map { Replay.of($0.records) }
        #expect(replays.count == 8 && replays.allSatisfy { $0.isIdentical })
        // Nearly each block is a tick's.
        #expect((replays.last?.ticks ?? 0) - replays[0].ticks >= 6)
        for count in ends[0].byteCount..<whole.count {
            let content = try SegmentForm.content(of: Array(whole[..<count]))
            let before = try #require(ends.last { $0.byteCount <= count })
            #expect(content.tailByteCount == count - before.byteCount)
            #expect(content.records == before.records)
        }
    }

    /// Behind which bytes a block ends, told by the form alone.
    private func blockEnds(of file: [UInt8]) throws -> [Int] {
        var ends: [Int] = []
        var position = SegmentForm.head.count
        while position < file.count {
            let count = (0..<4).reduce(0) { $0 | Int(file[position + $1]) << (8 * $1) }
            position += SegmentForm.blockHeadByteCount + count
            ends.append(position)
        }
        return ends
    }

    @Test func `a bit that turned ends a file where it is`() throws {
        let writer = JournalWriter(folder: scratch.journal)
        var recorder = Recorder(writer, mostBytes: 4 << 20, release: Poise.version)
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
        let writer = JournalWriter(folder: scratch.journal)
        var recorder = Recorder(writer, mostBytes: 4 << 20, release: Poise.version)
        var run = RandomRun(seed: 26)
        record(&run, &recorder, writer, tenths: 30)
        let failure = try #require(recorder.failure)
        #expect(failure.contains(scratch.journal))
        #expect(failure.contains("errno 20") && failure.contains("record: off"))
        #expect(recorder.lostCount > 0)
        // The text stays what it is, so that it is told once.
        for _ in 0..<20 {
            record(&run, &recorder, writer, tenths: 10)
            #expect(recorder.failure == failure)
        }
        try FileManager.default.removeItem(atPath: scratch.journal)
        recorder.adopt(mostBytes: 4 << 20, at: run.now)
        record(&run, &recorder, writer, tenths: 50)
        #expect(recorder.isRecording)
        // It may fail again in a moment: until a minute went well it is the same trouble.
        #expect(recorder.failure == failure)
        record(&run, &recorder, writer, tenths: 700)
        #expect(recorder.failure == nil)
        #expect(try replays().last?.isIdentical == true)
    }

    @Test func `a journal too small for what is known says so, and a reload mends it`() throws {
        let writer = JournalWriter(folder: scratch.journal)
        var recorder = Recorder(writer, mostBytes: 8 << 10, release: Poise.version)
        var run = RandomRun(seed: 27, serverCount: 60)
        record(&run, &recorder, writer, tenths: 20)
        #expect(recorder.failure?.contains("journal.size") == true)
        #expect(try scratch.files() == [])
        recorder.adopt(mostBytes: 4 << 20, at: run.now)
        record(&run, &recorder, writer, tenths: 20)
        #expect(recorder.failure == nil)
        #expect(try replays().map(\.isIdentical) == [true])
    }

    @Test func `a checkpoint in slices, with reports in between, replays as well`() throws {
        let writer = JournalWriter(folder: scratch.journal)
        var run = RandomRun(seed: 28, serverCount: 700)
        var (slices, reports) = (0, 0)
        for _ in 0..<2 {
            var recorder = Recorder(writer, mostBytes: 4 << 20, release: Poise.version)
            for _ in 0..<10 {
                run.advance(
                    5,
                    { step, balancer, now in
                        if case .report = step, recorder.isBeginning { reports += 1 }
                        recorder.take(step, of: balancer, at: now)
                        guard recorder.isBeginning, reports.isMultiple(of: 10) else { return }
                        recorder.goOn(balancer, wholly: false)
                        slices += 1
                    }, beforeTick: { recorder.goOn($0, wholly: true) })
            }
            #expect(recorder.lostCount == 0)
            writer.finish(waitingSeconds: 30)
        }
        #expect(slices >= 6)
        #expect(reports >= 50)
        let replays = try replays()
        #expect(replays.count == 2)
        #expect(replays.allSatisfy { $0.isIdentical })
    }
}
