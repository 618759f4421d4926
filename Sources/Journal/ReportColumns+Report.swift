// From columns back to the report; numbers that no report has are refused.

internal import Protocol

extension ReportColumns {
    /// The report, of which nothing is new but what the columns hold.
    func report() throws(JournalError) -> Report {
        var report = Report(
            state: try state(fixed[Column.state]),
            reason: StateReason(rawValue: try byte(fixed[Column.reason])),
            flags: Report.Flags(rawValue: try byte(fixed[Column.flags])),
            intervalMilliseconds: try short(fixed[Column.interval]),
            sampleAgeMilliseconds: try short(fixed[Column.sampleAge]),
            clockTenthsOfMillisecond: fixed[Column.clock])
        if has(.host) {
            report.host = HostLoad(
                cpuBusyTenthsOfMillisecond: part(Column.cpuBusy, .cpuBusy),
                runnableTenthsOfMillisecond: part(Column.runnable, .runnable),
                coresHundredths: try small(fixed[Column.cores]),
                memoryAvailableTenThousandths: try small(fixed[Column.memoryAvailable]))
        }
        if has(.pressure) {
            report.pressure = Pressure(
                cpuSomeTenthsOfMillisecond: part(Column.cpuPressure, .cpuPressure),
                memoryFullTenthsOfMillisecond: part(Column.memoryPressure, .memoryPressure),
                ioFullTenthsOfMillisecond: part(Column.ioPressure, .ioPressure))
        }
        if has(.info) {
            report.info = AgentInfo(
                agentVersion: part(Column.agentVersion, .agentVersion),
                uptimeSeconds: part(Column.uptime, .uptime))
        }
        if has(.service) {
            report.services.append(
                ServiceLoad(
                    id: try service(fixed[Column.service]),
                    state: try state(fixed[Column.serviceState]),
                    reason: StateReason(rawValue: try byte(fixed[Column.serviceReason])),
                    inFlight: MiniFloat16.decode(try short(fixed[Column.inFlight])),
                    queue: MiniFloat16.decode(try short(fixed[Column.queue])),
                    loadTenThousandths: try small(fixed[Column.load])))
        }
        if has(.counters) {
            report.requests.append(
                RequestCounters(
                    id: try service(fixed[Column.requestsService]),
                    p99Microseconds: MiniFloat16.decode(try short(fixed[Column.p99])),
                    requests: part(Column.requests, .requests),
                    errors: part(Column.errors, .errors)))
        }
        try addMore(to: &report)
        return report
    }

    private func addMore(to report: inout Report) throws(JournalError) {
        guard !more.isEmpty else { return }
        var rest = more[...]
        func word() throws(JournalError) -> UInt32 {
            guard let word = rest.popFirst() else { throw .damaged("a report lacks a part") }
            return word
        }
        let services = try word()
        let requests = try word()
        for _ in 0..<services {
            let head = try word()
            report.services.append(
                ServiceLoad(
                    id: try service(head >> 16), state: try state(head >> 8 & 0xFF),
                    reason: StateReason(rawValue: UInt8(truncatingIfNeeded: head)),
                    inFlight: MiniFloat16.decode(try short(try word())),
                    queue: MiniFloat16.decode(try short(try word())),
                    loadTenThousandths: try small(try word())))
        }
        for _ in 0..<requests {
            let head = try word()
            let (count, errors) = (try word(), try word())
            report.requests.append(
                RequestCounters(
                    id: try service(head >> 2),
                    p99Microseconds: MiniFloat16.decode(try short(try word())),
                    requests: head & 1 == 0 ? nil : count, errors: head & 2 == 0 ? nil : errors))
        }
        while !rest.isEmpty {
            let head = try word()
            guard let kind = CustomFigure.Kind(rawValue: UInt8(truncatingIfNeeded: head)) else {
                throw .damaged("a figure has no kind")
            }
            report.custom.append(
                CustomFigure(
                    service: ServiceID(rawValue: UInt16(truncatingIfNeeded: head >> 16)),
                    metric: UInt8(truncatingIfNeeded: head >> 8), kind: kind, value: try word()))
        }
    }

    private func has(_ part: Presence) -> Bool {
        Presence(rawValue: fixed[Column.presence]).contains(part)
    }

    private func part(_ column: Int, _ part: Presence) -> UInt32? {
        has(part) ? fixed[column] : nil
    }

    private func short(_ value: UInt32) throws(JournalError) -> UInt16 {
        guard let short = UInt16(exactly: value) else { throw .damaged("a number is too large") }
        return short
    }

    private func byte(_ value: UInt32) throws(JournalError) -> UInt8 {
        guard let byte = UInt8(exactly: value) else { throw .damaged("a number is too large") }
        return byte
    }

    private func small(_ value: UInt32) throws(JournalError) -> UInt16? {
        value == Self.none ? nil : try short(value)
    }

    private func state(_ value: UInt32) throws(JournalError) -> HostState {
        guard let state = HostState(rawValue: try byte(value)) else {
            throw .damaged("a state is not known")
        }
        return state
    }

    private func service(_ value: UInt32) throws(JournalError) -> ServiceID {
        guard let id = ServiceID(rawValue: try short(value)) else {
            throw .damaged("a service has no number")
        }
        return id
    }
}
