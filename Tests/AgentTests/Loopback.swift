// A master and a metrics page on loopback, for the tests of the agent as a whole.

import CLinux
import Daemon
import Protocol
import Testing

@testable import Agent

/// A master that takes reports, and an agent that sends them; both in this process.
final class Pair {
    let socket: UDPSocket
    let batch: DatagramBatch
    var receiver: Receiver
    let loop: ReportLoop

    init(
        _ sections: String, agentOption: String = "", startedAt: Int64 = MonotonicClock.now()
    ) throws {
        let agentKey = SecretKey.generate()
        let masterKey = SecretKey.generate()
        let listener = try UDPSocket(
            listeningOn: try #require(SocketAddress("127.0.0.1:0")), receiveBytes: 65_536)
        let local = listener.localAddress
        let address = try #require(local)
        let configuration = try Configuration.decode(
            """
            [agent]
            master = \(address) \(masterKey.publicKey.text)
            interval = 50ms
            \(agentOption)
            \(sections)
            """, file: "agent.conf")
        let masters = configuration.masters.compactMap {
            Destination($0, key: agentKey, boot: Sender.randomBoot())
        }
        socket = listener
        batch = try DatagramBatch(count: 8, byteCount: Envelope.mostByteCount)
        receiver = try Receiver(
            secretKeys: [masterKey],
            agents: [(name: "rs1", publicKeys: [agentKey.publicKey])])
        loop = try ReportLoop(
            configuration, masters: masters,
            notify: Notify(environment: { _ in nil }, processID: 1), log: Log(),
            startedAt: startedAt)
    }

    /// Lets the agent do what is due at `now`; the reports that come of it.
    func reports(at now: Int64) throws -> [Report] {
        loop.advance(to: now)
        return try received()
    }

    /// Lets the agent live until so many reports came; each was opened by the master's receiver.
    func reports(_ count: Int, whileWaiting: () -> Void = {}) throws -> [Report] {
        var reports: [Report] = []
        while reports.count < count {
            try loop.step()
            whileWaiting()
            reports += try received()
        }
        return reports
    }

    private func received() throws -> [Report] {
        var reports: [Report] = []
        var refused = 0
        _ = try batch.receive(from: socket) { datagram, _ in
            do throws(Refusal) {
                reports.append(try receiver.open(datagram.bytes).report)
            } catch {
                refused += 1
            }
        }
        #expect(refused == 0)
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
