// From a file or a lost listener to the next report, and back; and waiting until a drain is done.

import CLinux
import Daemon
import Foundation
import Protocol
import Synchronization
import Testing

@testable import Agent

private let interval: Int64 = 50_000_000

@Test func `a maintenance file is in the next report, and gone from the one after it`() throws {
    let start = MonotonicClock.now()
    let page = try Page("")
    let pair = try Pair("[service web]\nport = \(page.port)\n", startedAt: start)
    #expect(try pair.reports(at: start).map { $0.services.map(\.state) } == [[.up]])
    try pair.folder.write("maintenance/web", "")
    let drained = try pair.reports(at: start + interval)
    #expect(drained.map { $0.services.map(\.state) } == [[.draining]])
    #expect(drained.map { $0.services.map(\.reason) } == [[.maintenanceFile]])
    #expect(unlink(pair.folder.path("maintenance/web")) == 0)
    let after = try pair.reports(at: start + 2 * interval)
    #expect(after.map { $0.services.map(\.state) } == [[.up]])
}

/// A box, so that a listener can end in the middle of a test.
private final class Listening {
    let socket: StreamListener
    init(_ address: SocketAddress) throws(SystemError) {
        socket = try StreamListener(onTCP: address)
    }
    var address: SocketAddress? { socket.localAddress }
}

@Test func `a listener that goes is in the next report, and so is its return`() throws {
    let start = MonotonicClock.now()
    var listening: Listening? = try Listening(try #require(SocketAddress("127.0.0.1:0")))
    let address = try #require(listening?.address)
    let pair = try Pair("[service web]\nport = \(address.port)\n", startedAt: start)
    func states(_ beat: Int64) throws -> [HostState?] {
        try pair.reports(at: start + beat * interval).map(\.services.first?.state)
    }
    #expect(try states(0) == [.up])
    #expect(try states(1) == [.up])
    listening = nil
    #expect(try states(2) == [.down])
    #expect(try states(3) == [.down])
    listening = try Listening(address)
    #expect(try states(4) == [.up])
    withExtendedLifetime(listening) {}
}

/// What a wait came to, from a thread of its own.
private final class Wait: Sendable {
    let code = Mutex<ExitCode?>(nil)

    init(for service: String, in folder: String, timeoutMilliseconds: Int) {
        let wait = WaitDrained(service: service, runFolder: folder)
        Thread.detachNewThread {
            let code = wait.run(timeoutMilliseconds: timeoutMilliseconds)
            self.code.withLock { $0 = code }
        }
    }
}

@Test(
    arguments: [
        (service: "web", weight: 0, connections: 0, timeout: 20_000, code: ExitCode.done),
        (service: "web", weight: 0, connections: 1, timeout: 600, code: ExitCode.timedOut),
        (service: "web", weight: 5, connections: 0, timeout: 600, code: ExitCode.timedOut),
        (service: "mail", weight: 0, connections: 0, timeout: 600, code: ExitCode.failed),
    ] as [(service: String, weight: UInt16, connections: UInt64, timeout: Int, code: ExitCode)])
func `wait-drained ends as the master's word on the service is`(
    service: String, weight: UInt16, connections: UInt64, timeout: Int, code: ExitCode
) throws {
    let pair = try Pair("[service web]\nport = 1\n")
    pair.receiver.setStandings(
        agent: 0,
        [
            ServiceStanding(
                id: ServiceID(name: "web"), weight: weight, admin: .ready, reason: 0,
                activeConnections: connections)
        ])
    // The agent runs before anybody asks it.
    _ = try pair.reports(1)
    let wait = Wait(for: service, in: pair.folder.root, timeoutMilliseconds: timeout)
    while wait.code.withLock({ $0 }) == nil { _ = try pair.reports(1) }
    #expect(wait.code.withLock { $0 } == code)
}

@Test func `what a master said before the question does not end wait-drained`() throws {
    let pair = try Pair("[service web]\nport = 1\n")
    func say(weight: UInt16) {
        pair.receiver.setStandings(
            agent: 0,
            [
                ServiceStanding(
                    id: ServiceID(name: "web"), weight: weight, admin: .ready, reason: 0,
                    activeConnections: 0)
            ])
    }
    say(weight: 0)
    _ = try pair.reports(2)
    // From here on the weight is another, but the agent has not heard it.
    say(weight: 5)
    let wait = Wait(for: "web", in: pair.folder.root, timeoutMilliseconds: 600)
    while wait.code.withLock({ $0 }) == nil { _ = try pair.reports(1) }
    #expect(wait.code.withLock { $0 } == .timedOut)
}

@Test func `wait-drained without an agent says so`() throws {
    let scratch = try Scratch()
    let wait = WaitDrained(service: "web", runFolder: scratch.root)
    #expect(wait.run(timeoutMilliseconds: 20_000) == .unreachable)
    // Nor does the socket that an ended agent left behind answer.
    let left = try Descriptor(
        linux_socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0), "open a socket")
    var address = sockaddr_storage()
    let size = linux_unix_address(WaitDrained.socketPath(in: scratch.root), &address)
    #expect(linux_bind(left.number, &address, size) == 0)
    #expect(wait.run(timeoutMilliseconds: 20_000) == .unreachable)
    // A new agent takes its place, and keeps others out; a file stays what it is.
    let file = try scratch.write("file", "not a socket")
    #expect(throws: SystemError.self) {
        let third = try StreamListener(atPath: file, mode: 0o660)
        withExtendedLifetime(third.number) {}
    }
    #expect(access(file, F_OK) == 0)
    let path = WaitDrained.socketPath(in: scratch.root)
    let first = try StreamListener(atPath: path, mode: 0o660)
    #expect(throws: SystemError.self) {
        let second = try StreamListener(atPath: path, mode: 0o660)
        withExtendedLifetime(second.number) {}
    }
    withExtendedLifetime(first.number) {}
}
