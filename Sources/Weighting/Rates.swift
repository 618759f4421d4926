// From two cumulative reports to rates: what one server did between them.

internal import Protocol

/// What one agent's counters say of one member, at one moment of the agent's clock.
struct CounterSample: Equatable, Sendable {
    let boot: UInt32
    /// The agent's monotonic clock, 0.1 ms, modulo 2³².
    let clock: UInt32
    let cpuBusy: UInt32
    let runnable: UInt32?
    let cpuPressure: UInt32?
    let cores: Double
    let requests: Requests

    /// Where a member's requests are counted.
    enum Requests: Equatable, Sendable {
        case agent(requests: UInt32, errors: UInt32?)
        /// The kernel's own count of connections given to the destination.
        case kernel(connections: UInt64)
    }

    /// Nothing when the report says too little: without CPU time there is no load to follow.
    init?(heard: Event.Heard, service: ServiceID, kernelConnections: UInt64?) {
        let report = heard.report
        guard let host = report.host, let busy = host.cpuBusyTenthsOfMillisecond,
            let cores = host.coresHundredths, cores > 0
        else { return nil }
        boot = heard.boot
        clock = report.clockTenthsOfMillisecond
        cpuBusy = busy
        runnable = host.runnableTenthsOfMillisecond
        cpuPressure = report.pressure?.cpuSomeTenthsOfMillisecond
        self.cores = Double(cores) / 100
        if let counted = report.requests.first(where: { $0.id == service }),
            let requests = counted.requests
        {
            self.requests = .agent(requests: requests, errors: counted.errors)
        } else if let kernelConnections {
            self.requests = .kernel(connections: kernelConnections)
        } else {
            return nil
        }
    }
}

/// What a member did, per second, between two reports.
package struct Rates: Equatable, Sendable {
    package var requests: Double
    package var errors: Double
    /// The share of the machine that was busy or waited for, 0…1.
    package var utilisation: Double
    /// Utilisation that keeps growing past saturation, 0…3.
    package var load: Double

    /// Weight of the queue beyond one runnable task per core, and where it stops to count:
    /// without it a saturated server cannot be told from a drowning one.
    /// A server stays visibly worse than its peers until about five tasks wait for each core, which
    /// is what lets wrr drain it: docs/decisions/0007-queue-counts-to-four.md.
    static let queueWeight = 0.5
    static let queueLimit = 4.0

    /// Longer gaps are not differenced: the agent's clock wraps after 119 hours, its counters may
    /// sooner (PROTOCOL.md §4.1).
    static let longestGapSeconds = 30.0 * 60

    struct Interval: Equatable, Sendable {
        let rates: Rates
        let seconds: Double
    }

    /// The rates between two samples, or nothing when they do not compare.
    static func between(_ earlier: CounterSample, _ later: CounterSample) -> Interval? {
        guard earlier.boot == later.boot else { return nil }
        let seconds = Double(later.clock &- earlier.clock) / 10_000
        guard seconds > 0, seconds <= longestGapSeconds else { return nil }

        let requests: Double
        let errors: Double
        switch (earlier.requests, later.requests) {
        case (.agent(let requestsBefore, let errorsBefore), .agent(let requestsNow, let errorsNow)):
            requests = Double(requestsNow &- requestsBefore) / seconds
            if let errorsBefore, let errorsNow {
                errors = Double(errorsNow &- errorsBefore) / seconds
            } else {
                errors = 0
            }
        case (.kernel(let before), .kernel(let now)):
            // The count starts anew with the destination.
            guard now >= before else { return nil }
            requests = Double(now - before) / seconds
            errors = 0
        case (.agent, .kernel), (.kernel, .agent):
            return nil
        }

        let coreSeconds = seconds * later.cores
        let busy = Double(later.cpuBusy &- earlier.cpuBusy) / 10_000 / coreSeconds
        let pressure = difference(earlier.cpuPressure, later.cpuPressure).map { $0 / seconds } ?? 0
        let runnable = difference(earlier.runnable, later.runnable).map { $0 / coreSeconds } ?? 0
        let utilisation = min(1, max(busy, pressure))
        return Interval(
            rates: Rates(
                requests: requests, errors: min(errors, requests), utilisation: utilisation,
                load: utilisation + queueWeight * min(queueLimit, max(0, runnable - 1))),
            seconds: seconds)
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
