// The filter of `poise policy run`: lines of events in, a line of weights out for each tick.

internal import Protocol
internal import Settings
internal import Weighting

struct PolicyFilter {
    private var trial: PolicyTrial
    private var line = PolicyLine()
    private var lineNumber = 0
    private var newestSeconds = 0.0
    private let service = ServiceID(name: PolicyTrial.service)
    private let standardInterval: Double
    private let members: Int
    private let hasChains: Bool

    init(policy: Policy, scheduler: Scheduler, members: Int, hasChains: Bool) {
        self.members = members
        self.hasChains = hasChains
        standardInterval = policy.interval
        trial = PolicyTrial(
            policy: policy, scheduler: scheduler,
            members: (1...max(members, 1)).map { PolicyTrial.Member(name: "r\($0)") })
    }

    /// The answer to a line, if it has one: to a tick the weights, to a bad line why it is bad.
    mutating func take(_ bytes: ArraySlice<UInt8>) throws(Failure) -> String? {
        lineNumber += 1
        guard bytes.contains(where: { $0 > 0x20 }) else { return nil }
        let decision: Decision?
        do throws(LineFault) {
            try line.read(bytes)
            decision = try take()
        } catch {
            return try errorLine(error.text)
        }
        return try decision.map { (decision) throws(Failure) in try answer(to: decision) }
    }

    /// The answer to a line that was not read whole.
    mutating func refuseLongLine() throws(Failure) -> String {
        lineNumber += 1
        return try errorLine("a line has at most \(LineSplitter.mostBytes) bytes")
    }

    private struct ErrorLine: Encodable {
        let line: Int
        let error: String
    }

    private func errorLine(_ text: String) throws(Failure) -> String {
        try JSON.text(ErrorLine(line: lineNumber, error: text), isPretty: false)
    }

    private mutating func take() throws(LineFault) -> Decision? {
        let known = LineKey.Kind.allCases.map(\.rawValue)
        guard let word = line.word(.event) else {
            throw LineFault("\"event\" is missing: \(known.joined(separator: " or "))")
        }
        guard let kind = LineKey.Kind(rawValue: word) else {
            throw LineFault(
                "unknown event \"\(word)\": \(Suggestion.remedy(for: word, known: known))")
        }
        let seconds = try line.needed(.time)
        guard seconds >= newestSeconds else {
            throw LineFault("t goes back, from \(newestSeconds) to \(seconds)")
        }
        try line.expectOnly(kind)
        let now = Instant(nanoseconds: UInt64((seconds * 1e9).rounded()))
        switch kind {
        case .report:
            try hear(at: now, seconds)
            newestSeconds = seconds
            return nil
        case .tick:
            try look()
            newestSeconds = seconds
            return trial.tick(at: now)
        }
    }

    /// What the table holds, and what the kernel counted, as far as the tick says.
    private mutating func look() throws(LineFault) {
        let weights = try line.list(.weights, count: members)
        let scheduled = try line.list(.scheduled, count: members)
        let active = try line.list(.active, count: members)
        let inactive = try line.list(.inactive, count: members)
        if let weights { trial.override(weights.map { Int($0) }) }
        for (place, count) in (scheduled ?? []).enumerated() {
            trial.counts[place].scheduled = UInt64(count)
        }
        for (place, count) in (active ?? []).enumerated() {
            trial.counts[place].active = Int(count)
        }
        for (place, count) in (inactive ?? []).enumerated() {
            trial.counts[place].inactive = Int(count)
        }
    }
}

/// From a line to the report that an agent would have sent.
extension PolicyFilter {
    private mutating func hear(at now: Instant, _ seconds: Double) throws(LineFault) {
        let member = Int(try line.needed(.member))
        guard member <= members else {
            throw LineFault("there is no member \(member): they are 1 to \(members)")
        }
        let state = try state()
        let hasLoad = [LineKey.inFlight, .queue, .load].contains { line.number($0) != nil }
        let hasPressure = [LineKey.pressure, .memoryPressure, .ioPressure]
            .contains { line.number($0) != nil }
        let interval = line.number(.interval) ?? standardInterval
        let report = Report(
            state: state, intervalMilliseconds: UInt16((interval * 1000).rounded()),
            clockTenthsOfMillisecond: Self.ticks(line.number(.clock) ?? seconds),
            host: HostLoad(
                cpuBusyTenthsOfMillisecond: ticks(.cpu),
                runnableTenthsOfMillisecond: ticks(.runnable),
                coresHundredths: UInt16(((line.number(.cores) ?? 1) * 100).rounded()),
                memoryAvailableTenThousandths: tenThousandths(.memoryAvailable)),
            services: hasLoad
                ? [
                    ServiceLoad(
                        id: service, state: state,
                        inFlight: line.number(.inFlight).map { UInt64($0) },
                        queue: line.number(.queue).map { UInt64($0) },
                        loadTenThousandths: tenThousandths(.load))
                ] : [],
            pressure: hasPressure
                ? Pressure(
                    cpuSomeTenthsOfMillisecond: ticks(.pressure),
                    memoryFullTenthsOfMillisecond: ticks(.memoryPressure),
                    ioFullTenthsOfMillisecond: ticks(.ioPressure)) : nil,
            requests: line.number(.requests).map {
                [
                    RequestCounters(
                        id: service, requests: UInt32(truncatingIfNeeded: Int64($0)),
                        errors: line.number(.errors)
                            .map { UInt32(truncatingIfNeeded: Int64($0)) })
                ]
            } ?? [])
        trial.hear(
            report, member: member - 1, boot: UInt32(line.number(.boot) ?? 1), at: now)
    }

    private func state() throws(LineFault) -> HostState {
        guard let word = line.word(.state) else { return .up }
        if let state = HostState.allCases.first(where: { $0.name == word }) { return state }
        let known = HostState.allCases.map(\.name)
        throw LineFault("unknown state \"\(word)\": \(Suggestion.remedy(for: word, known: known))")
    }

    /// Seconds as datagrams count them: in 0.1 ms, modulo 2³².
    private static func ticks(_ seconds: Double) -> UInt32 {
        UInt32(truncatingIfNeeded: Int64((seconds * 10_000).rounded()))
    }

    private func ticks(_ key: LineKey) -> UInt32? { line.number(key).map(Self.ticks) }

    private func tenThousandths(_ key: LineKey) -> UInt16? {
        line.number(key).map { UInt16(($0 * 10_000).rounded()) }
    }
}

/// From a decision to its line.
extension PolicyFilter {
    private func answer(to decision: Decision) throws(Failure) -> String {
        guard let service = decision.services.first else { return "" }
        var text = "{\"t\":\(newestSeconds),\"weights\":["
        text += trial.weights.map(String.init).joined(separator: ",")
        text += "],\"reasons\":[\""
        text += service.verdicts.map(\.reason.code).joined(separator: "\",\"")
        text += "\"],\"writes\":\(decision.plan.steps.count)"
        if let hold = service.hold { text += ",\"hold\":\"\(hold.code)\"" }
        if hasChains {
            let chains = try JSON.text(
                service.verdicts.indices.map { service.chain($0) }, isPretty: false)
            text += ",\"chains\":\(chains.dropLast())"
        }
        return text + "}\n"
    }
}
