// Which of an agent's datagrams are new: none is taken twice, none out of order.

/// What the master remembers of the order of one agent's datagrams (PROTOCOL.md §7).
///
/// Asking changes nothing; only a datagram whose tag proved right may be recorded.
package struct SequenceCheck: Equatable, Sendable {
    /// The boot id and the highest sequence of the newest datagram; `nil` before the first.
    package private(set) var newest: (boot: UInt32, sequence: UInt32)?
    /// Bit n is set when sequence highest − n was seen.
    private var seen: UInt64 = 0

    package init() {}

    /// Why a datagram cannot be new, or `nil` when it may be.
    package func refusal(boot: UInt32, sequence: UInt32) -> Refusal? {
        guard boot != 0, sequence != 0 else { return .range }
        guard let newest, newest.boot == boot, sequence <= newest.sequence else { return nil }
        let distance = newest.sequence - sequence
        // Before the window nothing is known; that it is late is certain.
        return distance < 64 && seen >> UInt64(distance) & 1 == 1 ? .duplicate : .late
    }

    /// Records an authentic datagram for which ``refusal(boot:sequence:)`` found nothing.
    package mutating func record(boot: UInt32, sequence: UInt32) {
        if let newest, newest.boot == boot, newest.sequence < sequence {
            // Shifting by 64 or more leaves 0, as it should.
            seen <<= UInt64(sequence - newest.sequence)
        } else {
            seen = 0
        }
        seen |= 1
        newest = (boot, sequence)
    }

    package static func == (one: SequenceCheck, other: SequenceCheck) -> Bool {
        one.newest?.boot == other.newest?.boot && one.newest?.sequence == other.newest?.sequence
            && one.seen == other.seen
    }
}
