// What the master tells the service manager, by libsystemd; see sd_notify(3).

internal import CLinux
internal import CSystemd
internal import Settings

/// The service manager of this process; without one every message is quietly left out.
package enum ServiceManager {
    /// The service is ready; also said after a reload.
    package static func ready(status: String) { send("READY=1\n\(line(status))") }

    /// One line about how things are, for `systemctl status`.
    package static func status(_ text: String) { send(line(text)) }

    /// A reload began; ``ready(status:)`` ends it.
    ///
    /// - Parameter monotonicNanoseconds: now, on CLOCK_MONOTONIC: the manager tells by it which
    ///   reload this answers.
    package static func reloading(monotonicNanoseconds: Int64) {
        send("RELOADING=1\nMONOTONIC_USEC=\(monotonicNanoseconds / 1_000)")
    }

    /// A sign of life; send it at least twice in each ``watchdogNanoseconds``.
    package static func alive() { send("WATCHDOG=1") }

    package static func stopping(status: String) { send("STOPPING=1\n\(line(status))") }

    /// How long the manager waits for a sign of life; nothing when it does not wait for any.
    package static func watchdogNanoseconds() -> Int64? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        let nanoseconds = microseconds.multipliedReportingOverflow(by: 1_000)
        return nanoseconds.overflow ? nil : Int64(exactly: nanoseconds.partialValue)
    }

    /// A warning when signs of life every `seconds` are too few for the watchdog.
    static func remark(onSignsOfLifeEvery seconds: Double, watchdogNanoseconds: Int64?) -> String? {
        guard let watchdogNanoseconds, seconds * 1e9 > Double(watchdogNanoseconds) / 2 else {
            return nil
        }
        return "the service manager ends this process after "
            + "\(Quantity.text(seconds: Double(watchdogNanoseconds) / 1e9)) without a sign of life, "
            + "and each tick gives one, every \(Quantity.text(seconds: seconds)): make WatchdogSec "
            + "of the unit more than twice the policy's interval"
    }

    /// A line break would start another variable.
    private static func line(_ status: String) -> String {
        "STATUS=" + String(status.map { $0.isNewline ? " " : $0 })
    }

    private static func send(_ message: String) {
        // A manager that does not listen is no reason to stop.
        _ = sd_notify(0, message)
    }
}
