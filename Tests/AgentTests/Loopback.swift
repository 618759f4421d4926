// A master and a metrics page on loopback, for the tests of the agent as a whole.

import CLinux
import Daemon
import Protocol
import Testing

@testable import Agent

/// A master that takes and answers reports, and an agent that sends them; both in this process.
final class Pair {
    let socket: UDPSocket
    let batch: DatagramBatch
    var receiver: Receiver
    let loop: ReportLoop
    /// The agent's folder for maintenance files and its socket.
    let folder: Scratch
    /// Whether what the master has to say goes out.
    var answers = true
    /// Datagrams that came, applied or not.
    private(set) var heard = 0
    private var scratch = Report.empty
    private var answer: [UInt8] = []
    /// Of the newest report.
    private var way = ReturnPath()

    init(
        _ sections: String, agentOption: String = "", startedAt: Int64 = MonotonicClock.now(),
        configure: (inout Configuration) -> Void = { _ in }
    ) throws {
        folder = try Scratch()
        let agentKey = SecretKey.generate()
        let masterKey = SecretKey.generate()
        let listener = try UDPSocket(
            listeningOn: try #require(SocketAddress("127.0.0.1:0")), receiveBytes: 65_536)
        let local = listener.localAddress
        let address = try #require(local)
        var configuration = try Configuration.decode(
            """
            [agent]
            master = \(address) \(masterKey.publicKey.text)
            interval = 50ms
            page-interval = 50ms
            run-folder = \(folder.root)
            \(agentOption)
            \(sections)
            """, file: "agent.conf")
        configure(&configuration)
        let session = try Session(
            agentKeys: [agentKey], masterKeys: [masterKey.publicKey],
            boot: Session.randomBoot())
        let master = Destination(address, session: session, index: 0, startedAt: startedAt)
        socket = listener
        batch = try DatagramBatch(count: 8, byteCount: Envelope.mostByteCount)
        receiver = try Receiver(
            secretKeys: [masterKey],
            agents: [(name: "rs1", publicKeys: [agentKey.publicKey])],
            identity: MasterIdentity.generate())
        loop = try ReportLoop(
            configuration, masters: [master],
            notify: Notify(environment: { _ in nil }, processID: 1), log: Log(),
            startedAt: startedAt)
    }

    /// Lets agent and master do what is due at `now`; the reports that were applied.
    func reports(at now: Int64) throws -> [Report] {
        var reports: [Report] = []
        // Thrice: the report, the one after a challenge, and what the master says to that.
        for _ in 1...3 {
            try loop.step(at: now)
            reports += try received(at: now)
        }
        return reports
    }

    /// Lets the agent live until so many reports were applied.
    func reports(_ count: Int, whileWaiting: () -> Void = {}) throws -> [Report] {
        var reports: [Report] = []
        while reports.count < count {
            try loop.step()
            whileWaiting()
            reports += try received(at: MonotonicClock.now())
        }
        return reports
    }

    /// Sends a datagram of the master to where the newest report came from.
    func sendToAgent(_ datagram: [UInt8]) throws {
        #expect(datagram.withUnsafeBytes { socket.send($0, back: way) })
    }

    /// What the master makes of all that came.
    func received(at now: Int64) throws -> [Report] {
        var reports: [Report] = []
        var refusals: [Refusal] = []
        _ = try batch.receive(from: socket) { datagram, _, index in
            heard += 1
            way = batch.path(of: index)
            switch receiver.take(datagram.bytes, at: now, into: &scratch, reply: &answer) {
            case .applied: reports.append(scratch)
            case .challenged: break
            case .refused(let refusal): refusals.append(refusal)
            }
            guard answers, !answer.isEmpty else { return }
            #expect(
                answer.withUnsafeBytes { batch.reply(to: index, over: socket, with: $0) })
        }
        #expect(refusals == [])
        return reports
    }
}

/// A TCP server on loopback that never accepts, unless a test tells it to answer.
final class Page {
    let listener: Descriptor
    let port: UInt16
    private let answer: String
    private var open: [Int32] = []

    init(_ body: String) throws {
        answer = "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        listener = try Descriptor(
            linux_socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0), "open a socket")
        #expect(listen(listener.number, 8) == 0)
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        #expect(linux_getsockname(listener.number, &storage, &size) == 0)
        port = withUnsafeBytes(of: storage) {
            UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: 2, as: UInt16.self))
        }
    }

    /// Answers the connection that waits, if one does.
    func serve() {
        let number = linux_accept(listener.number)
        guard number >= 0 else { return }
        let bytes = Array(answer.utf8)
        #expect(linux_write(number, bytes, bytes.count) == bytes.count)
        _ = shutdown(number, Int32(SHUT_WR))
        open.append(number)
    }

    deinit { for number in open { _ = close(number) } }
}
