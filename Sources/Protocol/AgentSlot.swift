// What a master remembers of one agent between two datagrams.

/// One of many in a row, so it holds nothing that is counted by reference.
struct AgentSlot: Sendable {
    /// More adoptions than this within ``adoptionSpan`` are two processes with one key.
    private static let mostAdoptions = 3
    private static let adoptionSpan: Int64 = 60_000_000_000
    private static let never = Int64.min

    struct Probe {
        let nonce: UInt32
        let sentAt: Int64
    }

    var sequence: SequenceCheck
    /// The boot of the last report that was applied; 0 before the first.
    var appliedBoot: UInt32 = 0
    /// The pair that the last applied report came by.
    var locator: Locator?
    var sentSequence: UInt32 = 0
    var replies = Limiter()
    var probe: Probe?
    var directive: Directive?
    var directiveVersion: UInt8 = 0
    /// What it may speak for.
    var entitled = Entitled.any
    /// When the last boots were adopted, in turns; ``never`` in places not used yet.
    private var adoptions = InlineArray<4, Int64>(repeating: AgentSlot.never)
    private var nextAdoption = 0

    init(generation: UInt32) { sequence = SequenceCheck(generation: generation) }

    /// The services an agent may speak for, where they are few enough to lie here.
    struct Entitled {
        static let any = Entitled(isAny: true, few: .zero)
        private let isAny: Bool
        /// Filled up with 0, which is no id.
        private let few: SIMD8<UInt16>

        private init(isAny: Bool, few: SIMD8<UInt16>) { (self.isAny, self.few) = (isAny, few) }

        init(_ services: [ServiceID]) {
            var few = SIMD8<UInt16>.zero
            for (place, id) in zip(few.indices, services) { few[place] = id.rawValue }
            self.init(isAny: false, few: few)
        }

        /// Whether it is surely one of them; where there are more than fit, the whole list knows.
        func names(_ id: ServiceID) -> Bool { isAny || Swift.any(few .== id.rawValue) }
    }

    mutating func recordAdoption(at now: Int64) {
        adoptions[nextAdoption] = now
        nextAdoption = (nextAdoption + 1) % adoptions.count
    }

    /// Whether more boots were adopted within the last minute than one process can have.
    func isDuplicateIdentity(at now: Int64) -> Bool {
        // The next place to be used holds the oldest of the last four.
        let oldest = adoptions[nextAdoption]
        guard oldest != Self.never else { return false }
        return now - oldest < Self.adoptionSpan
    }

    mutating func nextSentSequence() -> UInt32 {
        sentSequence = sentSequence == .max ? 1 : sentSequence + 1
        return sentSequence
    }

    /// The time there and back, if this is the answer to the last probe and the first one.
    mutating func roundTrip(_ echo: ProbeEcho, at now: Int64) -> Int64? {
        guard let probe, probe.nonce == echo.nonce else { return nil }
        self.probe = nil
        let hold = Int64(clamping: echo.holdMicroseconds ?? 0)
        return max(now - probe.sentAt - hold * 1_000, 0)
    }
}
