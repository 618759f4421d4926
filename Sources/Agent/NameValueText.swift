// Lines of names and values, as a file or a program tells of a service.

internal import Protocol

/// Why such a text is not used; none of it is then.
struct NameValueFault: Error, Equatable {
    let text: String
}

/// A whole text of a name and a value a line.
///
///     # written by the deploy hook
///     requests 18234
///     load 0.45
///     p99 120ms
///     state up
struct NameValueText {
    /// A longer text is refused: a few lines say all there is.
    static let longestBytes = 4_096

    /// By ``Field``.
    private(set) var values = [Double?](repeating: nil, count: Field.allCases.count)
    private(set) var state: HostState?

    init(_ bytes: some Collection<UInt8>) throws(NameValueFault) {
        guard bytes.count <= Self.longestBytes else {
            throw NameValueFault(text: "longer than \(Self.longestBytes) bytes")
        }
        // A number that was cut would be taken for another number.
        guard bytes.isEmpty || bytes.suffix(1).elementsEqual([0x0A]) else {
            throw NameValueFault(text: "cut short: the last line does not end with a newline")
        }
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            do throws(NameValueFault) {
                try take(line)
            } catch {
                throw NameValueFault(text: "line \(index + 1): \(error.text)")
            }
        }
        guard state != nil || values.contains(where: { $0 != nil }) else {
            throw NameValueFault(text: "no line of a name and a value")
        }
    }

    private mutating func take(_ line: some Collection<UInt8>) throws(NameValueFault) {
        guard line.first != UInt8(ascii: "#") else { return }
        let words = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        guard !words.isEmpty else { return }
        let name = String(decoding: words[0].prefix(32), as: UTF8.self)
        guard let field = Field(word: name) else {
            let known = Field.allCases.map(\.word).joined(separator: ", ")
            throw NameValueFault(text: "\"\(printable(name))\" is none of: \(known)")
        }
        guard words.count == 2 else {
            throw NameValueFault(text: "\(name) takes one value")
        }
        guard values[field.rawValue] == nil, field != .state || state == nil else {
            throw NameValueFault(text: "\(name) is there already")
        }
        let value = String(decoding: words[1].prefix(64), as: UTF8.self)
        switch field {
        case .state:
            state = Self.states.first { $0.name == value }
            guard state != nil else {
                let known = Self.states.map(\.name).joined(separator: ", ")
                throw NameValueFault(text: "state \"\(printable(value))\" is none of: \(known)")
            }
        case .p99:
            values[field.rawValue] = Self.microseconds(words[1])
        case .requests, .errors, .inFlight, .queue, .load:
            values[field.rawValue] = DecimalText.number(words[1]).flatMap { $0 >= 0 ? $0 : nil }
        }
        guard field == .state || values[field.rawValue] != nil else {
            let form = field == .p99 ? "a time such as 120ms, 0.5s or 900us" : "a number from 0 up"
            throw NameValueFault(text: "\(name) \"\(printable(value))\" is not \(form)")
        }
    }

    /// What a server may say of itself; to leave is the agent's own word.
    private static let states: [HostState] = [.up, .degraded, .warming, .draining, .down]

    private static func microseconds(_ text: some Collection<UInt8>) -> Double? {
        let unit = text.reversed().prefix { (0x61...0x7A).contains($0) }.reversed()
        let scale: Double? =
            switch String(decoding: unit, as: UTF8.self) {
            case "us": 1
            case "ms": 1_000
            case "s": 1_000_000
            default: nil
            }
        guard let scale, let number = DecimalText.number(text.dropLast(unit.count)), number >= 0
        else { return nil }
        return number * scale
    }
}

/// Text of others for a line of the log: what is no plain character becomes a question mark.
func printable(_ text: String) -> String {
    String(decoding: text.utf8.map { (0x20...0x7E).contains($0) ? $0 : 0x3F }, as: UTF8.self)
}
