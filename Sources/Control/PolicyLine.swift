// What a line of `poise policy run` may hold: each key once, with the values it takes.

internal import Settings

/// The keys of an event.
enum LineKey: Int, CaseIterable {
    case time, event
    // Of a report.
    case member, clock, boot, interval, state, requests, errors, cpu, cores, runnable, pressure
    case memoryPressure, ioPressure, memoryAvailable, inFlight, queue, load
    // Of a tick.
    case scheduled, active, inactive, weights

    /// As the line writes it.
    var name: String {
        switch self {
        case .time: "t"
        case .memoryPressure: "memory_pressure"
        case .ioPressure: "io_pressure"
        case .memoryAvailable: "memory_available"
        case .inFlight: "in_flight"
        default: "\(self)"
        }
    }

    enum Kind: String, CaseIterable { case report, tick }

    /// The event it belongs to; nothing when to all.
    var kind: Kind? {
        switch self {
        case .time, .event: nil
        case .scheduled, .active, .inactive, .weights: .tick
        default: .report
        }
    }

    enum Shape {
        case word
        case number(ClosedRange<Double>)
        case whole(ClosedRange<Double>)
        /// A whole number for each member.
        case list(ClosedRange<Double>)
    }

    var shape: Shape {
        switch self {
        case .event, .state: .word
        case .time, .clock: .number(0...1e9)
        case .member: .whole(1...Double(PolicyTrial.mostMembers))
        case .boot: .whole(0...Double(UInt32.max))
        case .interval: .number(0.05...10)
        case .cores: .number(0.01...655)
        case .memoryAvailable, .load: .number(0...1)
        case .requests, .errors, .cpu, .runnable, .pressure, .memoryPressure, .ioPressure,
            .inFlight, .queue:
            .number(0...1e12)
        case .scheduled, .active, .inactive: .list(0...1e12)
        case .weights: .list(0...65_535)
        }
    }

    fileprivate static let named = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0.name, $0) })
}

/// The values of one line; made once and filled again for each.
struct PolicyLine {
    private var values = [FlatObject.Value?](repeating: nil, count: LineKey.allCases.count)

    mutating func read(_ line: ArraySlice<UInt8>) throws(LineFault) {
        for place in values.indices { values[place] = nil }
        try FlatObject.read(line) { (name, value) throws(LineFault) in
            guard let key = LineKey.named[name] else {
                let known = LineKey.allCases.map(\.name)
                throw LineFault(
                    "unknown key \"\(name)\": \(Suggestion.remedy(for: name, known: known))")
            }
            guard values[key.rawValue] == nil else {
                throw LineFault("the key \"\(name)\" stands here twice")
            }
            values[key.rawValue] = try Self.checked(value, key)
        }
    }

    private static func checked(
        _ value: FlatObject.Value, _ key: LineKey
    ) throws(LineFault) -> FlatObject.Value {
        switch (key.shape, value) {
        case (_, .nothing), (.word, .word): return value
        case (.number(let allowed), .number(let number)):
            if allowed.contains(number) { return value }
            throw outOfRange(key, allowed)
        case (.whole(let allowed), .number(let number)):
            guard number == number.rounded() else {
                throw LineFault("\"\(key.name)\" is a whole number")
            }
            if allowed.contains(number) { return value }
            throw outOfRange(key, allowed)
        case (.list(let allowed), .numbers(let numbers)):
            if numbers.allSatisfy(allowed.contains) { return value }
            throw outOfRange(key, allowed)
        case (.word, _): throw LineFault("\"\(key.name)\" is a word in quotes")
        case (.number, _), (.whole, _): throw LineFault("\"\(key.name)\" is a number")
        case (.list, _): throw LineFault("\"\(key.name)\" is a list of numbers, one a member")
        }
    }

    private static func outOfRange(_ key: LineKey, _ allowed: ClosedRange<Double>) -> LineFault {
        let bounds = [allowed.lowerBound, allowed.upperBound].map(Quantity.plain)
        return LineFault("\"\(key.name)\" is out of range: \(bounds[0]) to \(bounds[1]) is allowed")
    }

    /// Refuses keys that say nothing in this kind of event.
    func expectOnly(_ kind: LineKey.Kind) throws(LineFault) {
        for key in LineKey.allCases where values[key.rawValue] != nil {
            if let owner = key.kind, owner != kind {
                throw LineFault("\"\(key.name)\" belongs to a \(owner.rawValue)")
            }
        }
    }

    /// The number of a key; nothing where the line has none, or null.
    func number(_ key: LineKey) -> Double? {
        if case .number(let number) = values[key.rawValue] { number } else { nil }
    }

    func needed(_ key: LineKey) throws(LineFault) -> Double {
        if let number = number(key) { return number }
        throw LineFault("\"\(key.name)\" is missing")
    }

    func word(_ key: LineKey) -> String? {
        if case .word(let word) = values[key.rawValue] { word } else { nil }
    }

    /// A number for each of so many members.
    func list(_ key: LineKey, count: Int) throws(LineFault) -> [Double]? {
        guard case .numbers(let numbers) = values[key.rawValue] else { return nil }
        guard numbers.count == count else {
            throw LineFault(
                "\"\(key.name)\" has \(numbers.count) numbers, and there are \(count) members")
        }
        return numbers
    }
}
