// An order as the master works with it: what people read of it, and what it still owes the table.

internal import Settings
internal import Weighting

/// One order that lives, or whose end is not seen in the table yet.
struct KeptOrder: Equatable, Sendable {
    /// Its `state` is as of the newest ``OrderBook/turn(to:)``.
    var record: AdminAPI.OrderRecord
    /// Its time has come.
    ///
    /// One that is no recurring order stays so, also where clocks are set back.
    var isOpen: Bool
    /// The table may hold a 0 of it, which is ours to end: kept over the master's end, for nothing
    /// in the kernel tells it from somebody else's.
    var mayHoldZero: Bool

    var isEnded: Bool { record.endedUnixMilliseconds != nil }
    var isInForce: Bool { isOpen && !isEnded }

    /// Whether this weight is meant in place of the other one: neither has an end of its own.
    func replaces(_ other: KeptOrder) -> Bool {
        isPlainWeight && other.isPlainWeight && record.server == other.record.server
            && record.service == other.record.service
    }

    private var isPlainWeight: Bool {
        record.action == .weight && isInForce && record.endsUnixMilliseconds == nil
            && record.every == nil
    }

    func concerns(server: String, service: String) -> Bool {
        record.server == server && (record.service ?? service) == service
    }
}

extension AdminAPI.OrderRecord {
    /// The times of the week that it is for; text that the master took itself.
    var windows: PolicyWindows? {
        guard let every, let window = try? PolicyWindow(line: every) else { return nil }
        return PolicyWindows([window])
    }
}
