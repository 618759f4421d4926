// From two cumulative reports to rates: what one server did between them.

internal import Protocol

/// What one report, and the kernel beside it, say of one member at one moment of the agent's clock.
struct CounterSample: Equatable, Sendable, Codable {
    let boot: UInt32
    /// The agent's monotonic clock, 0.1 ms, modulo 2³².
    let clock: UInt32
    let cpuBusy: UInt32
    let runnable: UInt32?
    let cpuPressure: UInt32?
    let cores: Double
    /// As the agent counts them; nothing when it does not.
    let requests: UInt32?
    let errors: UInt32?
    /// As the kernel counted them at the newest tick.
    let connections: UInt64?

    /// Nothing when the report says too little: without CPU time there is no load to follow.
    init?(_ report: borrowing Report, boot: UInt32, service: ServiceID, kernel connections: UInt64?)
    {
        guard let host = report.host, let busy = host.cpuBusyTenthsOfMillisecond,
            let cores = host.coresHundredths, cores > 0
        else { return nil }
        let counted = report.requests.first { $0.id == service }
        self.boot = boot
        clock = report.clockTenthsOfMillisecond
        cpuBusy = busy
        runnable = host.runnableTenthsOfMillisecond
        cpuPressure = report.pressure?.cpuSomeTenthsOfMillisecond
        self.cores = Double(cores) / 100
        requests = counted?.requests
        errors = counted?.errors
        self.connections = connections
    }
}

/// What a member did, per second, between two reports.
package struct Rates: Equatable, Sendable, Codable {
    package var requests: Double
    package var errors: Double
    /// The share of the machine that was busy or waited for, 0…1.
    package var utilisation: Double
    /// Utilisation that keeps growing past saturation, 0…3.
    package var load: Double

    /// What was done of the requests a second: failing is no work, and may be done a thousand times
    /// in the time of one answer.
    var work: Double { max(0, requests - errors) }

    /// Weight of the queue beyond one runnable task per core, and where it stops to count.
    ///
    /// Without it a saturated server cannot be told from a drowning one; a drowning one stays worse
    /// until about five tasks wait for each core, which is what lets wrr drain it:
    /// docs/decisions/0007-queue-counts-to-four.md.
    static let queueWeight = 0.5
    static let queueLimit = 4.0

    /// Longer gaps are not differenced: the agent's clock wraps after 119 hours, its counters may
    /// sooner (PROTOCOL.md §4.1).
    static let longestGapSeconds = 30.0 * 60

    struct Interval: Equatable, Sendable {
        let rates: Rates
        let seconds: Double
        /// The fullest.
        var resource = Resource.cpu
    }

    /// The rates between two samples, or nothing when they do not compare.
    ///
    /// `further` is what else is in use than the processor.
    static func between(
        _ earlier: CounterSample, _ later: CounterSample, further: Use = .none, counting unit: Unit
    ) -> Interval? {
        guard earlier.boot == later.boot else { return nil }
        let seconds = Double(later.clock &- earlier.clock) / 10_000
        guard seconds > 0, seconds <= longestGapSeconds else { return nil }
        guard let counted = counted(earlier, later, unit) else { return nil }

        let coreSeconds = seconds * later.cores
        let busy = Double(later.cpuBusy &- earlier.cpuBusy) / 10_000 / coreSeconds
        let runnable = difference(earlier.runnable, later.runnable).map { $0 / coreSeconds } ?? 0
        var use = Use(.cpu, busy)
        if let stalled = difference(earlier.cpuPressure, later.cpuPressure) {
            use.consider(Use(.cpuPressure, stalled / seconds))
        }
        use.consider(further)
        let utilisation = min(1, use.share)
        return Interval(
            rates: Rates(
                requests: counted.requests / seconds,
                errors: min(counted.errors, counted.requests) / seconds, utilisation: utilisation,
                load: utilisation + queueWeight * min(queueLimit, max(0, runnable - 1))),
            seconds: seconds, resource: use.resource)
    }

    private static func counted(
        _ earlier: CounterSample, _ later: CounterSample, _ unit: Unit
    ) -> (requests: Double, errors: Double)? {
        switch unit {
        case .requests:
            guard let before = earlier.requests, let now = later.requests else { return nil }
            guard let errorsBefore = earlier.errors, let errorsNow = later.errors
            else { return (Double(now &- before), 0) }
            return (Double(now &- before), Double(errorsNow &- errorsBefore))
        case .connections:
            // The count starts anew with the destination.
            guard let before = earlier.connections, let now = later.connections, now >= before
            else { return nil }
            return (Double(now - before), 0)
        }
    }

    /// Seconds that a counter of 0.1 ms advanced.
    private static func difference(_ earlier: UInt32?, _ later: UInt32?) -> Double? {
        guard let earlier, let later else { return nil }
        return Double(later &- earlier) / 10_000
    }

    /// Moves each figure the share `step` (0…1) of the way to `newest`.
    mutating func approach(_ newest: Rates, step: Double) {
        requests += step * (newest.requests - requests)
        errors += step * (newest.errors - errors)
        utilisation += step * (newest.utilisation - utilisation)
        load += step * (newest.load - load)
    }
}
