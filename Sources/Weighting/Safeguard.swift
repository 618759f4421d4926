// The closed list of rules that stand between load and harm, each of which a test can switch off.

/// A rule without which something happens that never may: docs/policy.md.
///
/// All of them always hold; that each is needed is shown by tests that leave one out.
enum Safeguard: UInt64, CaseIterable {
    // Of the law.
    /// Requests that fail are no work done.
    case errorsAreNoWork
    /// An estimate of capacity stays within three times what was seen before.
    case priorBoost
    /// The trim stays within its bounds.
    case trimBounds
    /// Load alone leaves everybody `limits.floor`.
    case floor
    case rise
    case fall
    /// Nobody gets more than `limits.share` times its base share.
    case shareBound
    /// Whoever fails more than the others gets no raise.
    case noRaiseWithErrors
    /// Errors take shares away.
    case errorGate
    /// Errors of more than half of the capacity have a common cause.
    case commonCause
    /// Newcomers come to their share slowly.
    case slowStart

    // Of who is taken out.
    /// A tenth of a service in 30 s.
    case ejectionRate
    /// A third of a service at once, with those that drain.
    case ejectionShare
    /// Errors never take the last one with a weight.
    case lastOneStays
    /// At most half of a service drains at once.
    case halfDrains
    /// A drain never takes the last one with a weight.
    case lastOneNeverDrains
    /// A 0 of somebody else is not raised.
    case foreignZeros

    // Of checks.
    /// A tenth of a service in 30 s.
    case checkRate
    /// A third of a service at once.
    case checkShare
    /// More than a fifth within 30 s is doubted.
    case checkDoubt
    /// Below half of the capacity checks count for nobody.
    case checkPanic
    /// Checks never take the last one with a weight.
    case lastOneForChecks
    /// Who fails again and again stays out for longer each time.
    case flapPenalty

    // Of orders.
    /// An order takes the last one with a weight only when it says so.
    case lastOneForOrders
    /// What somebody else changes again and again is written once a minute.
    case orderPace

    // Of when a weight holds.
    case duplicatesHold
    /// Whoever's report is missing, for a moment or for long.
    case silenceHolds
    case silenceOfManyHolds
    case fewFreshHold
    case idleHolds
    case lateMasterHolds
    case undeclaredHolds
    case deadband
}

/// Which of them hold.
struct Safeguards: Equatable, Sendable {
    private var missing: UInt64 = 0

    static let all = Safeguards()

    static func without(_ safeguard: Safeguard) -> Safeguards {
        Safeguards(missing: 1 << safeguard.rawValue)
    }

    @inline(__always)
    func hold(_ safeguard: Safeguard) -> Bool { missing & (1 << safeguard.rawValue) == 0 }
}
