// Policies without memory: fixed weights, the truth, and two of the naive ones.

/// Weights that never change.
struct FixedPolicy: WeightPolicy {
    let interval = Double.infinity
    let weights: [Int]

    mutating func decide(on director: inout Director, truth: [Truth], at now: Double) {}

    mutating func weightOfReturning(_ server: Int, _ director: Director, at now: Double) -> Int {
        weights[server]
    }
}

/// Weights in proportion to what each server can do at this moment, which nobody knows.
struct OraclePolicy: WeightPolicy {
    let interval = 0.05
    let meanWeight: Double

    /// A server that fails more than this gets as little as can be.
    private static let mostFailing = 0.2
    private static let leastSpeed = 0.01

    mutating func decide(on director: inout Director, truth: [Truth], at now: Double) {
        director.writeScaled(
            truth.map {
                $0.failingShare > Self.mostFailing
                    ? 1e-9 : Double($0.cores) * max($0.speed, Self.leastSpeed)
            }, mean: meanWeight)
    }

    mutating func weightOfReturning(_ server: Int, _ director: Director, at now: Double) -> Int {
        Int(director.meanWeight(without: server))
    }
}

/// A hundred times what is idle, of every server alike or in proportion to its cores.
///
/// The naive law, and what HAProxy's agent-check does with a percentage of idle time.
struct IdlePolicy: WeightPolicy {
    let interval: Double
    /// What an idle server gets.
    let fullWeights: [Double]
    /// In whole percents, and never below one.
    let isPercentage: Bool
    private var utilisations: [Double?]

    init(interval: Double, fullWeights: [Double], isPercentage: Bool) {
        self.interval = interval
        self.fullWeights = fullWeights
        self.isPercentage = isPercentage
        utilisations = fullWeights.map { _ in nil }
    }

    mutating func hear(_ message: Message, at now: Double) {
        utilisations[message.server] = message.utilisation
    }

    mutating func decide(on director: inout Director, truth: [Truth], at now: Double) {
        director.write(
            utilisations.indices.map { server in
                let idle = 1 - (utilisations[server] ?? 0)
                return fullWeights[server]
                    * (isPercentage ? max(0.01, (100 * idle).rounded() / 100) : idle)
            })
    }

    mutating func weightOfReturning(_ server: Int, _ director: Director, at now: Double) -> Int {
        utilisations[server] = nil
        return Int(director.meanWeight(without: server))
    }
}
