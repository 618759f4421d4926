// Weights that grow while a server is less busy than the mean, after Cloudflare's Unimog.

/// A re-implementation from public descriptions, not the product; the constants are ours.
struct UnimogLikePolicy: WeightPolicy {
    let interval: Double
    private let meanWeight: Double
    private var utilisations: [Double?]
    private var weights: [Double]

    /// How fast a weight grows, as a share of itself a second at twice the mean utilisation.
    private static let gain = 0.1
    private static let leastUtilisation = 0.05
    private static let leastShare = 0.01

    init(interval: Double, servers: Int, meanWeight: Double) {
        self.interval = interval
        self.meanWeight = meanWeight
        utilisations = Array(repeating: nil, count: servers)
        weights = Array(repeating: meanWeight, count: servers)
    }

    mutating func hear(_ message: Message, at now: Double) {
        utilisations[message.server] = message.utilisation
    }

    mutating func decide(on director: inout Director, truth: [Truth], at now: Double) {
        let present = weights.indices.filter { !director.destinations[$0].isAbsent }
        let heard = present.compactMap { utilisations[$0] }
        guard !heard.isEmpty else { return }
        let mean = heard.reduce(0, +) / Double(heard.count)
        let least =
            Self.leastShare * present.map { weights[$0] }.reduce(0, +) / Double(present.count)
        for server in present {
            if mean > 0, let utilisation = utilisations[server] {
                let distance = (mean - utilisation) / max(mean, Self.leastUtilisation)
                weights[server] *= min(max(1 + Self.gain * interval * distance, 0.5), 2)
            }
            weights[server] = max(weights[server], least)
        }
        director.writeScaled(weights, mean: meanWeight)
    }

    mutating func weightOfReturning(_ server: Int, _ director: Director, at now: Double) -> Int {
        utilisations[server] = nil
        let others = weights.indices.filter {
            $0 != server && !director.destinations[$0].isAbsent
        }
        weights[server] =
            others.map { weights[$0] }.reduce(0, +) / Double(max(others.count, 1))
        return Int(director.meanWeight(without: server))
    }
}
