// What is simulated: servers, clients, what goes wrong, and how it is reported.

/// One situation that policies are compared in; times in seconds.
package struct Scenario: Equatable, Sendable {
    package let name: String
    package var title = ""

    // The servers.
    package var servers = 16
    /// Of one server after another, again from the start when there are more servers.
    package var coresInTurn = [8, 4, 2, 2]
    package var discipline = Discipline.sharing

    // The clients.
    /// What the servers get to do, as a share of what all of them can do.
    package var utilisation = 0.75
    package var service = ServiceTime.exponential
    package var serviceSeconds = 0.02
    package var arrivals = Arrivals.even
    package var connections = Connections.short

    // What the master hears.
    package var reporting = Reporting()

    package var faults: [Fault] = []

    // When.
    /// Requests before this are not counted.
    package var warmup = 40.0
    /// Where edits and the variation of weights are measured.
    package var steady = 60.0...100.0
    /// When things go wrong; bad requests are counted until 20 s after it.
    package var event = 100.0...160.0
    package var length = 220.0

    init(name: String) { self.name = name }

    /// How a server works on several requests at once.
    package enum Discipline: Equatable, Sendable {
        /// All of them share its cores.
        case sharing
        /// One on each core, and the others wait.
        case queue
    }

    /// How much work a request is.
    package enum ServiceTime: Equatable, Sendable {
        case exponential
        case fixed
        /// `sigma` is the deviation of the logarithm.
        case lognormal(sigma: Double)
        /// Bounded: the greatest is a thousand times the least.
        case pareto(alpha: Double)
    }

    package enum Arrivals: Equatable, Sendable {
        /// A Poisson process.
        case even
        /// A Poisson process of two rates: `factor` times the mean in bursts, and less between them.
        case bursts(factor: Double, burstSeconds: Double, calmSeconds: Double)
    }

    package enum Connections: Equatable, Sendable {
        /// One request each.
        case short
        /// About so many requests each, with pauses of `thinkSeconds` between them.
        ///
        /// `variation` is that of the pauses from client to client.
        case long(requests: Double, thinkSeconds: Double, variation: Double)
    }

    package struct Reporting: Equatable, Sendable {
        package var intervalSeconds = 0.5
        /// On the way, give or take a half.
        package var delaySeconds = 0.005
        /// The share of reports that do not arrive.
        package var loss = 0.0
        /// The deviation of what is told of CPU time, as a share of it.
        package var noise = 0.05
        /// After this no report is sent.
        package var endsAt = Double.infinity
        /// CPU time does not show what a neighbour or a quota takes away.
        package var isBlind = false
    }

    /// The number of cores of each server.
    package var cores: [Int] { (0..<servers).map { coresInTurn[$0 % coresInTurn.count] } }

    /// Requests a second.
    var requestRate: Double { utilisation * Double(cores.reduce(0, +)) / serviceSeconds }
}

/// What goes wrong with servers, and when.
package struct Fault: Equatable, Sendable {
    package let kind: Kind
    package let servers: ClosedRange<Int>
    package let during: ClosedRange<Double>

    package enum Kind: Equatable, Sendable {
        /// Runs at this share of its speed.
        case slow(to: Double)
        /// The same, reached and left in 20 s.
        case ramp(to: Double)
        /// This share of its requests is answered at once with an error.
        case fail(share: Double)
        /// Is off, and then warms up for so long from a fifth of its speed.
        case restart(warmupSeconds: Double)
        /// Stands still about every so often, for about so long.
        case pauses(everySeconds: Double, lengthSeconds: Double)
    }
}
