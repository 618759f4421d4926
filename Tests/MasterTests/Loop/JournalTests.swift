// What the control loop does is recorded, replays to the same decisions, and is told to people.

import Journal
import Protocol
import Testing
import Weighting

@testable import Master

extension NotifyingTests {
    @Suite struct JournalTests {
        @Test func `a run with a reload and a drain replays to the same decisions`() throws {
            var (journal, writer): (String?, JournalWriter?)
            let rig = try Rig { folder in
                let settings = JournalSettings(
                    folder: folder.path + "/journal", mostBytes: 4 << 20)
                let made = Recorder.make(settings)
                (journal, writer) = (settings.folder, made?.1)
                return made?.0
            }
            // Passes are faster here than a busy disk, and only so many pieces may wait for it.
            func pass(_ count: Int) throws {
                for _ in 0..<count {
                    try rig.pass()
                    try #require(writer).finish(waitingSeconds: 30)
                }
            }
            try pass(12)
            try rig.folder.write("policy.yaml", "deadband: 10%\n")
            rig.reload()
            (rig.state, rig.reason) = (.draining, .operator)
            try pass(6)
            rig.state = .up
            try pass(6)

            let paths = try JournalFiles(at: #require(journal)).paths
            #expect(paths.count == 1)
            let replay = Replay.of(try JournalFiles.content(of: paths[0]).records)
            #expect(replay.difference == nil)
            #expect(replay.end == nil)
            #expect(replay.ticks == 23)
            // The first tick came before the first file.
            #expect(replay.reports == 46)
            #expect(replay.reloads == 1)

            let causes = rig.loop.journal.happenings(after: 0).map(\.happening.cause)
            #expect(causes.first == .masterStarted)
            #expect(causes.filter { $0 == .reloaded }.count == 1)
            #expect(causes.filter { $0 == .drained }.count == 1)
            #expect(causes.filter { $0 == .returned }.count == 1)
            #expect(causes.contains(.follows))
        }

        @Test func `a refused reload is an event`() throws {
            let rig = try Rig()
            try rig.pass()
            try rig.folder.write("policy.yaml", "deadband: nonsense\n")
            rig.reload()
            let causes = rig.loop.journal.happenings(after: 0).map(\.happening.cause)
            #expect(causes.contains(.reloadRefused))
            #expect(!causes.contains(.reloaded))
        }

        @Test func `a journal that cannot be written is said once and stands in the snapshot`()
            throws
        {
            var writer: JournalWriter?
            let rig = try Rig { folder in
                // A file stands where the folder would be made.
                let settings = JournalSettings(
                    folder: folder.path + "/master.yaml/journal", mostBytes: 4 << 20)
                let made = Recorder.make(settings)
                writer = made?.1
                return made?.0
            }
            for _ in 0..<60 {
                try rig.pass()
                try #require(writer).finish(waitingSeconds: 30)
            }
            #expect(rig.snapshot?.master.trouble?.contains("journal") == true)
            #expect(rig.lines.all.filter { $0.contains("nothing is recorded") }.count == 1)
            let causes = rig.loop.journal.happenings(after: 0).map(\.happening.cause)
            #expect(causes.filter { $0 == .trouble }.count == 1)
            // The weights are another matter.
            #expect(rig.snapshot?.master.writes ?? 0 > 0)
        }
    }
}
