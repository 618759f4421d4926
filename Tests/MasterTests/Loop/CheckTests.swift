// A check from what the checks' thread found to the weight 0, to what people see of it, and back.

import CLinux
import Checks
import Daemon
import Synchronization
import Testing
import Weighting

@testable import Master

extension NotifyingTests {
    @Suite struct CheckTests {
        private static let web = """
            services:
              web:
                vip: 10.0.0.100:80/tcp
                scheduler: sed
                quorum: 2
                checks: [{type: tcp, interval: 100ms, timeout: 90ms, rise: 1, fall: 1, PORT}]
                servers:
                  - {name: r1, address: 127.0.0.1, port: 81}
                  - {name: r2, address: 127.0.0.2, port: 82}
            """

        /// The same with the servers that the table in memory has.
        private static let webOfTheTable = web.replacing(", PORT", with: "")
            .replacing("127.0.0.1, port: 81", with: "10.0.0.11, port: 80")
            .replacing("127.0.0.2, port: 82", with: "10.0.0.12, port: 8080")

        private func checked(_ rig: Rig, isUp: Bool) throws -> Inbox.Request {
            let member = try #require(rig.loop.configuration.checks.first)
            return .checked([
                Checked(member: member.member, isUp: isUp, text: "tcp: refused", at: rig.now)
            ])
        }

        private func rig() throws -> Rig {
            let rig = try Rig()
            try rig.folder.write(
                "services.d/web.yaml",
                Self.webOfTheTable)
            rig.reload()
            #expect(rig.loop.configuration.checks.count == 2)
            for _ in 0..<4 { try rig.pass() }
            return rig
        }

        @Test func `who fails gets weight 0, is shown, and comes back`() throws {
            let rig = try rig()
            let before = try #require(rig.weights["r1"] ?? nil)
            _ = rig.lines.take()
            rig.loop.answer(try checked(rig, isUp: false), at: rig.now)
            #expect(rig.loop.balancer.wantsTick(at: rig.now.advanced(bySeconds: 0.1)))
            try rig.pass()
            #expect(rig.weights["r1"] == 0)
            let web = try #require(rig.snapshot?.services.first { $0.name == "web" })
            #expect(web.members.first?.reason.code == "fails_check")
            #expect(web.alarm?.code == "below_quorum")
            #expect(rig.lines.take().contains { $0.contains("its check fails: tcp: refused") })

            rig.loop.answer(try checked(rig, isUp: true), at: rig.now)
            try rig.pass()
            #expect(try #require(rig.weights["r1"] ?? nil) > 0)
            for _ in 0..<200 { try rig.pass() }
            #expect(try #require(rig.weights["r1"] ?? nil) > before / 2)
        }

        @Test func `in a dry run what fails is said and not done`() throws {
            let rig = try Rig(isDryRun: true)
            try rig.folder.write(
                "services.d/web.yaml",
                Self.webOfTheTable)
            rig.reload()
            for _ in 0..<2 { try rig.pass() }
            rig.loop.answer(try checked(rig, isUp: false), at: rig.now)
            try rig.pass()
            let member = rig.snapshot?.services.first { $0.name == "web" }?.members.first
            #expect(member?.weight == 1)
            #expect(member?.wanted == 0)
        }

        @Test func `the thread finds a closed port, and a reload brings and takes checks`() throws {
            let listener = try StreamListener(onTCP: #require(SocketAddress("127.0.0.1:0")))
            let local = listener.localAddress
            let port = try #require(local).port
            let folder = try ConfigurationFolder()
            for name in ["r1", "r2"] { try? folder.remove("agents/\(name).pub") }
            try folder.write(
                "services.d/web.yaml", Self.web.replacing("PORT", with: "port: \(port)"))
            let members = try #require(folder.load().configuration).checks
            let found = Found()
            let thread = try CheckThread(
                [members[0]], deliver: { found.take($0) }, fail: { Issue.record("\($0)") })
            defer { thread.stop() }
            #expect(found.next()?.isUp == true)
            // Nobody listens at the other's address.
            thread.adopt(members)
            let other = found.next()
            #expect(other?.isUp == false)
            #expect(other?.member == members[1].member)
            #expect(thread.standings.count == 2)
            #expect(thread.standings[members[0].member]?.first?.isUp == true)
            thread.adopt([])
            var rounds = 0
            while !thread.standings.isEmpty, rounds < 2000 {
                _ = found.next(forSeconds: 0.01)
                rounds += 1
            }
            #expect(thread.standings.isEmpty)
        }
    }
}

/// What a checks' thread delivered.
private final class Found: Sendable {
    private let changes = Mutex<[Checked]>([])

    func take(_ fresh: [Checked]) { changes.withLock { $0 += fresh } }

    func next(forSeconds seconds: Double = 20) -> Checked? {
        let end = MonotonicClock.now() + Int64(seconds * 1e9)
        while MonotonicClock.now() < end {
            let change = changes.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            if let change { return change }
            linux_nap(2_000_000)
        }
        return nil
    }
}
