// A log that tests can read.

import Logging
import Synchronization

/// Keeps the lines that were logged.
final class Lines: Sendable {
    private let kept = Mutex<[String]>([])

    var all: [String] { kept.withLock { $0 } }

    var logger: Logger { Logger(label: "test", factory: { _ in KeepingHandler(lines: self) }) }

    fileprivate func add(_ line: String) { kept.withLock { $0.append(line) } }

    func take() -> [String] {
        kept.withLock { kept in
            defer { kept = [] }
            return kept
        }
    }
}

private struct KeepingHandler: LogHandler {
    let lines: Lines
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.debug

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { lines.add("\(event.level): \(event.message)") }
}
