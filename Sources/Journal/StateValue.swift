// The values that all others are made of, as bytes and back.

/// A value that takes bytes by itself.
protocol StateValue {
    func put(to sink: StateSink) throws
    static func get(from source: StateSource) throws -> Self
}

extension Bool: StateValue {
    func put(to sink: StateSink) { sink.writer.byte(self ? 1 : 0) }

    static func get(from source: StateSource) throws -> Bool {
        switch try source.reader.byte() {
        case 0: false
        case 1: true
        default: throw JournalError.damaged("a yes or no is neither")
        }
    }
}

extension Double: StateValue {
    /// Bit for bit, since the least difference would grow.
    func put(to sink: StateSink) { sink.writer.bits(bitPattern) }

    static func get(from source: StateSource) throws -> Double {
        let value = Double(bitPattern: try source.reader.bits())
        // No state holds any other, and arithmetic on whole numbers would trap on them.
        guard value.isFinite else { throw JournalError.damaged("a number is not finite") }
        return value
    }
}

extension String: StateValue {
    func put(to sink: StateSink) { sink.writer.text(self) }
    static func get(from source: StateSource) throws -> String { try source.reader.text() }
}

extension StateValue where Self: SignedInteger & FixedWidthInteger {
    func put(to sink: StateSink) { sink.writer.signed(Int64(self)) }

    static func get(from source: StateSource) throws -> Self {
        guard let value = Self(exactly: try source.reader.signed()) else {
            throw JournalError.damaged("a number is too large")
        }
        return value
    }
}

extension StateValue where Self: UnsignedInteger & FixedWidthInteger {
    func put(to sink: StateSink) { sink.writer.number(UInt64(self)) }

    static func get(from source: StateSource) throws -> Self {
        guard let value = Self(exactly: try source.reader.number()) else {
            throw JournalError.damaged("a number is too large")
        }
        return value
    }
}

extension Int: StateValue {}
extension Int8: StateValue {}
extension Int16: StateValue {}
extension Int32: StateValue {}
extension Int64: StateValue {}
extension UInt: StateValue {}
extension UInt8: StateValue {}
extension UInt16: StateValue {}
extension UInt32: StateValue {}
extension UInt64: StateValue {}

extension Optional: StateValue where Wrapped: Codable {
    func put(to sink: StateSink) throws {
        sink.writer.byte(self == nil ? 0 : 1)
        if let value = self { try sink.put(value) }
    }

    static func get(from source: StateSource) throws -> Wrapped? {
        try Bool.get(from: source) ? try source.get(Wrapped.self) : nil
    }
}

extension Array: StateValue where Element: Codable {
    func put(to sink: StateSink) throws {
        sink.writer.number(UInt64(count))
        if let known = Element.self as? any StateValue.Type {
            return try Self.put(self, each: known, to: sink)
        }
        for element in self { try sink.put(element) }
    }

    /// To ask each element for its type would take most of the time.
    private static func put<Value: StateValue>(
        _ elements: [Element], each: Value.Type, to sink: StateSink
    ) throws {
        guard let values = elements as? [Value] else {
            throw JournalError.unknownType("\(Element.self)")
        }
        for value in values {
            try sink.makeRoom()
            try value.put(to: sink)
        }
    }

    static func get(from source: StateSource) throws -> [Element] {
        var elements: [Element] = []
        for _ in 0..<(try source.reader.count()) { elements.append(try source.get(Element.self)) }
        return elements
    }
}

extension Set: StateValue where Element: Codable {
    func put(to sink: StateSink) throws { try sink.put(Array(self)) }
    static func get(from source: StateSource) throws -> Set { Set(try [Element].get(from: source)) }
}

extension Dictionary: StateValue where Key: Codable, Value: Codable {
    func put(to sink: StateSink) throws {
        sink.writer.number(UInt64(count))
        for (key, value) in self {
            try sink.put(key)
            try sink.put(value)
        }
    }

    static func get(from source: StateSource) throws -> [Key: Value] {
        var values: [Key: Value] = [:]
        for _ in 0..<(try source.reader.count()) {
            let key = try source.get(Key.self)
            values[key] = try source.get(Value.self)
        }
        return values
    }
}
