// The figures that a run is judged by.

/// What one run came to.
package struct Figures: Equatable, Sendable {
    /// After the warmup.
    package let requestCount: Int
    // Of good requests, milliseconds.
    package let meanMilliseconds: Double
    package let p50Milliseconds: Double
    package let p99Milliseconds: Double
    package let p999Milliseconds: Double
    /// Of all requests, those that failed, were lost or took more than 5 s.
    package let badShare: Double
    /// The same of those between the event's begin and 20 s after its end.
    package let eventBadShare: Double
    /// After servers became slow, seconds until the mean latency of 5 s was within 1.3 times what
    /// the oracle comes to; the length of the event when it never was, and nothing where no
    /// server becomes slow, or other things happen too.
    package let settleSeconds: Double?
    /// After a server ceased to fail, seconds until it had half of its former share of requests;
    /// the rest of the run when it never had, and nothing where no server fails.
    package let backSeconds: Double?
    /// Weights written a second, in the steady time.
    package let editsPerSecond: Double
    /// Deviation over mean of each server's share of the weights in the steady time; their mean.
    package let weightVariation: Double

    private static let settledFactor = 1.3
    private static let settledSeconds = 5
    private static let beforeSeconds = 20
    private static let backWindowSeconds = 3
    private static let backShare = 0.5

    init(_ scenario: Scenario, _ ledger: Ledger, reference: Recording) {
        let recording = ledger.recording
        requestCount = ledger.all.requests
        meanMilliseconds = 1_000 * ledger.latencies.meanSeconds
        p50Milliseconds = 1_000 * ledger.latencies.quantileSeconds(0.5)
        p99Milliseconds = 1_000 * ledger.latencies.quantileSeconds(0.99)
        p999Milliseconds = 1_000 * ledger.latencies.quantileSeconds(0.999)
        badShare = ledger.all.badShare
        eventBadShare = ledger.duringEvent.badShare
        let steady = Int(scenario.steady.lowerBound)..<Int(scenario.steady.upperBound)
        let edits = recording.edits[steady.clamped(to: 0..<recording.seconds)].reduce(0, +)
        editsPerSecond = Double(edits) / Double(max(steady.count, 1))
        weightVariation = recording.weightVariation(steady)
        settleSeconds = Self.settle(scenario, recording, reference)
        backSeconds = Self.back(scenario, recording)
    }

    private static func settle(
        _ scenario: Scenario, _ recording: Recording, _ reference: Recording
    ) -> Double? {
        let spans = scenario.faults.compactMap { fault -> ClosedRange<Double>? in
            guard case .slow = fault.kind else { return nil }
            return fault.during
        }
        guard let span = spans.first, spans.count == scenario.faults.count else { return nil }
        let (start, end) = (Int(span.lowerBound), min(Int(span.upperBound), recording.seconds))
        let half = start + (end - start) / 2
        guard half < end else { return nil }
        let goal = settledFactor * meanLatency(reference, half..<end)
        for second in start..<max(start, end - settledSeconds)
        where meanLatency(recording, second..<second + settledSeconds) <= goal {
            return Double(second - start)
        }
        return Double(end - start)
    }

    private static func meanLatency(_ recording: Recording, _ span: Range<Int>) -> Double {
        span.reduce(0) { $0 + recording.meanLatency($1) } / Double(span.count)
    }

    private static func back(_ scenario: Scenario, _ recording: Recording) -> Double? {
        for fault in scenario.faults {
            guard case .fail = fault.kind else { continue }
            let (start, end) = (Int(fault.during.lowerBound), Int(fault.during.upperBound))
            let server = fault.servers.lowerBound
            let before = recording.arrivalShare(
                max(0, start - beforeSeconds)..<start, server: server)
            for second in end..<max(end, recording.seconds - backWindowSeconds)
            where recording.arrivalShare(second..<second + backWindowSeconds, server: server)
                >= backShare * before
            {
                return Double(second - end)
            }
            return Double(max(0, recording.seconds - end))
        }
        return nil
    }
}
