// Series in short notation: what happens in one interval after another.

internal import Settings

/// A value for each interval; nothing where no report comes.
struct PolicySeries<Value: Sendable>: Sendable {
    fileprivate(set) var values: [Value?]

    static var mostValues: Int { 100_000 }

    /// The value of an interval; the last one goes on.
    subscript(interval: Int) -> Value? {
        interval < values.count ? values[interval] : values[values.count - 1]
    }

    fileprivate init(
        _ text: String, _ read: (Substring) throws(Complaint) -> (value: Value?, step: Value?),
        _ advance: (Value, Value, Int) -> Value
    ) throws(Complaint) {
        values = []
        for part in text.split(separator: " ") {
            var head = part
            var count = 1
            if let times = part.lastIndex(of: "x"),
                let number = Int(part[part.index(after: times)...])
            {
                head = part[..<times]
                count = number
            }
            guard (1...Self.mostValues).contains(count), values.count + count <= Self.mostValues
            else {
                throw Complaint(
                    "\"\(part)\" repeats too often or never",
                    remedy: "a series has at most \(Self.mostValues) values")
            }
            let (value, step) = try read(head)
            values += (0..<count).map { index -> Value? in
                guard let value else { return nil }
                return step.map { advance(value, $0, index) } ?? value
            }
        }
        guard !values.isEmpty else {
            throw Complaint("this series is empty", remedy: "write a value, as in 50x20")
        }
    }
}

extension Reading<PolicySeries<Double>> {
    /// Numbers: `50x20 80x10`, `10+5x8`, `_x4`; shares may have a percent sign.
    static func series(_ allowed: ClosedRange<Double>) -> Reading<PolicySeries<Double>> {
        let wanted = "a series such as 50x20 10+5x8 _x4"
        return Reading(wanted) { (scalar) throws(Complaint) in
            try PolicySeries<Double>(scalar.text) { (text) throws(Complaint) in
                if text == "_" { return (nil, nil) }
                let sign = text.dropFirst().lastIndex { $0 == "+" || $0 == "-" }
                let value = number(text[..<(sign ?? text.endIndex)])
                let step = sign.flatMap { number(text[text.index(after: $0)...]) }
                guard let value, sign == nil || step != nil else {
                    throw Complaint("\"\(text)\" is not a value of a series", remedy: wanted)
                }
                let isDown = sign.map { text[$0] == "-" } ?? false
                return (value, step.map { isDown ? -$0 : $0 })
            } _: { value, step, index in
                value + step * Double(index)
            }
            .within(allowed)
        }
    }

    private static func number(_ text: Substring) -> Double? {
        let isPercent = text.hasSuffix("%")
        return Quantity.decimal(text.dropLast(isPercent ? 1 : 0)).map { isPercent ? $0 / 100 : $0 }
    }
}

extension PolicySeries<Double> {
    fileprivate func within(_ allowed: ClosedRange<Double>) throws(Complaint) -> Self {
        // Steps add up with the last bits of binary fractions.
        let slack = 1e-9 * max(abs(allowed.upperBound), 1)
        for value in values {
            guard let value else { continue }
            guard (allowed.lowerBound - slack...allowed.upperBound + slack).contains(value) else {
                let bounds = [allowed.lowerBound, allowed.upperBound].map(Quantity.plain)
                throw Complaint(
                    "the series reaches \(Quantity.plain(value))",
                    remedy: "\(bounds[0]) to \(bounds[1]) is allowed")
            }
        }
        var series = self
        series.values = values.map {
            $0.map { min(max($0, allowed.lowerBound), allowed.upperBound) }
        }
        return series
    }
}

extension Reading<PolicySeries<String>> {
    /// Words: `upx20 drainingx10`.
    static func series(of words: [String], _ noun: String) -> Reading<PolicySeries<String>> {
        Reading("a series such as upx20 drainingx10") { (scalar) throws(Complaint) in
            try PolicySeries<String>(scalar.text) { (text) throws(Complaint) in
                guard words.contains(String(text)) else {
                    throw Complaint(
                        "unknown \(noun) \"\(text)\"",
                        remedy: Suggestion.remedy(for: String(text), known: words))
                }
                return (String(text), nil)
            } _: { value, _, _ in
                value
            }
        }
    }
}
