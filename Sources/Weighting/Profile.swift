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

    /// The scale for a service that takes `rate` connections a second over its members.
    ///
    /// `previousMean` is what was used before; it is kept unless the new one differs by a quarter,
    /// since a changed mean rewrites every weight.
    package static func of(
        _ scheduler: Scheduler, rate: Double, members: Int, previousMean: Double?
    ) -> Profile {
        switch scheduler {
        case .unknown(let name):
            return .unfit("this version does not know the scheduler \"\(name)\"")
        case .known(.sed), .known(.nq), .known(.wlc), .known(.twos):
            return .weights(mean: leastConnectionsMean)
        case .known(.wrr):
            let wanted = roundRobinSpanSeconds * rate / Double(max(members, 1))
            let mean = min(max(wanted, roundRobinMean.lowerBound), roundRobinMean.upperBound)
            guard let previousMean, abs(mean - previousMean) <= previousMean / 4
            else { return .weights(mean: mean) }
            return .weights(mean: previousMean)
        case .known(.rr), .known(.lc), .known(.dh):
            return .unfit("\(scheduler.name) does not read weights; use sed, wlc or wrr")
        case .known(.mh), .known(.sh):
            return .unfit(
                "\(scheduler.name) rebuilds its table at each weight, which this version does not "
                    + "pace; use sed, wlc or wrr")
        case .known(.fo), .known(.ovf), .known(.lblc), .known(.lblcr):
            return .unfit(
                "on \(scheduler.name) a weight is a priority or a bound, not a share; "
                    + "use sed, wlc or wrr")
        }
    }
}
