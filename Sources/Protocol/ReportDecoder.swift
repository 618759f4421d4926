// Bytes as a report: total, so that no datagram can do more than be refused.

extension Report {
    /// Reads the body of a datagram, from offset 20 up to the tag (PROTOCOL.md §4 and §7).
    ///
    /// - Parameters:
    ///   - body: outside input; it need not have been authenticated.
    ///   - remarks: gains what was odd about the report and did not spoil it.
    /// - Throws: ``Refusal/malformed`` when the fixed part or a TLV goes past the end.
    package init(body: RawSpan, remarks: inout Remarks) throws(Refusal) {
        self = .empty
        try decode(body: body, remarks: &remarks)
    }

    /// The same into a report that was used before, whose memory is used again.
    ///
    /// After an error the report holds some of this and nothing of what was in it.
    package mutating func decode(body: RawSpan, remarks: inout Remarks) throws(Refusal) {
        guard
            let state = body.integer(at: 0, as: UInt8.self),
            let reason = body.integer(at: 1, as: UInt8.self),
            let flags = body.integer(at: 2, as: UInt8.self),
            let directiveVersion = body.integer(at: 3, as: UInt8.self),
            let interval = body.integer(at: 4, as: UInt16.self),
            let age = body.integer(at: 6, as: UInt16.self),
            let clock = body.integer(at: 8, as: UInt32.self)
        else { throw .malformed }
        self.state = HostState(reading: state, &remarks)
        self.reason = StateReason(rawValue: reason)
        self.flags = Flags(rawValue: flags).intersection(.known)
        self.directiveVersion = directiveVersion
        intervalMilliseconds = interval.clamped(to: Self.allowedIntervalMilliseconds, &remarks)
        sampleAgeMilliseconds = age
        clockTenthsOfMillisecond = clock
        host = nil
        pressure = nil
        info = nil
        probeEcho = nil
        services.removeAll(keepingCapacity: true)
        requests.removeAll(keepingCapacity: true)
        custom.removeAll(keepingCapacity: true)

        var offset = Self.fixedByteCount
        while offset < body.byteCount {
            guard
                let type = body.integer(at: offset, as: UInt8.self),
                let length = body.integer(at: offset + 1, as: UInt8.self)
            else { throw .malformed }
            let start = offset + ReportTLV.headByteCount
            let end = start + Int(length)
            guard end <= body.byteCount else { throw .malformed }
            take(type, body.extracting(start..<end), &remarks)
            offset = end
        }
        if isSampleStale { remarks.insert(.staleSample) }
    }

    private mutating func take(_ type: UInt8, _ value: RawSpan, _ remarks: inout Remarks) {
        switch ReportTLV(rawValue: type) {
        case .host:
            if host != nil { remarks.insert(.duplicateTLV) }
            host = host ?? HostLoad(value, &remarks)
        case .service:
            guard let service = ServiceLoad(value, &remarks) else { return }
            if services.contains(where: { $0.id == service.id }) {
                remarks.insert(.duplicateTLV)
            } else if services.count == Self.serviceLimit {
                remarks.insert(.excess)
            } else {
                services.append(service)
            }
        case .pressure:
            if pressure != nil { remarks.insert(.duplicateTLV) }
            pressure = pressure ?? Pressure(value)
        case .requests:
            guard let counters = RequestCounters(value, &remarks) else { return }
            if requests.contains(where: { $0.id == counters.id }) {
                remarks.insert(.duplicateTLV)
            } else if requests.count == Self.serviceLimit {
                remarks.insert(.excess)
            } else {
                requests.append(counters)
            }
        case .info:
            if info != nil { remarks.insert(.duplicateTLV) }
            info = info ?? AgentInfo(value)
        case .probeEcho:
            if probeEcho != nil { remarks.insert(.duplicateTLV) }
            probeEcho = probeEcho ?? ProbeEcho(value)
        case .custom:
            guard let figure = CustomFigure(value, &remarks) else { return }
            if custom.contains(where: { $0.isOfSameMetric(as: figure) }) {
                remarks.insert(.duplicateTLV)
            } else if custom.count == Self.customLimit {
                remarks.insert(.excess)
            } else {
                custom.append(figure)
            }
        case .pad, nil:
            break
        }
    }
}

// Each reads a TLV's value of any length: what lies past its end is not available.

extension HostLoad {
    fileprivate init(_ value: RawSpan, _ remarks: inout Remarks) {
        self.init(
            cpuBusyTenthsOfMillisecond: value.integer(at: 0),
            runnableTenthsOfMillisecond: value.integer(at: 4),
            coresHundredths: value.cores(at: 8, &remarks),
            memoryAvailableTenThousandths: value.tenThousandths(at: 10, &remarks))
    }
}

extension ServiceLoad {
    /// `nil` when it does not say which service.
    fileprivate init?(_ value: RawSpan, _ remarks: inout Remarks) {
        guard let id = value.serviceID(&remarks) else { return nil }
        self.init(
            id: id,
            state: value.integer(at: 2).map { HostState(reading: $0, &remarks) } ?? .unknown,
            reason: StateReason(rawValue: value.integer(at: 3) ?? 0),
            inFlight: value.integer(at: 4).flatMap(MiniFloat16.decode),
            queue: value.integer(at: 6).flatMap(MiniFloat16.decode),
            loadTenThousandths: value.tenThousandths(at: 8, &remarks))
    }
}

extension Pressure {
    fileprivate init(_ value: RawSpan) {
        self.init(
            cpuSomeTenthsOfMillisecond: value.integer(at: 0),
            memoryFullTenthsOfMillisecond: value.integer(at: 4),
            ioFullTenthsOfMillisecond: value.integer(at: 8))
    }
}

extension RequestCounters {
    /// `nil` when it does not say which service.
    fileprivate init?(_ value: RawSpan, _ remarks: inout Remarks) {
        guard let id = value.serviceID(&remarks) else { return nil }
        self.init(
            id: id,
            p99Microseconds: value.integer(at: 2).flatMap(MiniFloat16.decode),
            requests: value.integer(at: 4),
            errors: value.integer(at: 8))
    }
}

extension AgentInfo {
    fileprivate init(_ value: RawSpan) {
        self.init(agentVersion: value.integer(at: 0), uptimeSeconds: value.integer(at: 4))
    }
}

extension ProbeEcho {
    /// `nil` when it does not say which probe.
    fileprivate init?(_ value: RawSpan) {
        guard let nonce: UInt32 = value.integer(at: 0) else { return nil }
        self.init(
            nonce: nonce, holdMicroseconds: value.integer(at: 4).flatMap(MiniFloat16.decode))
    }
}

extension CustomFigure {
    /// `nil` when it is cut short or of a kind that is not known: half a figure is none.
    fileprivate init?(_ value: RawSpan, _ remarks: inout Remarks) {
        guard let id: UInt16 = value.integer(at: 0), let metric: UInt8 = value.integer(at: 2),
            let kind = value.integer(at: 3, as: UInt8.self).flatMap(Kind.init(rawValue:)),
            let number: UInt32 = value.integer(at: 4)
        else {
            remarks.insert(.range)
            return nil
        }
        self.init(service: ServiceID(rawValue: id), metric: metric, kind: kind, value: number)
    }

    fileprivate func isOfSameMetric(as other: CustomFigure) -> Bool {
        service == other.service && metric == other.metric
    }
}

extension HostState {
    fileprivate init(reading number: UInt8, _ remarks: inout Remarks) {
        if let state = HostState(rawValue: number) {
            self = state
        } else {
            self = .unknown
            remarks.insert(.range)
        }
    }
}

extension UInt16 {
    fileprivate func clamped(to range: ClosedRange<UInt16>, _ remarks: inout Remarks) -> UInt16 {
        if !range.contains(self) { remarks.insert(.range) }
        return clamped(to: range)
    }
}

extension RawSpan {
    fileprivate func serviceID(_ remarks: inout Remarks) -> ServiceID? {
        let id = integer(at: 0).flatMap(ServiceID.init(rawValue:))
        if id == nil { remarks.insert(.range) }
        return id
    }

    fileprivate func tenThousandths(at offset: Int, _ remarks: inout Remarks) -> UInt16? {
        guard let value: UInt16 = integer(at: offset), value != MiniFloat16.notAvailable else {
            return nil
        }
        return value.clamped(to: 0...10_000, &remarks)
    }

    /// No cores cannot be: it would be divided by.
    fileprivate func cores(at offset: Int, _ remarks: inout Remarks) -> UInt16? {
        guard let value: UInt16 = integer(at: offset), value != MiniFloat16.notAvailable else {
            return nil
        }
        if value == 0 { remarks.insert(.range) }
        return value == 0 ? nil : value
    }
}
