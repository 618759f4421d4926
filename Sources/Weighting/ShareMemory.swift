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

    /// What it has, or had when it was last given connections.
    var last: Double { current ?? before ?? 0 }

    /// Whoever comes back on somebody else's scale starts within these shares: with something to
    /// be measured by, and not with more than the mean.
    static let newcomer = 0.1...1.0
    /// A weight that gives this share of our mean is taken to be meant on our scale.
    static let ourScale = 0.1...2.0

    /// The kernel does not give it connections: absent, or at 0 by somebody else's hand.
    mutating func leave() {
        before = current ?? before
        (current, seen, expected) = (nil, nil, nil)
        (isOffScale, isConfirmed) = (false, false)
    }

    /// The service begins to follow load, from the weights that the kernel holds.
    ///
    /// `unit` is the weight that stands for the mean share.
    mutating func start(kernel: Int, unit: Double, meanWeight: Double) {
        current = Double(kernel) / unit
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
        // A server that asks for less is not to be given more than its owner gives it.
        if isOurs || hold?.isAgentsWish == true || Self.ourScale.contains(share) {
            current = share
            return
        }
        let wanted = hold == nil ? share : before ?? nominal
        current = min(max(wanted, Self.newcomer.lowerBound), Self.newcomer.upperBound)
        isOffScale = true
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
        isOffScale = false
        return expected
    }

    /// The mean weight of the service changed, and with it every weight.
    mutating func rescale() { isOffScale = true }

    /// The law decided.
    mutating func decide(_ share: Double) {
        current = share
        isOffScale = false
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
