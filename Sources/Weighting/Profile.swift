// Each scheduler reads weights in its own way: on which scale it gets them, or why it gets none.

/// What a scheduler makes of load weights.
package enum Profile: Equatable, Sendable {
    /// Weights act; the mean over the members that take part should be this.
    case weights(mean: Double)
    /// Weights do not mean shares here, and why.
    case unfit(String)

    /// On sed, wlc and their kin only ratios count; a mean of 1000 leaves room for both ends.
    static let leastConnectionsMean = 1000.0

    /// wrr sends runs of connections to the heaviest server, the longer the larger the weights:
    /// the mean is what arrives at one server in this time, within these bounds.
    static let roundRobinSpanSeconds = 0.05
    static let roundRobinMean = 8.0...32.0
    /// So that servers of half and twice the mean, of which there are many, have whole weights: half
    /// of 9 is written as 4 and 5 in turn.
    static let roundRobinStep = 4.0

    /// mh reads six bits of a weight.
    ///
    /// This mean leaves room for 2.6 times the mean share, and for
    /// more where the operator declared more.
    static let maglevMean = 4.0...24.0
    static let maglevLevels = 63
    static let maglevRoom = 2.6

    /// sh fills so many places in the order of the servers, each server with as many as its weight.
    static let sourcePlaces = 256
    /// With fewer places for each, a step of one would be more than a quarter.
    static let leastSourcePlaces = 4

    /// The scale for a service that takes `rate` connections a second over its members.
    ///
    /// `previousMean` is what was used before; it is kept unless the new one differs by a quarter,
    /// since a changed mean rewrites every weight. `largest` is the largest nominal share.
    package static func of(
        _ scheduler: Scheduler, rate: Double, members: Int, previousMean: Double?,
        largest: Double = 1
    ) -> Profile {
        switch scheduler {
        case .unknown(let name):
            return .unfit("this version does not know the scheduler \"\(name)\"")
        case .known(.sed), .known(.nq), .known(.wlc), .known(.twos):
            return .weights(mean: leastConnectionsMean)
        case .known(.wrr):
            let wanted = roundRobinSpanSeconds * rate / Double(max(members, 1))
            let mean = min(max(wanted, roundRobinMean.lowerBound), roundRobinMean.upperBound)
            if let previousMean, abs(mean - previousMean) <= previousMean / 4 {
                return .weights(mean: previousMean)
            }
            return .weights(mean: (mean / roundRobinStep).rounded(.down) * roundRobinStep)
        case .known(.mh):
            let wanted = (Double(maglevLevels) / (maglevRoom * largest)).rounded(.down)
            return .weights(
                mean: min(max(wanted, maglevMean.lowerBound), maglevMean.upperBound))
        case .known(.sh):
            guard members * leastSourcePlaces <= sourcePlaces else {
                return .unfit(
                    "sh has \(sourcePlaces) places, too few for the weights of \(members) servers; "
                        + "use mh, sed or wrr")
            }
            return .weights(mean: Double(sourcePlaces) / Double(max(members, 1)))
        case .known(.rr), .known(.lc):
            return .unfit(
                "\(scheduler.name) reads of a weight only whether it is 0; use sed, wlc or wrr")
        case .known(.dh):
            return .unfit("dh does not read weights; use sed, wlc or wrr")
        case .known(.fo), .known(.ovf), .known(.lblc), .known(.lblcr):
            return .unfit(
                "on \(scheduler.name) a weight is a priority or a bound, not a share; "
                    + "use sed, wlc or wrr")
        }
    }
}

extension Scheduler {
    /// How much more of the connections than of the weights the heaviest server gets, at most.
    ///
    /// sed and nq count the connection to come as well, and while there are few, one of more than
    /// twice the others' weight gets its second before they get their first. In the lab a liar with
    /// twice its share of the weights had 2.12 of the connections, and 2.07 with a tenth less.
    var lean: Double {
        switch self {
        case .known(.sed), .known(.nq): 1.2
        default: 1
        }
    }
}

extension Table.Service {
    /// Whether a 0 only keeps new connections away, and gives them to others.
    ///
    /// mh and sh refuse the clients of a server with 0, unless they were told to look for another.
    var canDoWithout: Bool {
        switch scheduler {
        case .known(.sed), .known(.nq), .known(.wlc), .known(.twos), .known(.wrr), .known(.rr),
            .known(.lc):
            true
        case .known(.mh), .known(.sh): fallsBack
        case .known(.dh), .known(.fo), .known(.ovf), .known(.lblc), .known(.lblcr), .unknown: false
        }
    }
}

/// How often, and how much at once, a scheduler is given weights.
struct Pace: Equatable {
    let mostWeight: Int
    let leastDeadband: Double
    /// Between two batches of writes.
    let seconds: Double

    /// Each write is one entry of a list to this scheduler.
    static let free = Pace(
        mostWeight: Weight.allowed.upperBound, leastDeadband: 0, seconds: 0)
    /// Each write rebuilds a table, which takes 0.4 ms with a thousand members.
    static let maglev = Pace(
        mostWeight: Profile.maglevLevels, leastDeadband: 0.1, seconds: 5)
    /// Each write moves the places of all that come behind in the list.
    static let source = Pace(
        mostWeight: Profile.sourcePlaces, leastDeadband: 0.1, seconds: 5)

    static func of(_ scheduler: Scheduler) -> Pace {
        switch scheduler {
        case .known(.mh): .maglev
        case .known(.sh): .source
        case .known, .unknown: .free
        }
    }
}
