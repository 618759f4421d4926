// What share a member has, as decided before and as the kernel shows it: the starting point of
// each decision.

/// The share of one member, 1 the mean, and what was last seen of its weight.
struct ShareMemory: Equatable, Sendable, Codable {
    /// Nothing while the kernel does not give it connections.
    private(set) var current: Double?
    /// Before it went away or to 0.
    private var before: Double?
    /// The kernel's weight at the tick before, and the one that should be there now.
    private var seen: Int?
    private var expected: Int?
    /// Whether the kernel was seen to hold `expected`: only then can somebody else have changed it.
    private var isConfirmed = false
    /// Whether the weight is on another scale than the share, so that it is to be rewritten even
    /// while the member holds.
    private var isOffScale = false
    /// Whether it is a newcomer whose weight is ours already, or was one when it was followed last.
    private(set) var isOnItsWay = false
    /// What its share was on a slow average, beside its nominal one; ``shareBound(_:_:)``.
    private(set) var base: Double?
    /// How far a newcomer came.
    private var start: Start?
    /// For how many looks the kernel gave it nothing, and the weight that it had before.
    private var missed = 0
    private var seenBefore: Int?

    /// A newcomer on its way to the share that it had.
    private struct Start: Equatable, Sendable, Codable {
        var age = 0.0
        let goal: Double
    }

    /// Whether it was never looked at: it may serve for long, and only be new to this master.
    var isUnseen: Bool { current == nil && before == nil && missed == 0 }
    /// Whether it has a share, and its whole share.
    var isEstablished: Bool { current != nil && start == nil }

    /// What it has, or had when it was last given connections.
    var last: Double { current ?? before ?? 0 }
    /// What it counts for beside the others: a newcomer for what it is on its way to.
    var counted: Double { start?.goal ?? last }

    /// Whoever comes back on somebody else's scale starts within these shares: with something to
    /// be measured by, and not with more than the mean.
    static let newcomer = 0.1...1.0
    /// A weight that gives this share of our mean is taken to be meant on our scale.
    static let ourScale = 0.1...2.0
    /// A newcomer begins with this part of its fair share.
    static let startShare = 0.1

    /// The kernel does not give it connections: absent, or at 0.
    mutating func leave() {
        if current != nil { seenBefore = seen }
        missed = min(missed + 1, 2)
        before = start?.goal ?? current ?? before
        (current, seen, expected, start) = (nil, nil, nil, nil)
        (isOffScale, isConfirmed, isOnItsWay) = (false, false, false)
    }

    /// It is out for its errors, which may have taken most of its share before: what it had is its
    /// base.
    mutating func forgetErrors(nominal: Double) {
        if let base { before = max(before ?? 0, base * nominal) }
    }

    /// The service begins to follow load, from the weights that the kernel holds.
    ///
    /// `unit` is the weight that stands for the mean share.
    mutating func start(kernel: Int, unit: Double, meanWeight: Double) {
        current = Double(kernel) / unit
        missed = 0
        isOffScale = unit != meanWeight
        (seen, expected) = (kernel, kernel)
    }

    /// What it has after its drain: what it had, but no more than a newcomer may begin with.
    ///
    /// `fallback` is for one that this master never saw with a share.
    func afterDrain(fallback: Double) -> Double {
        min(before ?? fallback, Self.newcomer.upperBound)
    }

    /// It appeared while its service was followed.
    ///
    /// `isOurs` is true when it came back with the weight that we gave it.
    mutating func arrive(
        kernel: Int, meanWeight: Double, hold: Hold?, nominal: Double, isOurs: Bool
    ) {
        let share = Double(kernel) / meanWeight
        (seen, expected) = (kernel, kernel)
        defer { missed = 0 }
        // A table that is read while others change it may leave one out: once is no absence.
        if missed == 1, kernel == seenBefore, let before {
            current = before
            return
        }
        // A server that asks for less is not to be given more than its owner gives it.
        if hold?.isForLess == true {
            current = share
        } else if isOurs {
            current = share
            let goal = afterDrain(fallback: nominal)
            // It came back with all that it had where nothing was followed then.
            if share < goal { start = Start(goal: goal) }
            isOnItsWay = start != nil
        } else if Self.ourScale.contains(share) {
            start = Start(goal: share)
            // The law takes the first step of one that follows load.
            current = hold == nil ? share : share * Self.startShare
            isOffScale = hold != nil
        } else {
            let wanted = hold == nil ? share : before ?? nominal
            let goal = min(max(wanted, Self.newcomer.lowerBound), Self.newcomer.upperBound)
            start = Start(goal: goal)
            current = goal * Self.startShare
            isOffScale = true
        }
    }

    /// Its weight is a person's, on whatever scale that is.
    mutating func fix(kernel: Int, meanWeight: Double) {
        current = Double(kernel) / meanWeight
        (isOffScale, isOnItsWay, start) = (false, false, nil)
    }

    /// Time passed for a newcomer; one that holds comes to its share all the same.
    mutating func grow(bySeconds seconds: Double, within slowStart: Double, isHolding: Bool) {
        guard var grown = start else { return }
        grown.age += seconds
        isOnItsWay = true
        start = grown.age < slowStart ? grown : nil
        guard isHolding else { return }
        current = grown.goal * Self.part(age: grown.age, slowStart)
        isOffScale = true
    }

    /// It is no newcomer any more.
    mutating func hurry() {
        guard let start else { return }
        current = start.goal
        (self.start, isOffScale) = (nil, true)
    }

    /// How much of its fair share it may have by now; 1 when it is no newcomer.
    func startShare(within slowStart: Double) -> Double {
        start.map { Self.part(age: $0.age, slowStart) } ?? 1
    }

    private static func part(age: Double, _ slowStart: Double) -> Double {
        age < slowStart ? max(Self.startShare, age / slowStart) : 1
    }

    // The base share: a server's word alone gives it no more than a small multiple of that.

    /// A slow average, so that a lie needs long to become what always was.
    static let baseTimeConstant = 600.0
    /// Of one that says to be as busy as the others: whoever lies to get more says to be idle.
    static let plausibleTimeConstant = 60.0
    /// The operator's word is not stretched further than this, whatever was seen.
    static let mostBase = 2.0
    /// Of two, the other one pays for all of it.
    static let mostOfTwo = 1.2

    /// The most that load may give it; `nominal` is its nominal share.
    mutating func shareBound(_ nominal: Double, limit: Double, members: Int) -> Double {
        guard members > 1 else { return .infinity }
        let factor = members == 2 ? min(limit, Self.mostOfTwo) : limit
        // Nobody is kept below its nominal share.
        let ratio = max(base ?? (start == nil ? last / nominal : 1), 1 / factor)
        base = min(ratio, Self.mostBase)
        return factor * min(ratio, Self.mostBase) * nominal
    }

    /// The base follows the share that it had.
    mutating func settle(_ nominal: Double, bySeconds seconds: Double, isPlausible: Bool) {
        guard start == nil, let current, let base else { return }
        let timeConstant = isPlausible ? Self.plausibleTimeConstant : Self.baseTimeConstant
        self.base = base + seconds / timeConstant * (current / nominal - base)
    }

    /// Looks at what the kernel holds now; the weight that should have been there, when somebody
    /// else changed it meanwhile.
    ///
    /// A weight that stands as it was, or that never was as decided, is no such change: the write
    /// was refused, or left out in a dry run, and the decision stands.
    mutating func look(kernel: Int, meanWeight: Double) -> Int? {
        defer { seen = kernel }
        if kernel == expected { isConfirmed = true }
        guard let expected, kernel != expected, kernel != seen, isConfirmed else { return nil }
        current = Double(kernel) / meanWeight
        (isOffScale, isOnItsWay, start) = (false, false, nil)
        return expected
    }

    /// The mean weight of the service changed, and with it every weight.
    mutating func rescale() { (isOffScale, isOnItsWay) = (true, start != nil) }

    /// The law decided.
    mutating func decide(_ share: Double) {
        current = share
        isOffScale = false
        if start == nil { isOnItsWay = false }
    }

    /// The weight that keeps the share; nothing when the kernel's does.
    mutating func weightToKeep(kernel: Int, meanWeight: Double, deadband: Double) -> Weight? {
        guard isOffScale, let current else { return nil }
        let weight = Weight(nearest: current * meanWeight, atLeast: 1)
        guard Double(abs(weight.rawValue - kernel)) > deadband * Double(kernel) else {
            isOffScale = false
            return nil
        }
        return weight
    }

    mutating func expect(_ weight: Int) {
        if weight != expected { isConfirmed = weight == seen }
        expected = weight
    }
}
