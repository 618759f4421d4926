// Where log lines go.

internal import CLinux
internal import CSystemd
internal import Daemon
internal import Logging

/// One of the two ways to log.
enum LogSink {
    case journal
    case standardError

    /// The journal when it is this process's own log, by the service manager's word.
    static func ofThisProcess() -> LogSink {
        isJournal(
            environment: { name in getenv(name).map { String(cString: $0) } }, processID: getpid(),
            standardError: Output.errorIdentity, hasSocket: access(journalSocket, W_OK) == 0)
            ? .journal : .standardError
    }

    private static let journalSocket = "/run/systemd/journal/socket"

    /// Whether what the service manager said is meant for this process.
    ///
    /// The variables are inherited by processes whose standard error goes elsewhere, such as those
    /// of a person's shell, so their values have to name this one: `standardError` is its
    /// `device:inode`.
    static func isJournal(
        environment: (String) -> String?, processID: Int32, standardError: String?, hasSocket: Bool
    ) -> Bool {
        if let stream = environment("JOURNAL_STREAM"), stream == standardError { return true }
        return hasSocket && environment("SYSTEMD_EXEC_PID") == "\(processID)"
    }

    func write(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {
        switch self {
        case .journal:
            guard !Self.send(LogText.fields(level, message, metadata)) else { return }
            Output.error(LogText.line(level, message, metadata))
        case .standardError:
            Output.error(LogText.line(level, message, metadata))
        }
    }

    /// False when the journal did not take the entry.
    private static func send(_ fields: [String]) -> Bool {
        var bytes = fields.flatMap { Array($0.utf8) }
        return bytes.withUnsafeMutableBytes { buffer in
            var offset = 0
            let vectors = fields.map { field in
                defer { offset += field.utf8.count }
                return iovec(
                    iov_base: buffer.baseAddress.map { $0 + offset }, iov_len: field.utf8.count)
            }
            return sd_journal_sendv(vectors, Int32(vectors.count)) == 0
        }
    }
}
