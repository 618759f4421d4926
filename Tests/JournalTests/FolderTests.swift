// The folder belongs to one master, and a disk that is full costs nothing that was recorded.

import Foundation
import Glibc
import Protocol
import Testing
import Weighting

@testable import Journal

/// A file system in memory with little room, which goes with the test.
private final class SmallDisk {
    let path: String

    static var canMount: Bool { geteuid() == 0 }

    init(kibibytes: Int) throws {
        path = NSTemporaryDirectory() + "poise-disk-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let isMounted = try run(
            "mount", "-t", "tmpfs", "-o", "size=\(kibibytes)k", "tmpfs", path)
        try #require(isMounted)
    }

    deinit {
        _ = try? run("umount", "-l", path)
        rmdir(path)
    }

    private func run(_ command: String...) throws -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    var filler: String { path + "/filler" }

    /// Leaves so much.
    func fill(butFor kibibytes: Int) throws {
        var facts = statvfs()
        try #require(statvfs(path, &facts) == 0)
        let free = Int(facts.f_bavail) * Int(facts.f_frsize) - kibibytes << 10
        try Data(count: max(0, free)).write(to: URL(fileURLWithPath: filler))
    }
}

@Suite struct FolderTests {
    private func advance(
        _ run: inout RandomRun, _ recorder: inout Recorder, _ writer: JournalWriter, seconds: Int
    ) {
        for _ in 0..<10 * seconds {
            run.advance(1, recording: &recorder)
            writer.finish(waitingSeconds: 30)
        }
    }

    private func replays(_ folder: String) throws -> [Replay] {
        try JournalFiles(at: folder).paths.map { path in
            let content = try JournalFiles.content(of: path)
            #expect(content.tailByteCount == 0)
            return Replay.of(content.records)
        }
    }

    @Test(.enabled(if: SmallDisk.canMount, "a small file system is mounted by root alone"))
    func `a full disk leaves what was recorded whole, and nothing beside it`() throws {
        let disk = try SmallDisk(kibibytes: 1_024)
        let folder = disk.path + "/journal"
        let writer = JournalWriter(folder: folder)
        let mostBytes = 2 << 20
        var recorder = Recorder(writer, mostBytes: mostBytes, release: Poise.version)
        var run = RandomRun(seed: 41, serverCount: 30)
        for _ in 0..<3 {
            recorder = Recorder(writer, mostBytes: mostBytes, release: Poise.version)
            advance(&run, &recorder, writer, seconds: 20)
        }
        #expect(recorder.failure == nil)
        #expect(try JournalFiles(at: folder).paths.count == 3)
        try disk.fill(butFor: 8)
        for _ in 0..<600 where recorder.failure == nil {
            advance(&run, &recorder, writer, seconds: 1)
        }
        #expect(recorder.failure?.contains("errno 28") == true)
        let kept = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        let bytes = try kept.map { try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")) }
        // So long that it was tried again several times.
        advance(&run, &recorder, writer, seconds: 100)
        #expect(recorder.failure?.contains("errno 28") == true)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == kept)
        let after = try kept.map { try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\($0)")) }
        #expect(after == bytes)
        #expect(try replays(folder).allSatisfy { $0.isIdentical })

        try FileManager.default.removeItem(atPath: disk.filler)
        recorder.adopt(mostBytes: mostBytes, at: run.now)
        advance(&run, &recorder, writer, seconds: 70)
        #expect(recorder.failure == nil)
        #expect(try replays(folder).allSatisfy { $0.isIdentical })
        #expect(try JournalFiles(at: folder).paths.count > kept.count)
    }

    @Test func `a second master leaves the first one's files alone, and says so`() throws {
        let scratch = try Scratch()
        let first = JournalWriter(folder: scratch.journal)
        var recorder = Recorder(first, mostBytes: 4 << 20, release: Poise.version)
        var run = RandomRun(seed: 42)
        advance(&run, &recorder, first, seconds: 20)
        let second = JournalWriter(folder: scratch.journal)
        var other = Recorder(second, mostBytes: 4 << 20, release: Poise.version)
        var otherRun = RandomRun(seed: 43)
        advance(&otherRun, &other, second, seconds: 40)
        let failure = try #require(other.failure)
        #expect(failure.contains("another master records there"))
        #expect(failure.contains("journal.folder"))
        #expect(try scratch.files() == ["00000001.journal"])
        advance(&run, &recorder, first, seconds: 20)
        #expect(recorder.failure == nil)
        #expect(try replays(scratch.journal).map(\.isIdentical) == [true])
        // It says the same all the while.
        advance(&otherRun, &other, second, seconds: 40)
        #expect(other.failure == failure)
    }

    @Test func `what a master left of a beginning is removed by the next one`() throws {
        let scratch = try Scratch()
        try FileManager.default.createDirectory(
            atPath: scratch.journal, withIntermediateDirectories: true)
        let left = scratch.journal + "/00000007.beginning"
        try Data(SegmentForm.head).write(to: URL(fileURLWithPath: left))
        let writer = JournalWriter(folder: scratch.journal)
        var recorder = Recorder(writer, mostBytes: 4 << 20, release: Poise.version)
        var run = RandomRun(seed: 44)
        advance(&run, &recorder, writer, seconds: 2)
        #expect(try scratch.files() == ["00000001.journal"])
    }

    @Test func `a disk that fails again and again is one trouble, and tried ever less often`() {
        var patience = Patience()
        var now = Instant(nanoseconds: 1_000_000_000)
        var pauses: [Double] = []
        for _ in 0..<9 {
            pauses.append(patience.pauseSeconds(after: "slow"))
            // It goes well for half a minute.
            patience.begins(at: now)
            now = now.advanced(bySeconds: 30)
            patience.isRecording(at: now)
            #expect(patience.trouble == "slow")
        }
        #expect(pauses == [10, 20, 40, 80, 160, 320, 640, 640, 640])
        patience.begins(at: now)
        patience.isRecording(at: now.advanced(bySeconds: Patience.steadySeconds))
        #expect(patience.trouble == nil)
        #expect(patience.pauseSeconds(after: "slow") == 10)
    }
}
