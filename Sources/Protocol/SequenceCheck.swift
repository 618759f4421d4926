// Which of an agent's datagrams are new: none is taken twice, none out of order.

/// What the master remembers of the order of one agent's datagrams (PROTOCOL.md §7).
///
/// Asking changes nothing; only a datagram whose tag proved right may be recorded.
package struct SequenceCheck: Equatable, Sendable {
    /// The boot id of the newest datagram; `nil` before the first.
    package private(set) var boot: UInt32?
    /// The highest sequence of that boot.
    package private(set) var highest: UInt32 = 0
    /// Bit n is set when sequence highest − n was seen.
    private var seen: UInt64 = 0

    package init() {}

    /// Why a datagram cannot be new, or `nil` when it may be.
    package func refusal(boot: UInt32, sequence: UInt32) -> Refusal? {
        guard boot != 0, sequence != 0 else { return .range }
        guard boot == self.boot, sequence <= highest else { return nil }
        let distance = highest - sequence
        // Further back nothing is remembered, but that it is late is certain.
        return distance < 64 && seen >> UInt64(distance) & 1 == 1 ? .duplicate : .late
    }

    /// Records an authentic datagram for which ``refusal(boot:sequence:)`` found nothing.
    package mutating func record(boot: UInt32, sequence: UInt32) {
        let step = boot == self.boot && sequence > highest ? sequence - highest : 64
        // Shifting by 64 or more leaves nothing, as it should.
        seen = seen << UInt64(step) | 1
        self.boot = boot
        highest = sequence
    }
}
