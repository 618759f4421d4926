// Which members of one service are out for their errors at one tick, within the limits.

/// Who is taken out, and who comes back.
struct Ejections: Equatable {
    /// Whose weight goes to 0.
    var leaving: Set<Int> = []
    /// Whose 0 of ours ends.
    var returning: Set<Int> = []
    /// Whether more fail than may be taken out.
    var isFull = false

    static let none = Ejections()

    /// What stands against taking out more.
    struct Limits {
        /// Members that the kernel holds, whatever their weight.
        let present: Int
        /// How many of them are at 0 by our hand, for whatever reason.
        let out: Int
        /// How many were taken out for errors within ``windowSeconds``.
        let lately: Int
        /// Destinations with a weight above 0 that are neither about to drain nor down.
        let live: Int

        /// No more may be taken out by errors in one window than this part of a service, or one.
        static let mostInWindow = 10
        static let windowSeconds = 30.0
        /// No more may be out at once than this part of it, or one.
        static let mostAtOnce = 3

        func room(_ safeguards: Safeguards) -> Int {
            let byRate = max(1, present / Self.mostInWindow) - lately
            let byShare = max(1, present / Self.mostAtOnce) - out
            return max(
                0,
                min(
                    safeguards.hold(.ejectionRate) ? byRate : .max,
                    safeguards.hold(.ejectionShare) ? byShare : .max,
                    safeguards.hold(.lastOneStays) ? live - 1 : .max))
        }
    }

    /// One that fails too much, or that is out.
    struct Candidate {
        let place: Int
        let evidence: Double
        /// The part of its share that its errors leave it.
        let gate: Double
        let isOut: Bool
    }

    init() {}

    /// Whoever fails most goes first.
    init(_ candidates: [Candidate], _ limits: Limits, _ safeguards: Safeguards) {
        let failing =
            candidates
            .filter { !$0.isOut && $0.gate < ErrorGate.least }
            .sorted { ($1.evidence, $0.place) < ($0.evidence, $1.place) }
        leaving = Set(failing.prefix(limits.room(safeguards)).map(\.place))
        isFull = leaving.count < failing.count
        returning = Set(
            candidates.filter { $0.isOut && $0.gate >= ErrorGate.least }.map(\.place))
        guard returning.isEmpty, limits.live == 0 else { return }
        // Nobody is left that serves, by somebody else's hand or since the others are down: bad
        // answers are better than none.
        let best = candidates.filter(\.isOut).min {
            ($0.evidence, $0.place) < ($1.evidence, $1.place)
        }
        if let best { returning = [best.place] }
    }
}
