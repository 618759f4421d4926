// What a service manager hears, by a socket that stands for it.

import Foundation
import Testing

@testable import Master

// The environment belongs to the whole process.
@Suite(.serialized) struct ServiceManagerTests {
    @Test func `each word arrives as the manager reads it`() async throws {
        let heard = try await listen {
            ServiceManager.ready(status: "8 servers")
            ServiceManager.status("two\nlines=1")
            ServiceManager.reloading(monotonicNanoseconds: 1_234_567_890)
            ServiceManager.alive()
            ServiceManager.stopping(status: "stopped")
        }
        #expect(
            heard == [
                "READY=1\nSTATUS=8 servers", "STATUS=two lines=1",
                "RELOADING=1\nMONOTONIC_USEC=1234567", "WATCHDOG=1", "STOPPING=1\nSTATUS=stopped",
            ])
    }

    @Test func `without a manager nothing is said and nothing fails`() async throws {
        let heard = try await listen {
            unsetenv("NOTIFY_SOCKET")
            ServiceManager.ready(status: "alone")
        }
        #expect(heard.isEmpty)
    }

    @Test func `the watchdog's interval is read, if it is meant for this process`() {
        defer {
            unsetenv("WATCHDOG_USEC")
            unsetenv("WATCHDOG_PID")
        }
        #expect(ServiceManager.watchdogNanoseconds() == nil)
        setenv("WATCHDOG_USEC", "3000000", 1)
        setenv("WATCHDOG_PID", "\(getpid())", 1)
        #expect(ServiceManager.watchdogNanoseconds() == 3_000_000_000)
        setenv("WATCHDOG_PID", "1", 1)
        #expect(ServiceManager.watchdogNanoseconds() == nil)
    }

    /// The datagrams that `body` sends.
    private func listen(_ body: () -> Void) async throws -> [String] {
        try await withDirectory { directory in
            let path = "\(directory)/notify"
            let manager = unixSocket(SOCK_DGRAM)
            defer { close(manager) }
            try #require(bindUnix(manager, path) == 0)
            setenv("NOTIFY_SOCKET", path, 1)
            defer { unsetenv("NOTIFY_SOCKET") }
            body()

            var heard: [String] = []
            var buffer = [UInt8](repeating: 0, count: 4_096)
            while true {
                let count = recv(manager, &buffer, buffer.count, Int32(MSG_DONTWAIT))
                guard count > 0 else { return heard }
                heard.append(String(decoding: buffer[..<count], as: UTF8.self))
            }
        }
    }
}
