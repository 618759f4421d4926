// What a balancer knows, as bytes: every value in the order of its declaration, without names.
//
// Compiler-made conformances walk through the values, so none can be forgotten here when one is
// added there.

/// Where values go as they are encoded, and how to hand on what has gathered.
final class StateSink {
    var writer: ByteWriter
    /// Called when so much has gathered; has to make room.
    private let handOn: (inout ByteWriter) throws -> Void
    private let limit: Int
    /// Types that are made of others: to ask whether one takes bytes by itself is slow.
    private var composed: Set<ObjectIdentifier> = []

    init(
        _ writer: consuming ByteWriter, limit: Int,
        handOn: @escaping (inout ByteWriter) throws -> Void
    ) {
        self.writer = writer
        self.limit = limit
        self.handOn = handOn
    }

    /// Hands on what gathered, when it is much.
    func makeRoom() throws {
        if writer.bytes.count >= limit { try handOn(&writer) }
    }

    func put<Value: Encodable>(_ value: Value) throws {
        let type = ObjectIdentifier(Value.self)
        if !composed.contains(type) {
            if let value = value as? any StateValue { return try value.put(to: self) }
            composed.insert(type)
        }
        try makeRoom()
        try value.encode(to: StateEncoder(sink: self, type: type))
    }
}

struct StateEncoder: Encoder {
    let sink: StateSink
    /// Of the value that is taken apart; nothing where it is a part without a name.
    var type: ObjectIdentifier?
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        KeyedEncodingContainer(KeyedStateEncoder<Key>(sink: sink))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        ListStateEncoder(sink: sink)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer {
        SingleStateEncoder(sink: sink, type: type)
    }
}

private struct KeyedStateEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let sink: StateSink
    var codingPath: [any CodingKey] { [] }

    func encodeNil(forKey key: Key) { sink.writer.byte(0) }
    func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws { try sink.put(value) }
    func encodeIfPresent<Value: Encodable>(_ value: Value?, forKey key: Key) throws {
        sink.writer.byte(value == nil ? 0 : 1)
        if let value { try sink.put(value) }
    }

    // Most values are one of these, and for them no type need be asked. Those that the standard
    // library would pass over when they are absent have to be here.
    func encode(_ value: Double, forKey key: Key) { value.put(to: sink) }
    func encode(_ value: Bool, forKey key: Key) { value.put(to: sink) }
    func encode(_ value: Int, forKey key: Key) { value.put(to: sink) }
    func encode(_ value: UInt32, forKey key: Key) { value.put(to: sink) }
    func encode(_ value: UInt64, forKey key: Key) { value.put(to: sink) }
    func encodeIfPresent(_ value: Bool?, forKey key: Key) throws { try put(value) }
    func encodeIfPresent(_ value: String?, forKey key: Key) throws { try put(value) }
    func encodeIfPresent(_ value: Double?, forKey key: Key) throws { try put(value) }
    func encodeIfPresent(_ value: Int?, forKey key: Key) throws { try put(value) }
    func encodeIfPresent(_ value: Int8?, forKey key: Key) throws { try put(value) }
    func encodeIfPresent(_ value: Int16?, forKey key: Key) throws { try put(value) }
    func encodeIfPresent(_ value: Int32?, forKey key: Key) throws { try put(value) }
    func encodeIfPresent(_ value: Int64?, forKey key: Key) throws { try put(value) }
    func encodeIfPresent(_ value: UInt?, forKey key: Key) throws { try put(value) }
    func encodeIfPresent(_ value: UInt8?, forKey key: Key) throws { try put(value) }
    func encodeIfPresent(_ value: UInt16?, forKey key: Key) throws { try put(value) }
    func encodeIfPresent(_ value: UInt32?, forKey key: Key) throws { try put(value) }
    func encodeIfPresent(_ value: UInt64?, forKey key: Key) throws { try put(value) }

    private func put(_ value: (some StateValue)?) throws {
        sink.writer.byte(value == nil ? 0 : 1)
        try value?.put(to: sink)
    }

    /// An enumeration writes which of its cases follows.
    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) -> KeyedEncodingContainer<Nested> {
        sink.writer.text(key.stringValue)
        return KeyedEncodingContainer(KeyedStateEncoder<Nested>(sink: sink))
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        StateEncoder(sink: sink).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { StateEncoder(sink: sink) }
    func superEncoder(forKey key: Key) -> any Encoder { StateEncoder(sink: sink) }
}

/// Of types that write a fixed number of values without names, such as ranges.
private struct ListStateEncoder: UnkeyedEncodingContainer {
    let sink: StateSink
    private(set) var count = 0
    var codingPath: [any CodingKey] { [] }

    init(sink: StateSink) { self.sink = sink }

    func encodeNil() { sink.writer.byte(0) }

    mutating func encode<Value: Encodable>(_ value: Value) throws {
        count += 1
        try sink.put(value)
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type
    ) -> KeyedEncodingContainer<Nested> {
        StateEncoder(sink: sink).container(keyedBy: type)
    }

    func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        StateEncoder(sink: sink).unkeyedContainer()
    }

    func superEncoder() -> any Encoder { StateEncoder(sink: sink) }
}

private struct SingleStateEncoder: SingleValueEncodingContainer {
    let sink: StateSink
    let type: ObjectIdentifier?
    var codingPath: [any CodingKey] { [] }

    func encodeNil() { sink.writer.byte(0) }

    func encode<Value: Encodable>(_ value: Value) throws {
        // Whoever writes itself as itself, as Float does, would go on without end.
        guard ObjectIdentifier(Value.self) != type else {
            throw JournalError.unknownType("\(Value.self)")
        }
        try sink.put(value)
    }
}
