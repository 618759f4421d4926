// So many a second, with a reserve for bursts.

/// How much may happen in how little time, in eight bytes.
struct Limiter: Equatable, Sendable {
    /// Takes what a second allows, and how much of it may come at once.
    struct Rule: Equatable, Sendable {
        let periodNanoseconds: Int64
        let burst: Int64

        init(perSecond: Int, burst: Int) {
            periodNanoseconds = 1_000_000_000 / Int64(max(perSecond, 1))
            self.burst = Int64(burst)
        }
    }

    /// When all that was taken will have been earned again.
    private var settledAt: Int64 = 0

    /// Whether one more may happen now and leave `reserve` for others.
    func allows(_ rule: Rule, at now: Int64, reserve: Int64 = 0) -> Bool {
        let owed = max(settledAt - now, 0)
        return owed + rule.periodNanoseconds <= (rule.burst - reserve) * rule.periodNanoseconds
    }

    /// One happened.
    mutating func take(_ rule: Rule, at now: Int64) {
        settledAt = max(settledAt, now) + rule.periodNanoseconds
    }
}
