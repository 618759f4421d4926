// Looks twice, one interval apart, and prints what the masters would be told.

internal import Daemon
internal import Protocol

/// One look for people: `poise-agent --once`.
struct Once {
    private var configuration: Configuration

    init(_ configuration: Configuration) {
        self.configuration = configuration
        // Rates need the counters of both looks.
        self.configuration.pageIntervalMilliseconds = 0
    }

    func run(json: Bool) -> ExitCode {
        do throws(SystemError) {
            let start = MonotonicClock.now()
            let sources = Sources(configuration, startedAt: start, log: Log())
            let poller = try Poller()
            let first = try look(sources, poller)
            try sleep(
                until: start + Int64(configuration.intervalMilliseconds) * 1_000_000, poller)
            let second = try look(sources, poller)
            let summary = ReportSummary(
                first: first, second: second, serviceNames: sources.serviceNames,
                faults: sources.faults)
            return Output.text(json ? summary.json : summary.text) ? .done : .failed
        } catch {
            Output.error("poise-agent: \(error)\n")
            return .failed
        }
    }

    /// One report, after all its pages came or failed.
    private func look(
        _ sources: Sources, _ poller: borrowing Poller
    ) throws(SystemError) -> Report {
        sources.begin(at: MonotonicClock.now(), poller: poller)
        while sources.isFetching {
            try poller.wait(until: sources.deadline) { token, _ in
                sources.advance(token: token, at: MonotonicClock.now(), poller: poller)
            }
            sources.expire(at: MonotonicClock.now(), poller: poller)
        }
        var report = sources.report(at: MonotonicClock.now())
        var maintenance = Maintenance(configuration)
        maintenance.look(at: MonotonicClock.now(), log: Log())
        maintenance.mark(&report)
        return report
    }

    private func sleep(
        until instant: Int64, _ poller: borrowing Poller
    ) throws(SystemError) {
        while MonotonicClock.now() < instant { try poller.wait(until: instant) { _, _ in } }
    }
}
