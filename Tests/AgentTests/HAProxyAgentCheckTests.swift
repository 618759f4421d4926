// A real HAProxy asks the agent, and does what it is told.

import CLinux
import Daemon
import Testing

@testable import Agent

/// An agent and a HAProxy whose one server is checked by it.
private final class Checked {
    let pair: Pair
    let page: Page
    private let server: Server
    private let socket: String

    init() throws {
        // The host is idle and the application says 0.4, so 60 % are left.
        let page = try Page("busy_seconds 5\nrun_seconds 5\ncores 1\nload 0.4\n")
        self.page = page
        let url = "prometheus = http://127.0.0.1:\(page.port)/metrics"
        pair = try Pair(
            """
            [host]
            source = prometheus
            \(url)
            cpu-busy = busy_seconds
            runnable = run_seconds
            cores = cores
            [service web]
            \(url)
            load = load
            """
        ) { configuration in
            configuration.agentCheck = SocketAddress("127.0.0.1:0")
        }
        _ = try pair.reports(1) { page.serve() }
        let port = try #require(pair.loop.agentCheckAddress?.port)
        socket = pair.folder.path("haproxy.sock")
        let config = try pair.folder.write(
            "haproxy.cfg",
            """
            global
                stats socket \(socket) mode 600 level admin
            defaults
                mode tcp
                timeout connect 5s
                timeout client 30s
                timeout server 30s
            listen web
                bind unix@\(pair.folder.path("web.sock"))
                server rs1 127.0.0.1:1 weight 200 agent-check agent-port \(port) agent-inter 50ms \
            agent-send "web\\n"

            """)
        server = try Server(["/usr/sbin/haproxy", "-db", "-f", config])
    }

    /// The admin state and the weight that HAProxy has for the server; `nil` before it runs.
    private func state() throws -> (admin: Int, weight: Int)? {
        guard let socket = try? StreamSocket(connectingToPath: socket) else { return nil }
        let question = Array("show servers state web\n".utf8)
        try #require(question.withUnsafeBytes { try? socket.send($0) } == question.count)
        let poller = try Poller()
        try poller.add(socket.number, for: .read, token: 0)
        var text: [UInt8] = []
        var isWhole = false
        while !isWhole {
            try poller.wait { _, _ in }
            withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 8) { buffer in
                while let count = try? socket.receive(into: buffer) {
                    isWhole = count == 0
                    guard count > 0 else { break }
                    text.append(contentsOf: buffer[..<count])
                }
            }
        }
        let line = String(decoding: text, as: UTF8.self).split(separator: "\n")
            .first { $0.contains(" rs1 ") }
        let words = try #require(line).split(separator: " ")
        return (try #require(Int(words[6])), try #require(Int(words[7])))
    }

    /// Lets the agent live until HAProxy has this state; false after 30 s.
    func comesTo(admin: Int, weight: Int) throws -> Bool {
        let deadline = MonotonicClock.now() + 30_000_000_000
        while MonotonicClock.now() < deadline {
            _ = try pair.reports(1) { page.serve() }
            if let state = try state(), state == (admin, weight) { return true }
        }
        return false
    }

    /// Changes what HAProxy's own operator wants.
    func command(_ text: String) throws {
        let socket = try StreamSocket(connectingToPath: socket)
        let bytes = Array("\(text)\n".utf8)
        try #require(bytes.withUnsafeBytes { try? socket.send($0) } == bytes.count)
        let poller = try Poller()
        try poller.add(socket.number, for: .read, token: 0)
        try poller.wait { _, _ in }
    }
}

@Test func `a real HAProxy follows the load, and drains while the agent's operator wants it`()
    throws
{
    let checked = try Checked()
    // Weight 200 in its file is the whole; bit 8 of the admin state is a drain.
    #expect(try checked.comesTo(admin: 0, weight: 120))
    try checked.pair.folder.write("maintenance/web", "")
    #expect(try checked.comesTo(admin: 8, weight: 120))
    #expect(unlink(checked.pair.folder.path("maintenance/web")) == 0)
    #expect(try checked.comesTo(admin: 0, weight: 120))
}

@Test func `what people drain in HAProxy stays drained while the agent is well`() throws {
    let checked = try Checked()
    #expect(try checked.comesTo(admin: 0, weight: 120))
    try checked.command("set server web/rs1 state drain")
    #expect(try checked.comesTo(admin: 8, weight: 120))
    // Twenty more reports, and with them as many checks.
    for _ in 1...20 { _ = try checked.pair.reports(1) { checked.page.serve() } }
    #expect(try checked.comesTo(admin: 8, weight: 120))
}
