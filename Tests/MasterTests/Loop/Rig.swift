// A control loop with two agents over loopback: what its tests are told with.

import Daemon
import IPVS
import Journal
import Logging
import Protocol
import Synchronization
import Testing
import Weighting

@testable import Master

/// A loop over the good configuration, with agents r1 and r2 of its two servers.
final class Rig {
    let folder: ConfigurationFolder
    let lines = Lines()
    let port: UInt16
    var loop: ControlLoop
    var agents: [TestAgent] = []
    var now = Instant(nanoseconds: 1_000_000_000)
    let wall = Wall()
    private var rounds: UInt32 = 0
    /// What r1 says of itself.
    var state = HostState.up
    var reason = StateReason.none

    init(
        isDryRun: Bool = false, table: (any IPVSTable)? = nil, ipvs: String = "table: memory",
        recorder: (ConfigurationFolder) -> Recorder? = { _ in nil },
        prepare: (ConfigurationFolder) throws -> Void = { _ in }
    ) throws {
        folder = try ConfigurationFolder()
        port = try Self.freePort()
        try folder.write("master.yaml", Self.masterFile(port: port, ipvs: ipvs))
        var keys: [SecretKey] = []
        for name in ["r1", "r2"] {
            let key = SecretKey.generate()
            try folder.write("agents/\(name).pub", "\(key.publicKey)\n")
            keys.append(key)
        }
        try prepare(folder)
        let configuration = try #require(folder.load().configuration)
        loop = try ControlLoop(
            configuration, isDryRun: isDryRun, inbox: Inbox(), logger: lines.logger,
            startedAt: now, table: table, recorder: recorder(folder),
            unixSeconds: { [wall] in wall.unixSeconds }, load: { _ in })
        for key in keys { agents.append(try TestAgent(keys: [key], port: port)) }
    }

    static func masterFile(
        port: UInt16, ipvs: String = "table: memory", key: String = "master.key"
    ) -> String {
        """
        version: 1
        key: \(key)
        listen: {reports: "127.0.0.1:\(port)", admin: run/admin.sock}
        ipvs: {\(ipvs)}
        state: state
        """
    }

    static func freePort() throws -> UInt16 {
        let probe = try UDPSocket(
            listeningOn: #require(SocketAddress("127.0.0.1:0")), receiveBytes: 1)
        let address = probe.localAddress
        return try #require(address).port
    }

    var snapshot: Snapshot? { loop.snapshot(at: now) }

    /// Takes the files as they are; what takes out much is confirmed.
    @discardableResult
    func reload() -> AdminAPI.Reload {
        let loaded = folder.load()
        let hash = loaded.configuration.map {
            ConfigurationChange(from: loop.declared, to: $0).hash
        }
        return loop.reload(loaded, confirmed: Set([hash].compactMap(\.self)), at: now)
    }

    /// The same, as a signal asks for it.
    func reloadUnasked() -> AdminAPI.Reload { loop.reload(folder.load(), at: now) }

    /// An interval passes, in which r2 is twice as busy as r1; both report, and a tick comes.
    ///
    /// Reports of the agents in `lost` get lost.
    func pass(lost: Set<Int> = []) throws {
        now = now.advanced(bySeconds: 0.25)
        rounds += 1
        for index in agents.indices {
            let report = Report(
                state: index == 0 ? state : .up, reason: index == 0 ? reason : .none,
                intervalMilliseconds: 250, clockTenthsOfMillisecond: rounds * 2_500,
                host: HostLoad(
                    cpuBusyTenthsOfMillisecond: rounds * 1_000 * UInt32(index + 1),
                    runnableTenthsOfMillisecond: 0, coresHundredths: 100,
                    memoryAvailableTenThousandths: nil),
                requests: [
                    RequestCounters(
                        id: ServiceID(name: "web"), p99Microseconds: nil, requests: rounds * 10,
                        errors: 0)
                ])
            agents[index].newest = report
            guard !lost.contains(index) else {
                _ = agents[index].session.seal(report, at: Int64(now.nanoseconds))
                continue
            }
            try agents[index].report(report, at: now)
            loop.receive(at: 0, now: now)
            // A challenge is answered at once.
            try settle(index)
        }
        loop.tick(at: now)
    }

    /// An agent takes what came, and answers what wants an answer; true when something did.
    @discardableResult
    func settle(_ index: Int) throws -> Bool {
        guard try agents[index].hear(at: now) else { return false }
        try agents[index].report(#require(agents[index].newest), at: now)
        loop.receive(at: 0, now: now)
        return true
    }

    func send(_ bytes: [UInt8]) throws { try agents[0].send(bytes) }

    /// The weights of web by server, as the snapshot has them.
    var weights: [String: Int?] {
        let web = snapshot?.services.first { $0.name == "web" }
        return Dictionary(
            (web?.members ?? []).map { ($0.server, $0.weight) }, uniquingKeysWith: { $1 })
    }
}

/// A clock on the wall, which tests set.
final class Wall: Sendable {
    // The 23rd of November 2026, a Monday, at noon in UTC.
    private let seconds = Mutex(1_795_435_200)

    var unixSeconds: Int {
        get { seconds.withLock { $0 } }
        set { seconds.withLock { $0 = newValue } }
    }
}

/// An agent's session with the master on its own socket.
final class TestAgent {
    var session: Session
    let keys: [SecretKey]
    let socket: UDPSocket
    var newest: Report?
    private let batch: DatagramBatch

    /// `keys` and `masters` have the newest first.
    init(
        keys: [SecretKey],
        masters: [PublicKey] = [ConfigurationFolder.secretKey?.publicKey]
            .compactMap(\.self), port: UInt16
    ) throws {
        self.keys = keys
        session = try Session(agentKeys: keys, masterKeys: masters, boot: Session.randomBoot())
        socket = try UDPSocket(connectedTo: #require(SocketAddress("127.0.0.1:\(port)")))
        batch = try DatagramBatch(count: 8, byteCount: Envelope.mostByteCount)
    }

    /// Another process with the same key.
    convenience init(copyOf agent: TestAgent, _ port: UInt16) throws {
        try self.init(keys: agent.keys, port: port)
    }

    func report(_ report: Report, at now: Instant) throws {
        for datagram in session.seal(report, at: Int64(now.nanoseconds)) { try send(datagram) }
    }

    func send(_ bytes: [UInt8]) throws {
        try bytes.span.bytes.withUnsafeBytes { buffer throws(SystemError) in
            try socket.send(buffer)
        }
    }

    /// Takes what the master answered; true when it wants the newest report again.
    func hear(at now: Instant) throws -> Bool {
        var wantsReport = false
        _ = try batch.receive(from: socket) { datagram, _, _ in
            let receipt = session.receive(datagram.bytes, at: Int64(now.nanoseconds))
            if receipt.wantsReport { wantsReport = true }
        }
        return wantsReport
    }
}
