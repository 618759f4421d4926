// The way back from bytes to what a balancer knows.

/// Where values come from, in the order in which they were written.
final class StateSource {
    var reader: ByteReader

    init(_ reader: ByteReader) { self.reader = reader }

    func get<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard let known = type as? any StateValue.Type else {
            return try Value(from: StateDecoder(source: self, type: ObjectIdentifier(type)))
        }
        guard let value = try known.get(from: self) as? Value else {
            throw JournalError.damaged("a value is of another type")
        }
        return value
    }
}

struct StateDecoder: Decoder {
    let source: StateSource
    /// Of the value that is put together; nothing where it is a part without a name.
    var type: ObjectIdentifier?
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(KeyedStateDecoder<Key>(source: source))
    }

    func unkeyedContainer() -> any UnkeyedDecodingContainer {
        ListStateDecoder(source: source)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer {
        SingleStateDecoder(source: source, type: type)
    }
}

private struct KeyedStateDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let source: StateSource
    var codingPath: [any CodingKey] { [] }

    /// Asked for by enumerations alone, whose case stands before its values.
    var allKeys: [Key] {
        guard let name = try? source.reader.text(), let key = Key(stringValue: name) else {
            return []
        }
        return [key]
    }

    func contains(_ key: Key) -> Bool { true }
    func decodeNil(forKey key: Key) throws -> Bool { try !Bool.get(from: source) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        try source.get(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedDecodingContainer<Nested> {
        KeyedDecodingContainer(KeyedStateDecoder<Nested>(source: source))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedDecodingContainer {
        StateDecoder(source: source).unkeyedContainer()
    }

    func superDecoder() -> any Decoder { StateDecoder(source: source) }
    func superDecoder(forKey key: Key) -> any Decoder { StateDecoder(source: source) }
}

private struct ListStateDecoder: UnkeyedDecodingContainer {
    let source: StateSource
    private(set) var currentIndex = 0
    var codingPath: [any CodingKey] { [] }
    /// Whoever asks knows how many there are.
    var count: Int? { nil }
    var isAtEnd: Bool { source.reader.isAtEnd }

    init(source: StateSource) { self.source = source }

    func decodeNil() throws -> Bool { try !Bool.get(from: source) }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        currentIndex += 1
        return try source.get(type)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) -> KeyedDecodingContainer<Nested> {
        StateDecoder(source: source).container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedDecodingContainer {
        StateDecoder(source: source).unkeyedContainer()
    }

    func superDecoder() -> any Decoder { StateDecoder(source: source) }
}

private struct SingleStateDecoder: SingleValueDecodingContainer {
    let source: StateSource
    let type: ObjectIdentifier?
    var codingPath: [any CodingKey] { [] }

    /// What may be absent is asked for before; see `StateValue`.
    func decodeNil() -> Bool { false }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        guard ObjectIdentifier(type) != self.type else {
            throw JournalError.unknownType("\(type)")
        }
        return try source.get(type)
    }
}
