// What applications send in the line format of statsd, added up.

/// Takes datagrams and keeps what their lines say; lines that say nothing to us cost their reading.
///
///     requests:1|c     errors:1|c|@0.1     in-flight:7|g     load:0.4|g     time:12.5|ms
struct StatsdText {
    /// A counter that rises by more in one line is no count of requests.
    private static let mostCount = 1_000_000_000.0

    private struct Gauge {
        var value: Double
        var sentAt: Int64
    }

    private let gaugeAge: Int64
    private var requests: Double?
    private var errors: Double?
    private var gauges = [Gauge?](repeating: nil, count: Field.allCases.count)
    private var times = TimeHistogram()
    /// When the last line of the format came.
    private var heardAt: Int64?
    /// Lines that could not be read since they were asked for.
    private var strange = 0
    private var lastStrange: [UInt8] = []

    /// A gauge counts for `gaugeAge` after it was sent, in nanoseconds; the counters do for as long
    /// after the last line, for no rise says little when nobody sends.
    init(gaugeAge: Int64) { self.gaugeAge = gaugeAge }

    mutating func take(_ datagram: UnsafeRawBufferPointer, at now: Int64) {
        for line in datagram.split(separator: 0x0A) {
            if read(line, at: now) {
                heardAt = now
            } else {
                strange += 1
                lastStrange = Array(line.prefix(40))
            }
        }
    }

    /// Whether the line is of the format, whatever it is about.
    private mutating func read(_ line: Slice<UnsafeRawBufferPointer>, at now: Int64) -> Bool {
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
            return false
        }
        var parts = line[(colon + 1)...].split(
            separator: UInt8(ascii: "|"), omittingEmptySubsequences: false
        )[...]
        guard let valueText = parts.popFirst(), let value = DecimalText.number(valueText),
            let type = parts.popFirst()
        else { return false }
        var rate = 1.0
        for part in parts where part.first == UInt8(ascii: "@") {
            guard let number = DecimalText.number(part.dropFirst()), number > 0, number <= 1 else {
                return false
            }
            rate = number
        }
        let name = line[..<colon]
        switch String(decoding: type.prefix(3), as: UTF8.self) {
        case "c":
            return count(name, value / rate)
        case "g":
            // A sign means a change, in this format.
            let isChange = valueText.first == 0x2B || valueText.first == 0x2D
            return set(name, value, isChange: isChange, at: now)
        case "ms":
            guard value >= 0 else { return false }
            if name.elementsEqual("time".utf8) {
                times.add(microseconds: value * 1_000, weight: 1 / rate, at: now)
            }
            return true
        case "h", "d", "s":
            // Other kinds that such clients know; none of them is a figure of ours.
            return true
        default:
            return false
        }
    }

    private mutating func count(_ name: some Collection<UInt8>, _ value: Double) -> Bool {
        guard value >= 0, value <= Self.mostCount else { return false }
        if name.elementsEqual(Field.requests.word.utf8) { requests = (requests ?? 0) + value }
        if name.elementsEqual(Field.errors.word.utf8) { errors = (errors ?? 0) + value }
        return true
    }

    private mutating func set(
        _ name: some Collection<UInt8>, _ value: Double, isChange: Bool, at now: Int64
    ) -> Bool {
        for field in [Field.inFlight, .queue, .load] where name.elementsEqual(field.word.utf8) {
            let before = isChange ? gauges[field.rawValue]?.value ?? 0 : 0
            gauges[field.rawValue] = Gauge(value: before + value, sentAt: now)
        }
        return true
    }

    /// The figures by ``Field``.
    mutating func values(at now: Int64) -> [Double?] {
        var values = gauges.map { gauge in
            gauge.flatMap { now - $0.sentAt <= gaugeAge ? max(0, $0.value) : nil }
        }
        if let heardAt, now - heardAt <= gaugeAge {
            values[Field.requests.rawValue] = requests
            values[Field.errors.rawValue] = errors
        }
        values[Field.p99.rawValue] = times.p99Microseconds(at: now)
        return values
    }

    /// What came that is not of the format, once.
    mutating func takeComplaint() -> String? {
        guard strange > 0 else { return nil }
        defer { strange = 0 }
        let last = printable(String(decoding: lastStrange, as: UTF8.self))
        return "\(strange) lines were no statsd lines, the last one: \"\(last)\""
    }
}
