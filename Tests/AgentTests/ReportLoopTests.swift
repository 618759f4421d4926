// The agent as a whole, over loopback: what a master and a metrics page see of it.

import CLinux
import Daemon
import Protocol
import Testing

@testable import Agent

/// A master that takes reports, and an agent that sends them; both in this process.
private final class Pair {
    let socket: UDPSocket
    let batch: DatagramBatch
    var receiver: Receiver
    let loop: ReportLoop

    init(_ sections: String, agentOption: String = "") throws {
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
            notify: Notify(environment: { _ in nil }, processID: 1), log: Log())
    }

    /// Lets the agent live until so many reports came; each was opened by the master's receiver.
    func reports(_ count: Int, whileWaiting: () -> Void = {}) throws -> [Report] {
        var reports: [Report] = []
        while reports.count < count {
            try loop.step()
            whileWaiting()
            var refused = 0
            _ = try batch.receive(from: socket) { datagram, _ in
                do throws(Refusal) {
                    reports.append(try receiver.open(datagram.bytes).report)
                } catch {
                    refused += 1
                }
            }
            #expect(refused == 0)
        }
        return reports
    }
}

/// A TCP server on loopback that never accepts, unless a test tells it to answer.
private final class Page {
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

@Test func `a master opens what the agent sends, and finds the host in it`() throws {
    let pair = try Pair("")
    let reports = try pair.reports(3)
    #expect(reports.map(\.intervalMilliseconds) == [50, 50, 50])
    #expect(reports.map(\.state) == [.up, .up, .up])
    #expect(reports.allSatisfy { $0.flags.isDisjoint(with: [.final, .sampleStale]) })
    let busy = reports.compactMap(\.host?.cpuBusyTenthsOfMillisecond)
    #expect(busy.count == 3 && busy == busy.sorted())
    let cores = try #require(reports[0].host?.coresHundredths)
    #expect(cores > 0)
    // The first report says which agent this is, the next ones need not.
    #expect(reports.map { $0.info?.agentVersion } == [Poise.versionNumber, nil, nil])
}

@Test func `a port that nobody listens on is down, one that somebody does is up`() throws {
    let page = try Page("")
    let pair = try Pair("[service open]\nport = \(page.port)\n[service shut]\nport = 1\n")
    let report = try #require(try pair.reports(1).first)
    #expect(report.services.map(\.state) == [.up, .down])
    #expect(report.services.map(\.reason) == [.none, .notListening])
    #expect(report.services.map(\.queue) == [0, 0])
}

@Test func `metrics become counters that grow from the first reading`() throws {
    let page = try Page("busy_seconds 5.5\nrun_seconds 7\ncores 1.5\nreq 100\nbad 3\n")
    let url = "prometheus = http://127.0.0.1:\(page.port)/metrics\n"
    let pair = try Pair(
        """
        [host]
        source = prometheus
        \(url)cpu-busy = busy_seconds
        runnable = run_seconds
        cores = cores
        [service web]
        \(url)requests = req
        errors = bad
        in-flight = cores
        """)
    let report = try #require(try pair.reports(1) { page.serve() }.last)
    #expect(report.state == .up)
    #expect(report.host?.cpuBusyTenthsOfMillisecond == 0)
    #expect(report.host?.coresHundredths == 150)
    #expect(report.services.first?.inFlight == 1)
    #expect(report.requests.first?.requests == 0)
    #expect(report.requests.first?.errors == 0)
}

@Test func `a page that never answers costs its own figures, and no report`() throws {
    let page = try Page("")
    let pair = try Pair(
        """
        [service web]
        port = \(page.port)
        prometheus = http://127.0.0.1:\(page.port)/metrics
        requests = req
        """)
    let reports = try pair.reports(4)
    #expect(reports.allSatisfy { $0.host != nil && $0.state == .up })
    #expect(reports.allSatisfy { $0.requests.isEmpty })
    #expect(reports.allSatisfy { $0.services.first?.state == .up })
    #expect(reports.allSatisfy { $0.services.first?.reason == .agentFault })
    // The first report waited its short while; then the page has lost its credit, and the beat
    // is that of the clock: every next report is an interval of 50 ms after the one before.
    let clocks = reports.map(\.clockTenthsOfMillisecond)
    #expect(zip(clocks.dropFirst(), clocks.dropFirst(2)).allSatisfy { $1 &- $0 >= 300 })
}

@Test func `a host whose stand-in is silent is unknown by fault of the agent`() throws {
    let page = try Page("")
    let pair = try Pair(
        """
        [host]
        source = prometheus
        prometheus = http://127.0.0.1:\(page.port)/metrics
        cpu-busy = a
        runnable = b
        cores = c
        """)
    let report = try #require(try pair.reports(1).first)
    #expect(report.host == nil)
    #expect(report.state == .unknown)
    #expect(report.reason == .agentFault)
    #expect(report.flags.contains(.sampleStale))
}

@Test(arguments: [
    ("", StateReason.agentRestart), ("goodbye = stopping", StateReason.serviceStopping),
])
func `an agent that is stopped says goodbye three times and is over`(
    option: String, reason: StateReason
) throws {
    let pair = try Pair("", agentOption: option)
    _ = try pair.reports(1)
    let before = MonotonicClock.now()
    pair.loop.stop(at: before)
    let goodbyes = try pair.reports(3)
    #expect(goodbyes.map(\.state) == [.leaving, .leaving, .leaving])
    #expect(goodbyes.map(\.reason) == [reason, reason, reason])
    let wanted: Report.Flags = [.final, .acknowledgementRequested]
    #expect(goodbyes.allSatisfy { $0.flags.isSuperset(of: wanted) })
    #expect(pair.loop.isOver)
    // Never earlier than 100 and 300 ms after the first.
    let clocks = goodbyes.map(\.clockTenthsOfMillisecond)
    #expect(clocks[1] &- clocks[0] >= 990 && clocks[2] &- clocks[0] >= 2_990)
}

@Test func `a second signal ends the goodbyes`() throws {
    let pair = try Pair("")
    _ = try pair.reports(1)
    pair.loop.stop(at: MonotonicClock.now())
    #expect(!pair.loop.isOver)
    pair.loop.stop(at: MonotonicClock.now())
    #expect(pair.loop.isOver)
}
