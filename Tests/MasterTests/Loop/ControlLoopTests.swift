// The control loop without its thread: real datagrams in, a table in memory, snapshots out.

import Daemon
import Logging
import Protocol
import Testing
import Weighting

@testable import Master

/// A loop over the good configuration, with agents r1 and r2 of its two servers.
private final class Rig {
    let folder: ConfigurationFolder
    let board = StatusBoard()
    let lines = Lines()
    let socket: UDPSocket
    let port: UInt16
    var loop: ControlLoop
    var senders: [Sender] = []
    var now = Instant(nanoseconds: 1_000_000_000)
    private var rounds: UInt32 = 0

    init(isDryRun: Bool = false) throws {
        folder = try ConfigurationFolder()
        port = try Self.freePort()
        try folder.write("master.yaml", Self.masterFile(port: port))
        let master = try #require(ConfigurationFolder.secretKey)
        for name in ["r1", "r2"] {
            let key = SecretKey.generate()
            try folder.write("agents/\(name).pub", "\(key.publicKey)\n")
            let keys = try #require(SessionKeys(agent: key, master: master.publicKey))
            senders.append(Sender(keys: keys, boot: Sender.randomBoot()))
        }
        let configuration = try #require(folder.load().configuration)
        loop = try ControlLoop(
            configuration, path: "\(folder.path)/master.yaml", isDryRun: isDryRun, board: board,
            logger: lines.logger)
        socket = try UDPSocket(
            connectedTo: #require(SocketAddress("127.0.0.1:\(port)")))
    }

    static func masterFile(port: UInt16, table: String = "memory") -> String {
        """
        version: 1
        listen: {reports: "127.0.0.1:\(port)", admin: run/admin.sock}
        ipvs: {table: \(table)}
        """
    }

    private static func freePort() throws -> UInt16 {
        let probe = try UDPSocket(
            listeningOn: #require(SocketAddress("127.0.0.1:0")), receiveBytes: 1)
        let address = probe.localAddress
        return try #require(address).port
    }

    /// An interval passes, in which r2 is twice as busy as r1; both report, and a tick comes.
    func pass() throws {
        now = now.advanced(bySeconds: 0.25)
        rounds += 1
        for index in senders.indices {
            let report = Report(
                state: .up, intervalMilliseconds: 250, clockTenthsOfMillisecond: rounds * 2_500,
                host: HostLoad(
                    cpuBusyTenthsOfMillisecond: rounds * 1_000 * UInt32(index + 1),
                    runnableTenthsOfMillisecond: 0, coresHundredths: 100,
                    memoryAvailableTenThousandths: nil),
                requests: [
                    RequestCounters(
                        id: ServiceID(name: "web"), p99Microseconds: nil, requests: rounds * 10,
                        errors: 0)
                ])
            let bytes = senders[index].seal(report)
            send(bytes)
        }
        loop.receive(at: 0, now: now)
        loop.tick(at: now)
    }

    func send(_ bytes: [UInt8]) {
        var failure: SystemError?
        bytes.withUnsafeBytes { bytes in
            do throws(SystemError) { try socket.send(bytes) } catch { failure = error }
        }
        #expect(failure == nil)
    }

    /// The weights of web by server, as the snapshot has them.
    var weights: [String: Int?] {
        let web = board.snapshot?.services.first { $0.name == "web" }
        return Dictionary(
            (web?.members ?? []).map { ($0.server, $0.weight) }, uniquingKeysWith: { $1 })
    }
}

extension NotifyingTests {
    @Suite struct ControlLoopTests {
        @Test func `reports become weights, and the snapshot says so`() throws {
            let rig = try Rig()
            for _ in 0..<4 { try rig.pass() }
            let snapshot = try #require(rig.board.snapshot)
            let web = try #require(snapshot.services.first { $0.name == "web" })
            let r1 = try #require(web.members.first { $0.server == "r1" })
            let r2 = try #require(web.members.first { $0.server == "r2" })
            #expect(try #require(r1.weight) > #require(r2.weight))
            #expect(r1.chain?.weight == r1.weight || r1.reason.code == "within_deadband")
            #expect(snapshot.master.writes > 0)
            #expect(snapshot.agents.map(\.accepted) == [4, 4])
            #expect(snapshot.refusals.isEmpty)
        }

        @Test func `in a dry run nothing is written, and what would be is shown`() throws {
            let rig = try Rig(isDryRun: true)
            for _ in 0..<4 { try rig.pass() }
            #expect(rig.weights == ["r1": 1, "r2": 1])
            let snapshot = try #require(rig.board.snapshot)
            #expect(snapshot.master.writes == 0)
            #expect(snapshot.services.flatMap(\.members).contains { $0.wanted != $0.weight })
        }

        @Test func `garbage costs a counter each and nothing else`() throws {
            let rig = try Rig()
            try rig.pass()
            rig.send([])
            rig.send([UInt8](repeating: 0xB1, count: 100))
            rig.send([UInt8](repeating: 0xFF, count: 1_300))
            try rig.pass()
            let snapshot = try #require(rig.board.snapshot)
            #expect(snapshot.refusals.values.reduce(0, +) == 3)
            #expect(snapshot.agents.map(\.accepted) == [2, 2])
        }

        @Test func `a bad configuration changes nothing on reload, and is not forgotten`() throws {
            let rig = try Rig()
            for _ in 0..<4 { try rig.pass() }
            let before = try #require(rig.board.snapshot)
            try rig.folder.write("services.d/web.yaml", "services: {web: {vip: nowhere}}\n")
            try rig.folder.write("policy.yaml", "deadband: 40%\n")
            rig.loop.reload()
            try rig.pass()
            let after = try #require(rig.board.snapshot)
            #expect(after.services.map(\.key) == before.services.map(\.key))
            #expect(after.agents.map(\.accepted) == [5, 5])
            let web = try #require(after.services.first { $0.name == "web" })
            #expect(web.members.compactMap { $0.chain?.deadband } == [0.04, 0.04])
            // The same policy on the same load: the weights stay unequal, as they were made.
            let (r1, r2) = (try #require(rig.weights["r1"]), try #require(rig.weights["r2"]))
            #expect(try #require(r1) > #require(r2))
            #expect(
                after.master.reloadRefused?.contains("the old configuration is in force") == true)

            try rig.folder.write(
                "services.d/web.yaml", ConfigurationFolder.good("services.d/web.yaml"))
            rig.loop.reload()
            #expect(rig.board.snapshot?.master.reloadRefused == nil)
            try rig.pass()
            #expect(rig.board.snapshot?.master.reloadRefused == nil)
        }

        @Test func `what only a restart changes stays, and is warned of while it differs`() throws {
            let rig = try Rig()
            try rig.pass()
            try rig.folder.write("master.yaml", Rig.masterFile(port: 7_817, table: "kernel"))
            for _ in 0..<2 {
                _ = rig.lines.take()
                rig.loop.reload()
                try rig.pass()
                let lines = rig.lines.take()
                for key in ["listen.reports", "ipvs.table"] {
                    #expect(lines.contains { $0.hasPrefix("warning:") && $0.contains(key) })
                }
                #expect(rig.board.snapshot?.master.table == "memory")
            }
            try rig.folder.write("master.yaml", Rig.masterFile(port: rig.port))
            rig.loop.reload()
            #expect(rig.lines.take().filter { $0.hasPrefix("warning:") } == [])
        }

        @Test func `the table in memory keeps its services, and a reload says so`() throws {
            let rig = try Rig()
            try rig.pass()
            let other = try ConfigurationFolder.good("services.d/web.yaml")
                .replacing("10.0.0.12", with: "10.0.0.13")
            try rig.folder.write("services.d/web.yaml", other)
            _ = rig.lines.take()
            rig.loop.reload()
            let warnings = rig.lines.take().filter { $0.hasPrefix("warning:") }
            #expect(warnings.count == 1)
            #expect(warnings.first?.contains("table in memory") == true)
        }

        @Test func `a good configuration is taken without losing what is known`() throws {
            let rig = try Rig()
            for _ in 0..<4 { try rig.pass() }
            try rig.folder.write("policy.yaml", "deadband: 40%\n")
            rig.loop.reload()
            try rig.pass()
            let web = rig.board.snapshot?.services.first { $0.name == "web" }
            #expect(web?.members.first?.chain?.deadband == 0.4)
            #expect(rig.board.snapshot?.agents.map(\.accepted) == [5, 5])
        }

        @Test func `a revoked key is not heard after the reload`() throws {
            let rig = try Rig()
            try rig.pass()
            try rig.folder.write("agents/r2.pub", "\(SecretKey.generate().publicKey)\n")
            rig.loop.reload()
            try rig.pass()
            #expect(rig.board.snapshot?.agents.map(\.accepted) == [2, 0])
            #expect(rig.board.snapshot?.refusals == ["unknown_locator": 1])
        }

        @Test func `the service manager hears of a refused reload, until one is taken`()
            async throws
        {
            let rig = try Rig()
            try rig.folder.write("services.d/web.yaml", "services: {web: {vip: nowhere}}\n")
            let refused = "STATUS=the files were refused at the last reload"
            let heard = try await heardByManager {
                rig.loop.reload()
                try rig.pass()
            }
            #expect(heard.contains { $0.hasPrefix("READY=1\n\(refused)") })
            #expect(heard.contains { $0.hasPrefix(refused) && $0.contains("members") })

            try rig.folder.write(
                "services.d/web.yaml", ConfigurationFolder.good("services.d/web.yaml"))
            let later = try await heardByManager {
                rig.loop.reload()
                try rig.pass()
            }
            #expect(later.contains("READY=1\nSTATUS=reloaded"))
            #expect(!later.contains { $0.contains("refused") })
        }
    }
}
