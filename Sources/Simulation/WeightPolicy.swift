// Who writes the weights: Poise, or one of those that it is compared with.

/// One policy at work on one director.
protocol WeightPolicy: Sendable {
    /// Seconds between two decisions.
    var interval: Double { get }

    mutating func hear(_ message: Message, at now: Double)

    /// Decides, and writes.
    mutating func decide(on director: inout Director, truth: [Truth], at now: Double)

    /// The weight that whoever put a server back into the table gives it.
    mutating func weightOfReturning(_ server: Int, _ director: Director, at now: Double) -> Int
}

extension WeightPolicy {
    mutating func hear(_ message: Message, at now: Double) {}
}

/// What nobody but the simulation knows of a server.
struct Truth: Sendable {
    let cores: Int
    let speed: Double
    let failingShare: Double
}

extension Director {
    /// The mean weight of the others, which a returning server gets where nobody says better.
    func meanWeight(without server: Int) -> Double {
        var (sum, count) = (0, 0)
        for (other, destination) in destinations.enumerated()
        where other != server && destination.takesConnections {
            sum += destination.weight
            count += 1
        }
        return max(1, Double(sum) / Double(max(count, 1)))
    }

    /// Writes the nearest weights, at least `least`.
    mutating func write(_ weights: [Double], atLeast least: Double = 1) {
        for (server, weight) in weights.enumerated() where !destinations[server].isAbsent {
            setWeight(server, to: Int(min(max(weight.rounded(), least), 65_535)))
        }
    }

    /// Writes shares so that the mean weight is the scheduler's.
    mutating func writeScaled(_ shares: [Double], mean: Double) {
        var (sum, count) = (0.0, 0)
        for (server, share) in shares.enumerated() where !destinations[server].isAbsent {
            sum += share
            count += 1
        }
        guard sum > 0 else { return }
        let factor = mean * Double(count) / sum
        write(shares.map { $0 * factor })
    }
}
