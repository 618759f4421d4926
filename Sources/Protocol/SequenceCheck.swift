// Which of an agent's datagrams are new: none is taken twice, none out of order.

/// What the master remembers of the order of one agent's datagrams (PROTOCOL.md §7).
///
/// Asking changes nothing; only a datagram whose tag proved right may be recorded.
package struct SequenceCheck: Equatable, Sendable {
    /// A boot that another one came after, and how far it had come.
    private struct Superseded: Equatable, Sendable {
        let boot: UInt32
        let highest: UInt32
    }

    /// How many superseded boots are remembered.
    private static let mostSuperseded = 16

    /// The boot id of the newest datagram; `nil` before the first.
    package private(set) var boot: UInt32?
    /// The highest sequence of that boot.
    package private(set) var highest: UInt32 = 0
    /// Bit n is set when sequence highest − n was seen.
    private var seen: UInt64 = 0
    /// The oldest first.
    private var superseded: [Superseded] = []

    package init() {}

    /// Why a datagram cannot be new, or `nil` when it may be.
    package func refusal(boot: UInt32, sequence: UInt32) -> Refusal? {
        guard boot != 0, sequence != 0 else { return .range }
        guard boot == self.boot else {
            // What goes on where it had stopped is taken: else one replayed datagram of a forgotten
            // boot would shut out the living agent.
            return sequence > lastOfSuperseded(boot) ? nil : .late
        }
        guard sequence <= highest else { return nil }
        let distance = highest - sequence
        // Further back nothing is remembered, but that it is late is certain.
        return distance < 64 && seen >> UInt64(distance) & 1 == 1 ? .duplicate : .late
    }

    /// The highest sequence of a superseded boot; 0 of one that is not remembered.
    private func lastOfSuperseded(_ boot: UInt32) -> UInt32 {
        superseded.first { $0.boot == boot }?.highest ?? 0
    }

    /// Records an authentic datagram for which ``refusal(boot:sequence:)`` found nothing.
    package mutating func record(boot: UInt32, sequence: UInt32) {
        if boot != self.boot { supersede(with: boot) }
        let step = boot == self.boot && sequence > highest ? sequence - highest : 64
        // Shifting by 64 or more leaves nothing, as it should.
        seen = seen << UInt64(step) | 1
        self.boot = boot
        highest = sequence
    }

    private mutating func supersede(with boot: UInt32) {
        superseded.removeAll { $0.boot == boot }
        guard let old = self.boot else { return }
        superseded.append(Superseded(boot: old, highest: highest))
        if superseded.count > Self.mostSuperseded { superseded.removeFirst() }
    }
}
