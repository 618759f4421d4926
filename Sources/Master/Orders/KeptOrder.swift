// An order as the master works with it: what people read of it, and what it still owes the table.

internal import Settings
internal import Weighting

/// One order that lives, or whose end is not seen in the table yet.
struct KeptOrder: Equatable, Sendable {
    /// Its `state` is as of the newest ``OrderBook/turn(to:)``.
    var record: AdminAPI.OrderRecord
    /// Its time has come. One that is no recurring order stays so, also where clocks are set back.
    var isOpen: Bool
    /// The table may hold a 0 of it, which is ours to end: kept over the master's end, for nothing
    /// in the kernel tells it from somebody else's.
    var mayHoldZero: Bool

    var isEnded: Bool { record.endedUnixMilliseconds != nil }
    var isInForce: Bool { isOpen && !isEnded }

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
