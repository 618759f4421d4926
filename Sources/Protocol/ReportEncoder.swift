// A report as bytes, from offset 20 of its datagram to the tag.

extension Report {
    /// The least a report's datagram has, so that no acknowledgement is longer than its report.
    package static let leastDatagramByteCount = 64

    static let fixedByteCount = 12
    private static let leastBodyByteCount = leastDatagramByteCount - Envelope.leastByteCount

    /// The body of the datagram (PROTOCOL.md §4).
    ///
    /// Numbers outside their range become the nearest inside. A TLV ends before its first 32-bit
    /// number that is not available, for the format has no other way to say so. Of services and
    /// request counters the first ``serviceLimit`` are written each; of the site's own figures as
    /// many as there is room for then.
    package func encoded() -> [UInt8] {
        var body: [UInt8] = []
        body.reserveCapacity(128)
        body.append(state.rawValue)
        body.append(reason.rawValue)
        body.append(flags.intersection(.known).rawValue)
        body.append(directiveVersion)
        body.append(bigEndian: intervalMilliseconds.clamped(to: Self.allowedIntervalMilliseconds))
        body.append(bigEndian: sampleAgeMilliseconds)
        body.append(bigEndian: clockTenthsOfMillisecond)
        if let host { body.append(.host) { host.append(to: &$0) } }
        for service in services.prefix(Self.serviceLimit) {
            body.append(.service) { service.append(to: &$0) }
        }
        if let pressure { body.append(.pressure) { pressure.append(to: &$0) } }
        for counters in requests.prefix(Self.serviceLimit) {
            body.append(.requests) { counters.append(to: &$0) }
        }
        if let info { body.append(.info) { info.append(to: &$0) } }
        if let probeEcho { body.append(.probeEcho) { probeEcho.append(to: &$0) } }
        for figure in custom.prefix(Self.customLimit)
        where body.count + CustomFigure.byteCount <= Envelope.mostBodyByteCount {
            body.append(.custom) { figure.append(to: &$0) }
        }
        if body.count < Self.leastBodyByteCount {
            let missing = Self.leastBodyByteCount - body.count
            body.append(.pad) { $0 += [UInt8](repeating: 0, count: max(0, missing - 2)) }
        }
        return body
    }
}

/// The types of TLV that are read and written now (PROTOCOL.md §4.1).
enum ReportTLV: UInt8 {
    case pad = 0
    case host = 1
    case service = 2
    case pressure = 3
    case requests = 4
    case info = 5
    case probeEcho = 6
    case custom = 7

    static let headByteCount = 2
}

extension HostLoad {
    fileprivate func append(to value: inout [UInt8]) {
        guard let busy = cpuBusyTenthsOfMillisecond else { return }
        value.append(bigEndian: busy)
        guard let runnable = runnableTenthsOfMillisecond else { return }
        value.append(bigEndian: runnable)
        value.append(optional: coresHundredths, clampedTo: 1...0xFFFE)
        value.append(optional: memoryAvailableTenThousandths, clampedTo: 0...10_000)
    }
}

extension ServiceLoad {
    fileprivate func append(to value: inout [UInt8]) {
        value.append(bigEndian: id.rawValue)
        value.append(state.rawValue)
        value.append(reason.rawValue)
        value.append(bigEndian: MiniFloat16.encode(inFlight))
        value.append(bigEndian: MiniFloat16.encode(queue))
        value.append(optional: loadTenThousandths, clampedTo: 0...10_000)
    }
}

extension Pressure {
    fileprivate func append(to value: inout [UInt8]) {
        guard let cpu = cpuSomeTenthsOfMillisecond else { return }
        value.append(bigEndian: cpu)
        guard let memory = memoryFullTenthsOfMillisecond else { return }
        value.append(bigEndian: memory)
        guard let io = ioFullTenthsOfMillisecond else { return }
        value.append(bigEndian: io)
    }
}

extension RequestCounters {
    fileprivate func append(to value: inout [UInt8]) {
        value.append(bigEndian: id.rawValue)
        value.append(bigEndian: MiniFloat16.encode(p99Microseconds))
        guard let requests else { return }
        value.append(bigEndian: requests)
        guard let errors else { return }
        value.append(bigEndian: errors)
    }
}

extension AgentInfo {
    fileprivate func append(to value: inout [UInt8]) {
        guard let agentVersion else { return }
        value.append(bigEndian: agentVersion)
        guard let uptimeSeconds else { return }
        value.append(bigEndian: uptimeSeconds)
    }
}

extension ProbeEcho {
    fileprivate func append(to value: inout [UInt8]) {
        value.append(bigEndian: nonce)
        value.append(bigEndian: MiniFloat16.encode(holdMicroseconds))
    }
}

extension CustomFigure {
    /// With the two bytes of type and length.
    fileprivate static let byteCount = 10

    fileprivate func append(to value: inout [UInt8]) {
        value.append(bigEndian: service?.rawValue ?? 0)
        value.append(metric)
        value.append(kind.rawValue)
        value.append(bigEndian: self.value)
    }
}

extension [UInt8] {
    /// Appends a TLV whose value `write` appends; all values here are far below 256 bytes.
    fileprivate mutating func append(_ type: ReportTLV, write: (inout [UInt8]) -> Void) {
        append(type.rawValue)
        append(0)
        let start = count
        write(&self)
        self[start - 1] = UInt8(count - start)
    }

    fileprivate mutating func append(optional value: UInt16?, clampedTo range: ClosedRange<UInt16>)
    {
        append(bigEndian: value?.clamped(to: range) ?? MiniFloat16.notAvailable)
    }
}

extension UInt16 {
    func clamped(to range: ClosedRange<UInt16>) -> UInt16 {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
