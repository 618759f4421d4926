// Weights by requests for each unit of utilisation, after gRPC's client-side weighted round robin.

/// A re-implementation from the public description (gRFC A58), not the product.
struct OrcaLikePolicy: WeightPolicy {
    /// Weights are made anew once a second.
    let interval = 1.0
    private let meanWeight: Double
    private var messages: [Message?]
    private var heardAt: [Double]
    private var returnedAt: [Double]

    /// How much a failed request counts as utilisation.
    private static let errorPenalty = 1.0
    /// A newcomer gets the mean for so long, and so does one that is silent for longer.
    private static let blackoutSeconds = 10.0
    private static let expirySeconds = 180.0

    init(servers: Int, meanWeight: Double) {
        self.meanWeight = meanWeight
        messages = Array(repeating: nil, count: servers)
        heardAt = Array(repeating: 0, count: servers)
        returnedAt = Array(repeating: -.infinity, count: servers)
    }

    mutating func hear(_ message: Message, at now: Double) {
        messages[message.server] = message
        heardAt[message.server] = now
    }

    mutating func decide(on director: inout Director, truth: [Truth], at now: Double) {
        let known = messages.indices.map { server -> Double? in
            guard let message = messages[server], !director.destinations[server].isAbsent,
                now - returnedAt[server] >= Self.blackoutSeconds,
                now - heardAt[server] < Self.expirySeconds, message.requestsPerSecond > 0,
                message.utilisation > 0
            else { return nil }
            return message.requestsPerSecond
                / (message.utilisation + Self.errorPenalty * message.errorShare)
        }
        let weights = known.compactMap { $0 }
        let mean = weights.isEmpty ? 1 : weights.reduce(0, +) / Double(weights.count)
        director.writeScaled(
            weights.count < 2 ? known.map { _ in 1 } : known.map { $0 ?? mean }, mean: meanWeight)
    }

    mutating func weightOfReturning(_ server: Int, _ director: Director, at now: Double) -> Int {
        (messages[server], returnedAt[server]) = (nil, now)
        return Int(director.meanWeight(without: server))
    }
}
