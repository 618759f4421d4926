// What the service manager hears.

import CLinux
import Testing

@testable import Daemon

/// A socket that listens like a service manager, under an abstract name.
private func manager(_ name: String) throws -> Descriptor {
    let socket = try Descriptor(
        linux_socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0), "open a socket")
    var address = sockaddr_storage()
    let size = try #require(Notify.fill(&address, path: name))
    #expect(linux_bind(socket.number, &address, size) == 0)
    return socket
}

private func heard(_ socket: borrowing Descriptor) -> String? {
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = linux_read(socket.number, &bytes, bytes.count)
    return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
}

@Test func `the manager hears each message as one datagram`() throws {
    let name = "@poise-notify-\(getpid())"
    let socket = try manager(name)
    let notify = Notify(environment: { $0 == "NOTIFY_SOCKET" ? name : nil }, processID: 1)
    notify.ready(status: "all is well")
    notify.alive()
    notify.status("2 failing")
    notify.stopping(status: "saying goodbye")
    #expect(heard(socket) == "READY=1\nSTATUS=all is well")
    #expect(heard(socket) == "WATCHDOG=1")
    #expect(heard(socket) == "STATUS=2 failing")
    #expect(heard(socket) == "STOPPING=1\nSTATUS=saying goodbye")
    #expect(heard(socket) == nil)
}

@Test func `the watchdog is heeded only when it is meant for this process`() {
    func period(_ environment: [String: String]) -> Int64? {
        Notify(environment: { environment[$0] }, processID: 42).watchdogNanoseconds
    }
    #expect(period(["WATCHDOG_USEC": "30000000"]) == 30_000_000_000)
    #expect(period(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "42"]) == 30_000_000_000)
    #expect(period(["WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "43"]) == nil)
    #expect(period(["WATCHDOG_USEC": "0"]) == nil)
    #expect(period(["WATCHDOG_USEC": "soon"]) == nil)
    #expect(period([:]) == nil)
}

@Test func `without a manager nothing is sent and nothing fails`() {
    Notify(environment: { _ in nil }, processID: 1).ready(status: "x")
    Notify(environment: { _ in "relative" }, processID: 1).alive()
    Notify(environment: { _ in "@" + String(repeating: "x", count: 200) }, processID: 1).alive()
}
