// Lines for the operator on standard error, with the priority that the journal understands.

internal import CLinux

/// How much a line matters; the numbers are those of syslog(3).
package enum LogLevel: Int, Sendable { case error = 3, warning, notice, info, debug }

/// Writes whole lines, each with one call, so that nothing is lost when the process dies.
package struct Log: Sendable {
    private let isJournal: Bool

    /// Prefixes the priority when standard error is the journal's own stream.
    package init() {
        isJournal = Self.standardErrorIsJournal()
    }

    package func error(_ text: String) { write(.error, text) }
    package func warning(_ text: String) { write(.warning, text) }
    package func notice(_ text: String) { write(.notice, text) }
    package func info(_ text: String) { write(.info, text) }

    package func write(_ level: LogLevel, _ text: String) {
        Output.error(isJournal ? "<\(level.rawValue)>\(text)\n" : "\(text)\n")
    }

    /// JOURNAL_STREAM holds device:inode of the stream; it is inherited by processes whose
    /// standard error goes elsewhere, so the numbers are compared.
    private static func standardErrorIsJournal() -> Bool {
        guard let stream = getenv("JOURNAL_STREAM") else { return false }
        return String(cString: stream) == Output.errorIdentity
    }
}

/// Standard output and error without buffers.
package enum Output {
    /// Writes to standard output; false when nobody reads it any more.
    @discardableResult
    package static func text(_ text: String) -> Bool { write(text, to: 1) }

    /// Writes to standard error; false when nobody reads it any more.
    @discardableResult
    package static func error(_ text: String) -> Bool { write(text, to: 2) }

    /// `device:inode` of standard error, as JOURNAL_STREAM has it; `nil` when it is closed.
    package static var errorIdentity: String? {
        var mode: UInt32 = 0
        var (device, inode): (UInt64, UInt64) = (0, 0)
        guard linux_mode(2, &mode, &device, &inode) == 0 else { return nil }
        return "\(device):\(inode)"
    }

    private static func write(_ text: String, to number: Int32) -> Bool {
        var text = text
        return text.withUTF8 { bytes in
            var done = 0
            while done < bytes.count {
                guard let start = bytes.baseAddress else { return true }
                let count = linux_write(number, start + done, bytes.count - done)
                if count < 0 && linux_errno() == EINTR { continue }
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
    }
}
