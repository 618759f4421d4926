// The book of one run: which requests ended well, and how long they took.

struct Ledger: Sendable {
    private let warmup: Double
    private let event: Range<Double>
    private(set) var latencies = Histogram()
    private(set) var all = Tally()
    private(set) var duringEvent = Tally()
    var recording: Recording

    /// A request that takes longer is as bad as none.
    private static let timeoutSeconds = 5.0
    /// What goes wrong has effects for so long after it ended.
    private static let aftermathSeconds = 20.0

    struct Tally: Sendable {
        var requests = 0
        var bad = 0

        var badShare: Double { requests > 0 ? Double(bad) / Double(requests) : 0 }
    }

    init(_ scenario: Scenario) {
        warmup = scenario.warmup
        event = scenario.event.lowerBound..<scenario.event.upperBound + Self.aftermathSeconds
        recording = Recording(seconds: Int(scenario.length), servers: scenario.servers)
    }

    /// A request was answered.
    mutating func answered(startedAt: Double, at now: Double, fails: Bool) {
        let latency = now - startedAt
        if !fails { recording.finish(startedAt: startedAt, latency: latency) }
        count(startedAt, isBad: fails || latency > Self.timeoutSeconds)
        if !fails, startedAt >= warmup { latencies.add(latency) }
    }

    /// A request was refused, or lost with its server.
    mutating func lost(startedAt: Double) { count(startedAt, isBad: true) }

    private mutating func count(_ startedAt: Double, isBad: Bool) {
        guard startedAt >= warmup else { return }
        all.requests += 1
        if isBad { all.bad += 1 }
        guard event.contains(startedAt) else { return }
        duringEvent.requests += 1
        if isBad { duringEvent.bad += 1 }
    }
}
