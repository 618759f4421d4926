// Netlink attributes ↔ bytes: type-length-value records, in the byte order of the machine.

import CNetlink

/// One attribute: what it is by number, and its bytes without header and padding.
struct Attribute: Equatable {
    /// With the two flags that netlink puts into its highest bits.
    let flaggedType: Int
    let payload: ArraySlice<UInt8>

    var type: Int { flaggedType & Self.typeMask }

    static let headerByteCount = 4

    /// NLA_F_NESTED and NLA_TYPE_MASK, whose definitions Swift does not import.
    static let nestedFlag = 1 << 15
    private static let typeMask = 0x3FFF
}

/// Attributes that follow each other, as a nest or a message holds them.
struct Attributes: Equatable {
    private(set) var list: [Attribute] = []

    /// For attributes to be sent.
    init() {}

    /// Reads what the kernel sent; nothing is kept of a record that does not fit its bytes.
    init(_ bytes: ArraySlice<UInt8>) throws(AnswerFault) {
        list.reserveCapacity(Self.usualCount)
        var cursor = AttributeCursor(bytes)
        while let attribute = try cursor.next() { list.append(attribute) }
    }

    /// The payload of the first attribute of that type.
    subscript(type: Int) -> ArraySlice<UInt8>? {
        list.first { $0.type == type }?.payload
    }

    /// The integer of that type, if it is there and as wide as `Value`.
    func integer<Value: FixedWidthInteger>(_ type: Int, as: Value.Type) -> Value? {
        self[type]?.native(Value.self)
    }

    func nest(_ type: Int) throws(AnswerFault) -> Attributes? {
        guard let payload = self[type] else { return nil }
        return try Attributes(payload)
    }

    mutating func append(_ attribute: Attribute) { list.append(attribute) }

    mutating func append(_ type: Int, _ payload: some Sequence<UInt8>) {
        list.append(Attribute(flaggedType: type, payload: Array(payload)[...]))
    }

    mutating func append(_ type: Int, _ value: some FixedWidthInteger) {
        append(type, value.nativeBytes)
    }

    mutating func append(_ type: Int, nest: Attributes) {
        append(type | Attribute.nestedFlag, nest.bytes)
    }

    /// As they go on the wire, each padded to four bytes.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        for attribute in list { bytes.append(attribute) }
        return bytes
    }

    /// As many as Linux 6.1 tells of a service, so that reading one allocates once a nest.
    private static let usualCount = 15
}

/// Attributes one after the other, without a list of them: a dump of a large table has many.
struct AttributeCursor {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// Nothing at the end.
    mutating func next() throws(AnswerFault) -> Attribute? {
        guard !rest.isEmpty else { return nil }
        guard let length = rest.native(UInt16.self, at: 0).map(Int.init),
            let type = rest.native(UInt16.self, at: 2),
            length >= Attribute.headerByteCount, length <= rest.count
        else { throw .malformed("an attribute") }
        let payload = rest[rest.startIndex + Attribute.headerByteCount..<rest.startIndex + length]
        rest = rest[min(rest.startIndex + padded(length), rest.endIndex)...]
        return Attribute(flaggedType: Int(type), payload: payload)
    }
}

extension [UInt8] {
    /// As it goes on the wire, padded to four bytes.
    mutating func append(_ attribute: Attribute) {
        let length = Attribute.headerByteCount + attribute.payload.count
        append(native: UInt16(truncatingIfNeeded: length))
        append(native: UInt16(truncatingIfNeeded: attribute.flaggedType))
        append(contentsOf: attribute.payload)
        for _ in length..<padded(length) { append(0) }
    }

    mutating func append(native value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value) { append(contentsOf: $0) }
    }
}

/// Up to the next multiple of four, where the next attribute or message begins.
func padded(_ byteCount: Int) -> Int { (byteCount + 3) & ~3 }

extension ArraySlice<UInt8> {
    /// The integer these bytes are in the machine's order, if they are as many as it has.
    func native<Value: FixedWidthInteger>(_: Value.Type) -> Value? {
        count == MemoryLayout<Value>.size ? native(Value.self, at: 0) : nil
    }

    /// The integer that begins so many bytes from the start, if it ends within.
    func native<Value: FixedWidthInteger>(_: Value.Type, at offset: Int) -> Value? {
        guard offset >= 0, count - MemoryLayout<Value>.size >= offset else { return nil }
        return withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
    }
}

extension FixedWidthInteger {
    var nativeBytes: [UInt8] { withUnsafeBytes(of: self, Array.init) }
}
