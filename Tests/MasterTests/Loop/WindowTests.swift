// Windows of policies under a loop that goes on: in force at their time, recorded, and told.

import Journal
import Protocol
import Settings
import Testing
import Weighting

@testable import Master

extension NotifyingTests {
    @Suite struct WindowTests {
        private static let noon = 1_795_435_200

        /// Noon of a Monday; web is under calm, and under busy from one o'clock to two.
        private func configure(_ rig: Rig, timezone: String? = nil) throws {
            try rig.folder.write("policies.d/calm.yaml", "gain: 0.2\n")
            try rig.folder.write("policies.d/busy.yaml", "gain: 0.6\n")
            try rig.folder.write(
                "master.yaml",
                Rig.masterFile(port: rig.port) + "\ntimezone: \(timezone ?? "UTC")\n")
            let web = try ConfigurationFolder.good("services.d/web.yaml")
            try rig.folder.write(
                "services.d/web.yaml",
                web.replacing(
                    "scheduler: sed",
                    with: """
                        scheduler: sed
                            policy: calm
                            windows:
                              - {days: mon, from: "13:00", to: "14:00", policy: busy}
                        """))
            rig.reload()
        }

        private func web(_ rig: Rig) throws -> Snapshot.Service {
            try #require(rig.snapshot?.services.first { $0.name == "web" })
        }

        @Test func `a window changes the policy of a service, and nothing else of it`() throws {
            let key = ServiceKey.address(.v4(1), port: 80, .tcp)
            var busy = Policy()
            busy.gain = 0.6
            let entry = PolicyCalendar.Entry(
                windows: PolicyWindows([try PolicyWindow(line: "mon 11:00-13:00")]),
                policies: [.init(name: "busy", policy: busy)])
            let clock = PolicyClock(PolicyCalendar(services: [key: entry]), at: Self.noon)
            var service = Cluster.Service(
                name: "web", key: key, members: [], hasChecks: true, onFailure: .remove,
                sorry: DestinationKey(address: .v4(9), port: 80))
            let turned = clock.cluster(Cluster(servers: [], services: [service])).services.first
            service.policy = busy
            #expect(turned == service)
        }

        private func changes(_ rig: Rig) -> [Happening] {
            rig.loop.journal.happenings(after: 0).map(\.happening)
                .filter { $0.cause == .policyChanged }
        }

        @Test func `a window's policy comes and goes at its time, and nothing learned is lost`()
            throws
        {
            let rig = try Rig()
            rig.wall.unixSeconds = Self.noon
            try configure(rig)
            for _ in 0..<8 { try rig.pass() }
            let before = try web(rig)
            #expect(before.members.map(\.chain?.gain) == [0.2, 0.2])
            #expect(before.policy?.name == "calm" && before.policy?.window == nil)
            #expect(before.policy?.until == "mon 2026-11-23 13:00 +00:00")
            #expect(changes(rig).isEmpty)

            rig.wall.unixSeconds = Self.noon + 3_600
            try rig.pass()
            let during = try web(rig)
            #expect(during.members.map(\.chain?.gain) == [0.6, 0.6])
            #expect(during.policy?.name == "busy" && during.policy?.window == "mon 13:00-14:00")
            #expect(during.policy?.untilUnixMilliseconds == UInt64(Self.noon + 7_200) * 1_000)
            for (was, now) in zip(before.members, during.members) {
                let (was, now) = (try #require(was.chain), try #require(now.chain))
                #expect(abs(now.capacity / was.capacity - 1) < 0.2)
            }
            let change = try #require(changes(rig).first)
            #expect(change.services == ["web"])
            #expect(
                change.detail
                    == "the policy busy is in force, in the window mon 13:00-14:00, until mon "
                    + "2026-11-23 14:00 +00:00")
            #expect(rig.lines.all.filter { $0.contains("the policy busy is in force") }.count == 1)

            rig.wall.unixSeconds = Self.noon + 7_199
            try rig.pass()
            #expect(try web(rig).members.map(\.chain?.gain) == [0.6, 0.6])
            rig.wall.unixSeconds += 1
            try rig.pass()
            #expect(try web(rig).members.map(\.chain?.gain) == [0.2, 0.2])
            #expect(try web(rig).policy?.until == "mon 2026-11-30 13:00 +00:00")
            #expect(changes(rig).count == 2)
            // Services without windows have the common policy.
            let mail = try #require(rig.snapshot?.services.first { $0.name == "mail" })
            #expect(mail.policy == nil)
        }

        @Test func `a clock that is set back takes the policy of that time`() throws {
            let rig = try Rig()
            try configure(rig)
            rig.wall.unixSeconds = Self.noon + 5_000
            try rig.pass()
            #expect(try web(rig).policy?.name == "busy")
            rig.wall.unixSeconds = Self.noon + 100
            try rig.pass()
            #expect(try web(rig).policy?.name == "calm")
        }

        @Test func `a reload within a window takes the window's policy at once`() throws {
            let rig = try Rig()
            rig.wall.unixSeconds = Self.noon + 5_000
            try configure(rig)
            for _ in 0..<4 { try rig.pass() }
            #expect(try web(rig).members.map(\.chain?.gain) == [0.6, 0.6])
            try rig.folder.write("policies.d/busy.yaml", "gain: 0.5\n")
            rig.reload()
            try rig.pass()
            #expect(try web(rig).members.map(\.chain?.gain) == [0.5, 0.5])
            #expect(changes(rig).isEmpty)
        }

        @Test func `what windows change is recorded, and replays to the same decisions`() throws {
            var (journal, writer): (String?, JournalWriter?)
            let rig = try Rig { folder in
                let settings = JournalSettings(
                    folder: folder.path + "/journal", mostBytes: 4 << 20)
                let made = Recorder.make(settings)
                (journal, writer) = (settings.folder, made?.1)
                return made?.0
            }
            rig.wall.unixSeconds = Self.noon
            try configure(rig)
            for round in 0..<30 {
                rig.wall.unixSeconds = Self.noon + round * 300
                try rig.pass()
                // A test is faster than any disk.
                try #require(writer).finish(waitingSeconds: 30)
            }
            #expect(changes(rig).count == 2)
            let paths = try JournalFiles(at: #require(journal)).paths
            let replay = Replay.of(try JournalFiles.content(of: #require(paths.first)).records)
            #expect(replay.difference == nil && replay.end == nil)
            // The first tick came before the first file.
            #expect(replay.ticks == 29)
            #expect(replay.reloads == 2)
        }
    }
}
