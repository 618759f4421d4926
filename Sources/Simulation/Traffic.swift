// When clients come, how much work they bring, and how long they stay.

internal import RealModule

/// When the next connection comes.
struct ArrivalProcess: Sendable {
    private let arrivals: Scenario.Arrivals
    private let calmRate: Double
    private let burstRate: Double
    private var isBurst = false

    init(_ scenario: Scenario) {
        arrivals = scenario.arrivals
        let rate: Double
        switch scenario.connections {
        case .short: rate = scenario.requestRate
        case .long(let requests, _, _): rate = scenario.requestRate / requests
        }
        switch arrivals {
        case .even: (calmRate, burstRate) = (rate, rate)
        case .bursts(let factor, let burst, let calm):
            burstRate = rate * factor
            calmRate = rate * (burst + calm - factor * burst) / calm
        }
    }

    /// Seconds to the next connection.
    func gap(_ dice: inout Dice) -> Double {
        dice.exponential(mean: 1 / (isBurst ? burstRate : calmRate))
    }

    /// Seconds until it changes between burst and calm; nothing when it never does.
    func phaseSeconds(_ dice: inout Dice) -> Double? {
        guard case .bursts(_, let burst, let calm) = arrivals else { return nil }
        return dice.exponential(mean: isBurst ? burst : calm)
    }

    mutating func changePhase() { isBurst.toggle() }
}

/// How much work a request is.
struct WorkProcess: Sendable {
    private let kind: Scenario.ServiceTime
    let meanSeconds: Double
    /// Of a Pareto distribution with its least value at 1.
    private let paretoMean: Double

    /// The greatest Pareto value, as a multiple of the least.
    private static let paretoBound = 1_000.0

    init(_ scenario: Scenario) {
        kind = scenario.service
        meanSeconds = scenario.serviceSeconds
        guard case .pareto(let alpha) = scenario.service else {
            paretoMean = 1
            return
        }
        paretoMean =
            alpha / (alpha - 1) * (1 - Double.pow(Self.paretoBound, 1 - alpha))
            / (1 - Double.pow(Self.paretoBound, -alpha))
    }

    /// Seconds of one core at full speed.
    func seconds(_ dice: inout Dice) -> Double {
        switch kind {
        case .exponential: return dice.exponential(mean: meanSeconds)
        case .fixed: return meanSeconds
        case .lognormal(let sigma):
            return meanSeconds * Double.exp(sigma * dice.normal() - sigma * sigma / 2)
        case .pareto(let alpha):
            // The inverse of the distribution function, cut at the bound.
            let kept = 1 - Double.pow(Self.paretoBound, -alpha)
            let value = Double.pow(1 - dice.uniform() * kept, -1 / alpha)
            return meanSeconds * value / paretoMean
        }
    }
}

/// A client's connection.
struct Connection: Sendable {
    /// The server it is on, and that server's time in the table; a later one does not know it.
    var server: Int32 = -1
    var stay: UInt32 = 0
    /// Requests still to be made.
    var left: Int32
    /// The mean pause between them, seconds.
    let thinkSeconds: Double

    init(_ scenario: Scenario.Connections, _ dice: inout Dice) {
        switch scenario {
        case .short: (left, thinkSeconds) = (1, 0)
        case .long(let requests, let thinkSeconds, let variation):
            let more = Double.log(dice.uniform()) / Double.log(1 - 1 / requests)
            left = 1 + Int32(min(more, 1_000_000))
            let sigma = Double.log(1 + variation * variation).squareRoot()
            self.thinkSeconds =
                thinkSeconds * Double.exp(sigma * dice.normal() - sigma * sigma / 2)
        }
    }
}
