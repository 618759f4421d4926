// The control loop without its thread: real datagrams in, a table in memory, snapshots out.

import Logging
import Protocol
import Testing
import Weighting

@testable import Master

extension NotifyingTests {
    @Suite struct ControlLoopTests {
        @Test func `reports become weights, and the snapshot says so`() throws {
            let rig = try Rig()
            // They begin with 1 and 3, and move so far in one tick and no further.
            for _ in 0..<12 { try rig.pass() }
            let snapshot = try #require(rig.snapshot)
            let web = try #require(snapshot.services.first { $0.name == "web" })
            let r1 = try #require(web.members.first { $0.server == "r1" })
            let r2 = try #require(web.members.first { $0.server == "r2" })
            // Not the whole way: of a pair, none goes far from the capacity that its owner told.
            #expect(try 3 * #require(r1.weight) > #require(r2.weight))
            #expect(r1.chain?.limits.contains(.share) == true)
            #expect(r1.chain?.weight == r1.weight || r1.reason.code == "within_deadband")
            #expect(snapshot.master.writes > 0)
            #expect(snapshot.agents.map(\.accepted) == [12, 12])
            // Each agent begins with one.
            #expect(snapshot.refusals == ["challenged": 2])
        }

        @Test func `in a dry run nothing is written, and what would be is shown`() throws {
            let rig = try Rig(isDryRun: true)
            for _ in 0..<4 { try rig.pass() }
            #expect(rig.weights == ["r1": 1, "r2": 3])
            let snapshot = try #require(rig.snapshot)
            #expect(snapshot.master.writes == 0)
            #expect(snapshot.services.flatMap(\.members).contains { $0.wanted != $0.weight })
        }

        @Test func `garbage costs a counter each and nothing else`() throws {
            let rig = try Rig()
            try rig.pass()
            try rig.send([])
            try rig.send([UInt8](repeating: 0xB1, count: 100))
            try rig.send([UInt8](repeating: 0xFF, count: 1_300))
            try rig.pass()
            let snapshot = try #require(rig.snapshot)
            #expect(
                snapshot.refusals == ["challenged": 2, "too_long": 1, "too_short": 1, "type": 1])
            #expect(snapshot.agents.map(\.accepted) == [2, 2])
        }

        @Test func `a bad configuration changes nothing on reload, and is not forgotten`() throws {
            let rig = try Rig()
            for _ in 0..<4 { try rig.pass() }
            let before = try #require(rig.snapshot)
            try rig.folder.write("services.d/web.yaml", "services: {web: {vip: nowhere}}\n")
            try rig.folder.write("policy.yaml", "deadband: 40%\n")
            rig.reload()
            try rig.pass()
            let after = try #require(rig.snapshot)
            #expect(after.services.map(\.key) == before.services.map(\.key))
            #expect(after.agents.map(\.accepted) == [5, 5])
            let web = try #require(after.services.first { $0.name == "web" })
            #expect(web.members.compactMap { $0.chain?.deadband } == [0.04, 0.04])
            // The same policy on the same load: the weights go on from 1 and 3, where they began.
            let (r1, r2) = (try #require(rig.weights["r1"]), try #require(rig.weights["r2"]))
            #expect(try 3 * #require(r1) > #require(r2))
            #expect(
                after.master.reloadRefused?.contains("the old configuration is in force") == true)

            try rig.folder.write(
                "services.d/web.yaml", ConfigurationFolder.good("services.d/web.yaml"))
            rig.reload()
            #expect(rig.snapshot?.master.reloadRefused == nil)
            try rig.pass()
            #expect(rig.snapshot?.master.reloadRefused == nil)
        }

        @Test func `what only a restart changes stays, and is warned of while it differs`() throws {
            let rig = try Rig()
            try rig.pass()
            try rig.folder.write("master.yaml", Rig.masterFile(port: 7_817, ipvs: "table: kernel"))
            for _ in 0..<2 {
                _ = rig.lines.take()
                rig.reload()
                try rig.pass()
                let lines = rig.lines.take()
                for key in ["listen.reports", "ipvs.table"] {
                    #expect(lines.contains { $0.hasPrefix("warning:") && $0.contains(key) })
                }
                #expect(rig.snapshot?.master.table == "memory")
            }
            try rig.folder.write("master.yaml", Rig.masterFile(port: rig.port))
            rig.reload()
            #expect(rig.lines.take().filter { $0.hasPrefix("warning:") } == [])
        }

        @Test func `the table in memory keeps its services, and a reload says so`() throws {
            let rig = try Rig()
            try rig.pass()
            let other = try ConfigurationFolder.good("services.d/web.yaml")
                .replacing("10.0.0.12", with: "10.0.0.13")
            try rig.folder.write("services.d/web.yaml", other)
            _ = rig.lines.take()
            rig.reload()
            let warnings = rig.lines.take().filter { $0.hasPrefix("warning:") }
            #expect(warnings.count == 1)
            #expect(warnings.first?.contains("table in memory") == true)
        }

        @Test func `a good configuration is taken without losing what is known`() throws {
            let rig = try Rig()
            for _ in 0..<4 { try rig.pass() }
            try rig.folder.write("policy.yaml", "deadband: 40%\n")
            rig.reload()
            try rig.pass()
            let web = rig.snapshot?.services.first { $0.name == "web" }
            #expect(web?.members.first?.chain?.deadband == 0.4)
            #expect(rig.snapshot?.agents.map(\.accepted) == [5, 5])
        }

        @Test func `a revoked key is not heard after the reload`() throws {
            let rig = try Rig()
            try rig.pass()
            try rig.folder.write("agents/r2.pub", "\(SecretKey.generate().publicKey)\n")
            rig.reload()
            try rig.pass()
            #expect(rig.snapshot?.agents.map(\.accepted) == [2, 0])
            #expect(rig.snapshot?.refusals == ["challenged": 2, "unknown_locator": 1])
        }

        @Test func `agents that come and go with a reload are shown at once`() throws {
            let rig = try Rig()
            for _ in 0..<4 { try rig.pass() }
            let services = try #require(rig.snapshot?.services)
            try rig.folder.write("agents/a0.pub", "\(SecretKey.generate().publicKey)\n")
            rig.reload()
            #expect(rig.snapshot?.agents.map(\.name) == ["a0", "r1", "r2"])
            #expect(rig.snapshot?.agents.map(\.accepted) == [0, 4, 4])
            #expect(rig.snapshot?.agents.map(\.lacksServer) == [true, nil, nil])
            #expect(rig.snapshot?.services == services)
            try rig.folder.remove("agents/a0.pub")
            try rig.folder.remove("agents/r1.pub")
            rig.reload()
            #expect(rig.snapshot?.agents.map(\.name) == ["r2"])
            try rig.pass()
            #expect(rig.snapshot?.agents.map(\.accepted) == [5])
        }

        @Test func `agents hear of the weight and the connections of their services`() throws {
            let rig = try Rig()
            // An agent asks for an answer when its cookie is four seconds old.
            for _ in 0..<30 { try rig.pass() }
            let web = ServiceID(name: "web")
            let standing = try #require(
                rig.agents[0].session.standings.first { $0.id == web })
            #expect(try #require(standing.weight) > 1)
            #expect(standing.admin == .ready)
            #expect(standing.activeConnections == 0)
        }

        @Test func `a service that is not the agent's own is left out and counted`() throws {
            let rig = try Rig()
            try rig.folder.write(
                "services.d/web.yaml",
                ConfigurationFolder.good("services.d/web.yaml").replacing("web:", with: "other:"))
            rig.reload()
            for _ in 0..<30 { try rig.pass() }
            let agent = try #require(rig.snapshot?.agents.first)
            #expect(agent.refusals["not_entitled"] == 30)
            #expect(rig.agents[0].session.notices.contains(.notEntitled))
        }

        @Test func `two processes with one key hold the member, until one of them ends`() throws {
            let rig = try Rig()
            for _ in 0..<4 { try rig.pass() }
            let before = try #require(rig.weights["r2"])
            let (first, second) = (rig.agents[1], try TestAgent(copyOf: rig.agents[1], rig.port))
            for round in 0..<12 {
                rig.agents[1] = round.isMultiple(of: 2) ? second : first
                try rig.pass()
            }
            let snapshot = try #require(rig.snapshot)
            let member = try #require(
                snapshot.services.first { $0.name == "web" }?.members.first { $0.server == "r2" })
            #expect(member.reason.code == "duplicate_identity")
            #expect(snapshot.agents.last?.isDuplicate == true)
            #expect(snapshot.agents.last?.refusals["duplicate_identity"] ?? 0 > 0)
            #expect(member.weight == before)
            rig.now = rig.now.advanced(bySeconds: 61)
            // By itself, though nothing was heard since.
            #expect(rig.snapshot?.agents.last?.isDuplicate == nil)
            for _ in 0..<4 { try rig.pass() }
            #expect(rig.snapshot?.agents.last?.isDuplicate == nil)
        }

        @Test func `refused datagrams make one line a minute for each reason`() throws {
            let rig = try Rig()
            try rig.pass()
            _ = rig.lines.take()
            let refusals = { rig.lines.take().filter { $0.contains("datagrams counted as") } }
            for _ in 0..<3 {
                try rig.send([1])
                try rig.pass()
            }
            #expect(refusals() == ["warning: datagrams counted as too_short: 1"])
            rig.now = rig.now.advanced(bySeconds: 60)
            try rig.pass()
            #expect(refusals() == ["warning: datagrams counted as too_short: 2 in 60 s"])
        }

        @Test func `the service manager hears of a refused reload, until one is taken`()
            async throws
        {
            let rig = try Rig()
            try rig.folder.write("services.d/web.yaml", "services: {web: {vip: nowhere}}\n")
            let refused = "STATUS=the files were refused at the last reload"
            let heard = try await heardByManager {
                rig.reload()
                try rig.pass()
            }
            #expect(heard.contains { $0.hasPrefix("READY=1\n\(refused)") })
            #expect(heard.contains { $0.hasPrefix(refused) && $0.contains("members") })

            try rig.folder.write(
                "services.d/web.yaml", ConfigurationFolder.good("services.d/web.yaml"))
            let later = try await heardByManager {
                rig.reload()
                try rig.pass()
            }
            #expect(later.contains("READY=1\nSTATUS=reloaded"))
            #expect(!later.contains { $0.contains("refused") })
        }
    }
}
