// How much of a server is in use: the fullest of its resources, and which one that is.

internal import Protocol

/// What can be full on a server; its names are those of the policy's knobs.
package enum Resource: String, Sendable, Codable, CaseIterable {
    // Looked at always.
    case cpu
    case cpuPressure = "cpu_pressure"
    // Looked at where the policy names them.
    case memory
    case memoryPressure = "memory_pressure"
    case ioPressure = "io_pressure"
    case inFlight = "in_flight"
    case serviceLoad = "service_load"

    /// Whether it is the service's own, and no other service of the machine uses it.
    var isOfService: Bool {
        switch self {
        case .inFlight, .serviceLoad: true
        case .cpu, .cpuPressure, .memory, .memoryPressure, .ioPressure: false
        }
    }

    /// Whether reports say how it is at one moment, which is rougher than a counter.
    var isMomentary: Bool {
        switch self {
        case .memory, .inFlight, .serviceLoad: true
        case .cpu, .cpuPressure, .memoryPressure, .ioPressure: false
        }
    }
}

/// The resource of which the greatest share is in use.
struct Use: Equatable, Sendable {
    private(set) var resource: Resource
    /// 1 is full; may be more.
    private(set) var share: Double

    /// Of what is not looked at.
    static let none = Use(.cpu, 0)

    init(_ resource: Resource, _ share: Double) { (self.resource, self.share) = (resource, share) }

    mutating func consider(_ other: Use) { if other.share > share { self = other } }
}

extension Policy {
    /// What counts beside the processor: at which value each is full, and 0 where it is not looked
    /// at.
    package struct Resources: Equatable, Sendable, Codable {
        /// For memory, from which share in use on it counts: what is in use without any load says
        /// nothing of load.
        package var memory = 0.0
        package var memoryPressure = 0.0
        package var ioPressure = 0.0
        /// For each core.
        package var inFlight = 0.0
        package var serviceLoad = 0.0
    }
}

extension Policy.Resources {
    /// The fullest of those that are named; nothing where a report lacks one of them, for the
    /// others would tell of a server that is less busy than it is.
    func use(
        _ report: borrowing Report, _ service: ServiceLoad?, stalled: Stalls.Shares
    ) -> Use? {
        guard self != Policy.Resources() else { return Use.none }
        var use = Use.none
        if memory > 0 {
            guard let available = report.host?.memoryAvailableTenThousandths else { return nil }
            let used = 1 - Double(available) / 10_000
            use.consider(Use(.memory, max(0, used - memory) / (1 - memory)))
        }
        if memoryPressure > 0 {
            guard let share = stalled.memory else { return nil }
            use.consider(Use(.memoryPressure, share / memoryPressure))
        }
        if ioPressure > 0 {
            guard let share = stalled.io else { return nil }
            use.consider(Use(.ioPressure, share / ioPressure))
        }
        if inFlight > 0 {
            guard let count = service?.inFlight, let cores = report.host?.coresHundredths, cores > 0
            else { return nil }
            use.consider(Use(.inFlight, Double(count) / (Double(cores) / 100 * inFlight)))
        }
        if serviceLoad > 0 {
            guard let load = service?.loadTenThousandths else { return nil }
            use.consider(Use(.serviceLoad, Double(load) / 10_000 / serviceLoad))
        }
        return use
    }
}

/// How long a server's tasks stood still for memory and for storage.
///
/// Agents look at these counters every five seconds and repeat them between, so what one interval of
/// reports shows would be nothing, nothing, and then too much.
struct Stalls: Equatable, Sendable, Codable {
    /// Of the time, each nothing where it is not known.
    struct Shares: Equatable, Sendable, Codable {
        var memory: Double?
        var io: Double?
    }

    private(set) var shares = Shares()
    private var since: Mark?
    /// Whether `since` is the moment of a look.
    private var beginsWithLook = false

    private struct Mark: Equatable, Sendable, Codable {
        let boot: UInt32
        let clock: UInt32
        let memory: UInt32?
        let io: UInt32?

        func hasCounted(since earlier: Mark) -> Bool {
            memory != earlier.memory || io != earlier.io
        }

        func shares(since earlier: Mark) -> Shares {
            let span = Double(clock &- earlier.clock)
            func share(_ earlier: UInt32?, _ later: UInt32?) -> Double? {
                guard let earlier, let later else { return nil }
                return Double(later &- earlier) / span
            }
            return Shares(memory: share(earlier.memory, memory), io: share(earlier.io, io))
        }
    }

    /// A time that holds one look of the agent's, and one after which a counter that did not move
    /// was looked at and rests; in 0.1 ms of the agent's clock.
    private static let leastSpan: UInt32 = 45_000
    private static let restingSpan: UInt32 = 70_000

    mutating func hear(_ report: borrowing Report, boot: UInt32) {
        // A second datagram of one statement, or a sample that is old, says nothing new of it.
        guard report.host != nil, !report.isSampleStale else { return }
        let newest = Mark(
            boot: boot, clock: report.clockTenthsOfMillisecond,
            memory: report.pressure?.memoryFullTenthsOfMillisecond,
            io: report.pressure?.ioFullTenthsOfMillisecond)
        guard let since, since.boot == boot else {
            (shares, self.since, beginsWithLook) = (Shares(), newest, false)
            return
        }
        // What an agent no longer tells of is not known any more.
        if newest.memory == nil { shares.memory = nil }
        if newest.io == nil { shares.io = nil }
        let span = newest.clock &- since.clock
        let isLong = Double(span) / 10_000 > Rates.longestGapSeconds
        guard newest.hasCounted(since: since) else {
            // A rest is told once, and is no part of the time of which the next stall is told.
            if span >= Self.restingSpan {
                (shares, self.since) = (newest.shares(since: since), newest)
            }
            return
        }
        // The first time begins and ends with a look, as all others do.
        guard beginsWithLook || shares != Shares(), !isLong else {
            (shares, self.since, beginsWithLook) = (Shares(), newest, true)
            return
        }
        guard span >= Self.leastSpan else { return }
        (shares, self.since) = (newest.shares(since: since), newest)
    }
}
