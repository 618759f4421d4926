// Runs one test: a service whose members do what the series say, one interval after the other.

internal import Protocol
internal import Settings
internal import Weighting

/// What was not as expected.
struct PolicyTestFailure {
    let place: Place
    /// As in "r2 has weight 812 at 20s".
    let found: String
    let expected: String
    let verdict: Verdict
    /// How load led to its weight, where it was asked.
    let chain: Chain?
}

struct PolicyTestRun {
    private let test: PolicyTest
    private let policy: Policy
    private var trial: PolicyTrial
    /// What each member did since the start.
    private var totals: [Totals]
    private let service = ServiceID(name: PolicyTrial.service)

    private struct Totals {
        var requests = 0.0
        var errors = 0.0
        var busySeconds = 0.0
        var runnableSeconds = 0.0
    }

    init(_ test: PolicyTest, policy: Policy) {
        self.test = test
        self.policy = policy
        trial = PolicyTrial(policy: policy, scheduler: test.scheduler, members: test.members)
        totals = test.members.map { _ in Totals() }
    }

    /// Everything that was not as expected, each expectation at its first tick.
    mutating func failures() -> [PolicyTestFailure] {
        var failures: [PolicyTestFailure] = []
        var failed: Set<Int> = []
        let last = test.expectations.map(\.seconds.upperBound).max() ?? 0
        var interval = 0
        while true {
            let now = Double(interval) * policy.interval
            report(interval, at: now)
            guard let decision = trial.tick(at: Instant(nanoseconds: UInt64(now * 1e9))) else {
                return failures
            }
            for (place, expectation) in test.expectations.enumerated()
            where !failed.contains(place) && isDue(expectation, at: now) {
                let found = self.failures(of: expectation, decision, at: now)
                if !found.isEmpty { failed.insert(place) }
                failures += found
            }
            guard now + policy.interval <= last + Self.slack else { return failures }
            interval += 1
        }
    }

    /// Less than any interval, and more than sums of binary fractions are off.
    private static let slack = 1e-6

    /// At a time between two ticks, what the earlier one decided holds.
    private func isDue(_ expectation: PolicyTest.Expectation, at now: Double) -> Bool {
        let (first, last) = (expectation.seconds.lowerBound, expectation.seconds.upperBound)
        return now <= last + Self.slack && now + policy.interval > first + Self.slack
    }

    /// The first report is what the counters begin from; each further one is of an interval.
    private mutating func report(_ interval: Int, at now: Double) {
        for (place, series) in test.series.enumerated() {
            let index = interval - 1
            if index >= 0 { advance(place, series, index) }
            let isSilent =
                index >= 0 && (series.requests[index] == nil || series.utilisation[index] == nil)
            let word = series.state[max(index, 0)]
            guard !isSilent, let state = HostState.allCases.first(where: { $0.name == word }) else {
                continue
            }
            trial.hear(
                report(totals[place], state: state, at: now), member: place, boot: 1,
                at: Instant(nanoseconds: UInt64(now * 1e9)))
        }
    }

    /// A member goes on as before while nothing is heard of it.
    private mutating func advance(_ place: Int, _ series: PolicyTest.Series, _ index: Int) {
        func rate(_ series: PolicySeries<Double>) -> Double {
            (0...index).reversed().lazy.compactMap { series[$0] }.first ?? 0
        }
        let seconds = policy.interval
        totals[place].requests += rate(series.requests) * seconds
        totals[place].errors += min(rate(series.errors), rate(series.requests)) * seconds
        totals[place].busySeconds += rate(series.utilisation) * seconds
        totals[place].runnableSeconds += rate(series.runnable) * seconds
        trial.counts[place].scheduled = UInt64(totals[place].requests)
    }

    private func report(_ totals: Totals, state: HostState, at now: Double) -> Report {
        func ticks(_ seconds: Double) -> UInt32 {
            UInt32(truncatingIfNeeded: Int64((seconds * 10_000).rounded()))
        }
        let asksService = policy.resources.inFlight > 0 || policy.resources.serviceLoad > 0
        return Report(
            state: state, intervalMilliseconds: UInt16((policy.interval * 1000).rounded()),
            clockTenthsOfMillisecond: ticks(now),
            host: HostLoad(
                cpuBusyTenthsOfMillisecond: ticks(totals.busySeconds),
                runnableTenthsOfMillisecond: ticks(totals.runnableSeconds), coresHundredths: 100,
                memoryAvailableTenThousandths: 10_000),
            // A series has none of these: they are at rest where the policy names them.
            services: asksService
                ? [ServiceLoad(id: service, state: state, inFlight: 0, loadTenThousandths: 0)] : [],
            pressure: Pressure(memoryFullTenthsOfMillisecond: 0, ioFullTenthsOfMillisecond: 0),
            requests: [
                RequestCounters(
                    id: service, requests: UInt32(truncatingIfNeeded: Int64(totals.requests)),
                    errors: UInt32(truncatingIfNeeded: Int64(totals.errors)))
            ])
    }
}

extension PolicyTestRun {
    private func failures(
        of expectation: PolicyTest.Expectation, _ decision: Decision, at now: Double
    ) -> [PolicyTestFailure] {
        guard let service = decision.services.first else { return [] }
        let verdicts = service.verdicts
        let time = Quantity.text(seconds: now)
        func failure<Value>(
            _ member: Int, _ wanted: Found<Value>, _ found: String, _ expected: String
        ) -> PolicyTestFailure {
            PolicyTestFailure(
                place: wanted.place ?? test.place,
                found: "\(test.members[member].name) has \(found) at \(time)",
                expected: expected, verdict: verdicts[member],
                chain: service.chain(member))
        }
        let sum = Double(trial.weights.reduce(0, +))
        let weights = expectation.weights.compactMap { member, wanted -> PolicyTestFailure? in
            let weight = trial.weights[member]
            if wanted.value.contains(Double(weight)) { return nil }
            return failure(
                member, wanted, "weight \(weight)", Self.text(wanted.value, Quantity.plain))
        }
        let shares = expectation.shares.compactMap { member, wanted -> PolicyTestFailure? in
            let share = sum > 0 ? Double(trial.weights[member]) / sum : 0
            if wanted.value.contains(share) { return nil }
            let shown = Quantity.text(share: (share * 1000).rounded() / 1000)
            return failure(
                member, wanted, "\(shown) of the weights",
                Self.text(wanted.value) { Quantity.text(share: $0) })
        }
        let reasons = expectation.reasons.compactMap { member, wanted -> PolicyTestFailure? in
            let code = verdicts[member].reason.code
            if wanted.value == code { return nil }
            return failure(member, wanted, "reason \(code)", wanted.value)
        }
        return weights + shares + reasons
    }

    private static func text(
        _ range: ClosedRange<Double>, _ bound: (Double) -> String
    ) -> String {
        range.lowerBound == range.upperBound
            ? bound(range.lowerBound)
            : "\(bound(range.lowerBound))..\(bound(range.upperBound))"
    }
}
