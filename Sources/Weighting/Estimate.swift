// What is known of one member's load: slow and fast averages, and what it can carry.

internal import RealModule

/// The running estimate of one member, fed by its reports.
struct Estimate: Equatable, Sendable, Codable {
    private var averages: Averages?
    private var change = ChangeDetector()
    private var lastSample: CounterSample?

    /// Requests a second at full use, as seen over the last half minute; what an idle server is
    /// believed to carry.
    private(set) var prior: Double?
    private var priorAgeSeconds = 0.0
    private(set) var evidence = ErrorEvidence()

    private struct Averages: Equatable, Sendable, Codable {
        var slow: Rates
        var fast: Rates
        /// For the prior.
        var minute: Rates
        /// What they are of, seconds.
        var age: Double
        /// For how much of the time it was the machine that was fullest, and not the service alone.
        var machinePart: Double
        var resource: Resource

        init(_ first: Rates.Interval) {
            (slow, fast, minute) = (first.rates, first.rates, first.rates)
            (age, resource) = (first.seconds, first.resource)
            machinePart = resource.isOfService ? 0 : 1
        }
    }

    /// Averages that decisions use; nothing before reports that compare span ``leastSeconds``.
    var slow: Rates? { averages.flatMap { $0.age >= Self.leastSeconds ? $0.slow : nil } }

    /// What was counted in less is chance: a restarted agent may report twice within milliseconds.
    static let leastSeconds = 0.4
    /// The part of its use that is the machine's, and shared with its other services.
    var machinePart: Double { averages?.machinePart ?? 1 }
    /// The fullest in the newest reports.
    var resource: Resource { averages?.resource ?? .cpu }

    static let minuteTimeConstant = 60.0
    static let priorTimeConstant = 30.0
    /// A server less busy than this says little about what it can carry.
    static let leastTellingUtilisation = 0.03
    /// Requests a second; keeps shares finite where nothing but errors was seen.
    static let leastPrior = 0.01

    /// A report arrived.
    mutating func hear(
        _ sample: CounterSample, further: Use = .none, counting unit: Unit, policy: Policy
    ) {
        guard let interval = interval(to: sample, further: further, counting: unit) else { return }
        evidence.hear(interval, memory: policy.errorMemory)
        take(interval, policy: policy)
    }

    /// A report arrived that does not tell how busy the server is.
    mutating func hearErrors(_ sample: CounterSample, policy: Policy) {
        guard sample.requests != nil,
            let interval = interval(to: sample, further: .none, counting: .requests)
        else { return }
        evidence.hear(interval, memory: policy.errorMemory)
    }

    private mutating func interval(
        to sample: CounterSample, further: Use, counting unit: Unit
    ) -> Rates.Interval? {
        defer { lastSample = sample }
        guard let lastSample else { return nil }
        guard lastSample.boot == sample.boot else {
            // A restarted agent, perhaps a restarted server: the prior is all that carries over.
            (averages, change, evidence) = (nil, ChangeDetector(), ErrorEvidence())
            return nil
        }
        return Rates.between(lastSample, sample, further: further, counting: unit)
    }

    mutating func forgetErrors(above most: Double = 0) { evidence.forget(above: most) }

    private mutating func take(_ interval: Rates.Interval, policy: Policy) {
        let newest = interval.rates
        let seconds = interval.seconds
        guard var next = averages else {
            averages = Averages(interval)
            return
        }
        next.age += seconds
        // A plain mean until it is as old as its time constant: what came first is no better than
        // the rest.
        let least = seconds / next.age
        func step(_ timeConstant: Double) -> Double { max(Self.step(seconds, timeConstant), least) }
        next.slow.approach(newest, step: step(policy.slowTimeConstant))
        next.fast.approach(newest, step: step(policy.fastTimeConstant))
        next.minute.approach(newest, step: step(Self.minuteTimeConstant))
        next.machinePart +=
            step(policy.slowTimeConstant)
            * ((interval.resource.isOfService ? 0 : 1) - next.machinePart)
        next.resource = interval.resource
        let hasChanged = change.happened(
            slow: next.slow, fast: next.fast, window: policy.fastTimeConstant,
            isMomentary: interval.resource.isMomentary)
        if hasChanged { next.slow = next.fast }
        averages = next
    }

    /// What this member carried for each unit of its use, when it was busy enough to tell.
    func observedCapacity(ownPart: Double) -> Double? {
        guard let slow, slow.utilisation * ownPart > Self.leastTellingUtilisation,
            slow.requests > 0
        else { return nil }
        return slow.requests / (slow.utilisation * ownPart)
    }

    /// A time, and how far a prior moves in it: the same for all members.
    struct Passed {
        let seconds: Double
        fileprivate let priorStep: Double

        init(seconds: Double) {
            self.seconds = seconds
            priorStep = Estimate.step(seconds, Estimate.priorTimeConstant)
        }
    }

    /// Time passed: the prior follows what was seen.
    ///
    /// `fallback` is what to believe of a member that was never busy, requests a second. Whoever
    /// fails requests teaches nothing meanwhile. `ownPart` is the service's part of the machine's
    /// work.
    mutating func advance(
        by passed: Passed, fallback: Double, ownPart: Double, isFailing: Bool
    ) {
        let known = max(prior ?? fallback, Self.leastPrior)
        prior = known
        guard !isFailing, passed.seconds > 0, slow != nil, let minute = averages?.minute,
            minute.utilisation * ownPart > Self.leastTellingUtilisation
        else { return }
        let seen = max(0, minute.requests - minute.errors) / (minute.utilisation * ownPart)
        // A plain mean until it is as old as its time constant, so that the first guess fades.
        priorAgeSeconds += passed.seconds
        let step = max(passed.priorStep, passed.seconds / priorAgeSeconds)
        prior = max(known + min(1, step) * (seen - known), Self.leastPrior)
    }

    /// The share of the way that an average with this time constant moves in `seconds`.
    static func step(_ seconds: Double, _ timeConstant: Double) -> Double {
        1 - Double.exp(-seconds / timeConstant)
    }
}

/// Tells a change of a server's speed from noise: the fast average left the slow one, twice.
struct ChangeDetector: Equatable, Sendable, Codable {
    private var streak = 0

    /// How far the logarithms must part, at least, and in standard deviations of the fast count.
    static let leastDistance = 0.2
    /// The same where the use is that of a few moments, of which one in ten is so far off.
    static let leastMomentaryDistance = 0.5
    static let deviations = 4.0
    /// The same of a server whose queue grew by so much load meanwhile: it is told twice, and each
    /// second that its share stays adds a second to what its clients wait.
    static let drowningDeviations = 2.0
    static let drowningLoad = 0.5
    /// Ratios whose logarithm is surely within ``leastDistance``: ln 0.82 is −0.198, ln 1.22 is 0.199.
    private static let near = 0.82...1.22
    /// Requests are more bursty than Poisson by about this factor.
    static let burstiness = 1.2

    mutating func happened(
        slow: Rates, fast: Rates, window: Double, isMomentary: Bool = false
    ) -> Bool {
        let ratio = Self.yield(of: fast) / Self.yield(of: slow)
        // Most of the time they are so near that no logarithm is needed to tell.
        guard !Self.near.contains(ratio) else {
            streak = 0
            return false
        }
        let distance = Double.log(ratio)
        let noise = Self.burstiness / max(1, 2 * fast.requests * window).squareRoot()
        let least = isMomentary ? Self.leastMomentaryDistance : Self.leastDistance
        let isDrowning = distance < 0 && fast.load - slow.load > Self.drowningLoad
        let deviations = isDrowning ? Self.drowningDeviations : Self.deviations
        let direction =
            abs(distance) > max(least, deviations * noise)
            ? (distance > 0 ? 1 : -1) : 0
        streak = direction == 0 || streak.signum() != direction ? direction : streak + direction
        guard abs(streak) >= 2 else { return false }
        streak = 0
        return true
    }

    /// Good requests for each unit of use; the summands keep idle servers from dividing by zero.
    private static func yield(of rates: Rates) -> Double {
        (max(0, rates.requests - rates.errors) + 0.5) / (rates.utilisation + 0.02)
    }
}
