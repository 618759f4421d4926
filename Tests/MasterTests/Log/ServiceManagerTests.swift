// What a service manager hears, by a socket that stands for it.

import Foundation
import Testing

@testable import Master

extension NotifyingTests {
    @Suite struct ServiceManagerTests {
        @Test func `each word arrives as the manager reads it`() async throws {
            let heard = try await heardByManager {
                ServiceManager.ready(status: "8 servers")
                ServiceManager.status("two\nlines=1")
                ServiceManager.reloading(monotonicNanoseconds: 1_234_567_890)
                ServiceManager.alive()
                ServiceManager.stopping(status: "stopped")
            }
            #expect(
                heard == [
                    "READY=1\nSTATUS=8 servers", "STATUS=two lines=1",
                    "RELOADING=1\nMONOTONIC_USEC=1234567", "WATCHDOG=1",
                    "STOPPING=1\nSTATUS=stopped",
                ])
        }

        @Test func `without a manager nothing is said and nothing fails`() async throws {
            let heard = try await heardByManager {
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

        @Test func `too slow a tick for the watchdog is warned of`() throws {
            func remark(_ seconds: Double, _ watchdog: Int64?) -> String? {
                ServiceManager.remark(onSignsOfLifeEvery: seconds, watchdogNanoseconds: watchdog)
            }
            #expect(remark(10, nil) == nil)
            #expect(remark(10, 20_000_000_000) == nil)
            let text = try #require(remark(10, 15_000_000_000))
            #expect(text.contains("15s") && text.contains("10s") && text.contains("WatchdogSec"))
        }
    }
}
