// What applications send in the line format of statsd, added up.

/// Takes datagrams and keeps what their lines say; lines that say nothing to us cost their reading.
///
///     requests:1|c     errors:1|c|@0.1     in-flight:7|g     load:0.4|g     time:12.5|ms
struct StatsdText {
    /// A counter that rises by more in one line is no count of requests.
    private static let mostCount = 1_000_000_000.0

    private static let gaugeFields = [Field.inFlight, .queue, .load]

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
        var rest = StatsdPiece(datagram)
        while !rest.isEmpty {
            let line = rest.cut(at: 0x0A)
            if line.isEmpty { continue }
            if read(line, at: now) {
                heardAt = now
            } else {
                strange += 1
                lastStrange = Array(line.bytes.prefix(40))
            }
        }
    }

    /// Whether the line is of the format, whatever it is about.
    ///
    /// There may be hundreds a second, so no memory is asked for on the way.
    private mutating func read(_ line: StatsdPiece, at now: Int64) -> Bool {
        var rest = line
        let name = rest.cut(at: UInt8(ascii: ":"))
        guard !name.isEmpty, rest.isBehindCut else { return false }
        let valueText = rest.cut(at: UInt8(ascii: "|"))
        guard let value = DecimalText.number(valueText.bytes), rest.isBehindCut else {
            return false
        }
        let type = rest.cut(at: UInt8(ascii: "|"))
        var rate = 1.0
        while rest.isBehindCut {
            let part = rest.cut(at: UInt8(ascii: "|"))
            guard part.first == UInt8(ascii: "@") else { continue }
            guard let number = DecimalText.number(part.bytes.dropFirst()), number > 0, number <= 1
            else { return false }
            rate = number
        }
        if type.holds("c") { return count(name, value / rate) }
        if type.holds("g") {
            // A sign means a change, in this format.
            let isChange = valueText.first == 0x2B || valueText.first == 0x2D
            return set(name, value, isChange: isChange, at: now)
        }
        if type.holds("ms") {
            guard value >= 0 else { return false }
            if name.holds("time") {
                times.add(microseconds: value * 1_000, weight: 1 / rate, at: now)
            }
            return true
        }
        // Other kinds that such clients know; none of them is a figure of ours.
        return type.holds("h") || type.holds("d") || type.holds("s")
    }

    private mutating func count(_ name: StatsdPiece, _ value: Double) -> Bool {
        guard value >= 0, value <= Self.mostCount else { return false }
        if name.holds(Field.requests.word) { requests = (requests ?? 0) + value }
        if name.holds(Field.errors.word) { errors = (errors ?? 0) + value }
        return true
    }

    private mutating func set(
        _ name: StatsdPiece, _ value: Double, isChange: Bool, at now: Int64
    ) -> Bool {
        for field in Self.gaugeFields where name.holds(field.word) {
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

/// A part of a datagram, from which smaller ones are cut.
private struct StatsdPiece {
    private(set) var bytes: UnsafeRawBufferPointer
    /// Whether a cut was made in front of it, so that it stands behind the sign that was looked for.
    private(set) var isBehindCut = false

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isEmpty: Bool { bytes.isEmpty }
    var first: UInt8? { bytes.first }

    /// Takes away what stands before the next such byte, and that byte; all when there is none.
    mutating func cut(at separator: UInt8) -> StatsdPiece {
        var end = 0
        while end < bytes.count, bytes[end] != separator { end += 1 }
        let front = StatsdPiece(UnsafeRawBufferPointer(rebasing: bytes[..<end]))
        isBehindCut = end < bytes.count
        bytes = UnsafeRawBufferPointer(rebasing: bytes[min(end + 1, bytes.count)...])
        return front
    }

    func holds(_ word: String) -> Bool {
        var word = word
        return word.withUTF8 { word in
            word.count == bytes.count && word.elementsEqual(bytes)
        }
    }
}
