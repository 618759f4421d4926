// Reads the Prometheus text format as it arrives, and keeps only the metrics that were asked for.

internal import CLinux

/// Sums up the series of a page that match each of some selectors.
///
/// Feed it the page in pieces of any size, then ``end()``. Lines that are no sample of a wanted
/// metric cost a look at their first bytes; a line that cannot be read is passed over.
struct MetricText {
    /// A longer line is passed over whole; the longest seen in the wild are under 2 kB.
    static let longestLine = 8_192

    private let selectors: [MetricSelector]
    /// One sum for each selector; `nil` while no series matched.
    private(set) var sums: [Double?]
    private var line: [UInt8] = []
    private var isTooLong = false

    init(_ selectors: [MetricSelector]) {
        self.selectors = selectors
        sums = Array(repeating: nil, count: selectors.count)
    }

    static func isNameByte(_ byte: UInt8, allowingColon: Bool) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
        case 0x3A: allowingColon
        default: false
        }
    }

    mutating func take(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        while let start = rest.baseAddress, let newline = memchr(start, 0x0A, rest.count) {
            let length = UnsafeRawPointer(newline) - start
            let piece = UnsafeRawBufferPointer(start: start, count: length)
            if line.isEmpty, !isTooLong {
                // A line that came whole need not be copied.
                if length <= Self.longestLine { read(piece) }
            } else {
                append(piece)
                end()
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[(length + 1)...])
        }
        append(rest)
    }

    /// The page is over: a last line without a newline counts too.
    mutating func end() {
        if !isTooLong {
            // The line is put aside while it is read, and its memory is used again.
            let whole = line
            whole.withUnsafeBytes { read($0) }
        }
        line.removeAll(keepingCapacity: true)
        isTooLong = false
    }

    private mutating func append(_ piece: UnsafeRawBufferPointer) {
        guard line.count + piece.count <= Self.longestLine else {
            isTooLong = true
            return
        }
        line.append(contentsOf: piece)
    }

    /// One line: name, labels in braces perhaps, value, time perhaps.
    private mutating func read(_ line: UnsafeRawBufferPointer) {
        for (index, selector) in selectors.enumerated() {
            let length = selector.name.count
            guard line.count > length, let start = line.baseAddress,
                memcmp(start, selector.name, length) == 0,
                !Self.isNameByte(line[length], allowingColon: true)
            else { continue }
            var sample = MetricLine(line: line, at: length)
            guard sample.matches(selector.labels), let value = sample.value() else { continue }
            sums[index] = (sums[index] ?? 0) + value
        }
    }
}

/// Reads one line behind its name.
private struct MetricLine {
    let line: UnsafeRawBufferPointer
    var at: Int

    /// Whether every wanted label is there with its value; moves behind the labels.
    mutating func matches(_ wanted: [MetricSelector.Label]) -> Bool {
        skipBlanks()
        guard at < line.count, line[at] == UInt8(ascii: "{") else { return wanted.isEmpty }
        at += 1
        var found = 0
        while true {
            skipBlanks()
            guard at < line.count else { return false }
            if line[at] == UInt8(ascii: "}") {
                at += 1
                return found == wanted.count
            }
            let start = at
            while at < line.count, MetricText.isNameByte(line[at], allowingColon: false) { at += 1 }
            let name = line[start..<at]
            skipBlanks()
            guard !name.isEmpty, at < line.count, line[at] == UInt8(ascii: "=") else {
                return false
            }
            at += 1
            skipBlanks()
            guard let value = quoted() else { return false }
            found += wanted.count { label in
                name.elementsEqual(label.name)
                    && (label.isPrefix ? value.starts(with: label.value) : value == label.value)
            }
            skipBlanks()
            if at < line.count, line[at] == UInt8(ascii: ",") { at += 1 }
        }
    }

    /// A value in quotes; a backslash quotes the next byte, and \n is a newline.
    private mutating func quoted() -> [UInt8]? {
        guard at < line.count, line[at] == UInt8(ascii: "\"") else { return nil }
        at += 1
        var value: [UInt8] = []
        while at < line.count {
            switch line[at] {
            case UInt8(ascii: "\""):
                at += 1
                return value
            case UInt8(ascii: "\\") where at + 1 < line.count:
                at += 1
                value.append(line[at] == UInt8(ascii: "n") ? 0x0A : line[at])
            default:
                value.append(line[at])
            }
            at += 1
        }
        return nil
    }

    /// The number behind the labels, not the time after it; `nil` for NaN and infinities.
    mutating func value() -> Double? {
        skipBlanks()
        let end = line[at...].firstIndex { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } ?? line.count
        return DecimalText.number(line[at..<end])
    }

    private mutating func skipBlanks() {
        while at < line.count, line[at] == 0x20 || line[at] == 0x09 { at += 1 }
    }
}
