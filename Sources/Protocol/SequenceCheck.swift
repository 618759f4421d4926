// Which of an agent's datagrams are new: none is taken twice, none out of order.

/// What the master remembers of the order of one agent's datagrams (PROTOCOL.md §7).
///
/// Asking changes nothing; only a datagram that is authentic and fresh may be recorded.
struct SequenceCheck: Equatable, Sendable {
    /// The boot that is followed; 0 before the first.
    private(set) var boot: UInt32 = 0
    /// Grows with each boot that is adopted.
    ///
    /// Cookies are bound to it, so that what a superseded boot was granted is worth nothing.
    var generation: UInt32 = 0
    /// The highest sequence of that boot.
    var highest: UInt32 = 0
    /// Bit n is set when sequence highest − n was seen.
    private var seen: UInt64 = 0

    init(generation: UInt32 = 0) { self.generation = generation }

    /// Why a datagram cannot be new, or `nil` when it may be.
    func refusal(boot: UInt32, sequence: UInt32) -> Refusal? {
        guard boot != 0, sequence != 0 else { return .range }
        guard boot == self.boot, sequence <= highest else { return nil }
        let distance = highest - sequence
        // Further back nothing is remembered, but that it is late is certain.
        return distance < 64 && seen >> UInt64(distance) & 1 == 1 ? .duplicate : .late
    }

    /// The generation that a cookie for this boot has to be of.
    func generation(of boot: UInt32) -> UInt32 {
        boot == self.boot ? generation : generation &+ 1
    }

    /// Records an authentic and fresh datagram for which ``refusal(boot:sequence:)`` found nothing.
    ///
    /// True when its boot was adopted with it.
    mutating func record(boot: UInt32, sequence: UInt32) -> Bool {
        let isAdopted = boot != self.boot
        let step = !isAdopted && sequence > highest ? sequence - highest : 64
        // Shifting by 64 or more leaves nothing, as it should.
        seen = seen << UInt64(step) | 1
        if isAdopted { generation &+= 1 }
        self.boot = boot
        highest = sequence
        return isAdopted
    }
}
