// A fault that lasts is told once a minute, and its end once.

internal import Daemon

/// Keeps one thing that can fail from filling the log.
struct Trouble {
    private static let silence: Int64 = 60_000_000_000

    /// What the log calls it, as in "[service web] prometheus".
    let name: String
    /// What is wrong now; `nil` means well.
    private(set) var current: String?
    private var toldAt: Int64?
    /// Whether the log's last word on it is that it fails.
    private var isTold = false
    /// What the log says at its end.
    private let ending: String

    init(_ name: String, ending: String = "well again") {
        self.name = name
        self.ending = ending
    }

    var isWell: Bool { current == nil }

    /// Name and fault together; `nil` means well.
    var told: String? { current.map { "\(name): \($0)" } }

    /// Takes how it is now, and says so in the log unless it was said within the minute.
    mutating func take(_ fault: String?, at now: Int64, log: Log) {
        current = fault
        if let fault {
            guard toldAt.map({ now - $0 >= Self.silence }) ?? true else { return }
            toldAt = now
            isTold = true
            log.warning("\(name): \(fault)")
        } else if isTold {
            isTold = false
            log.notice("\(name): \(ending)")
        }
    }
}
