// The first 20 bytes of every datagram.

/// What a datagram is (PROTOCOL.md §3).
package enum DatagramType: UInt8, Sendable {
    case report = 1
    case acknowledgement = 2
    case probe = 3
}

/// Who sends, and in which order (PROTOCOL.md §3).
///
///     offset  bytes  field
///          0      1  0xB1: magic nibble B, version nibble 1
///          1      1  type
///          2      6  locator of the key pair
///          8      4  instance: the sender's random boot id, never 0
///         12      4  sequence: from 1 up, per destination
///         16      4  cookie: 0 for none
package struct Header: Equatable, Sendable {
    package static let byteCount = 20
    private static let magicAndVersion: UInt8 = 0xB1

    package var type: DatagramType
    package var locator: Locator
    package var instance: UInt32
    package var sequence: UInt32
    package var cookie: UInt32

    package init(
        type: DatagramType, locator: Locator, instance: UInt32, sequence: UInt32, cookie: UInt32 = 0
    ) {
        self.type = type
        self.locator = locator
        self.instance = instance
        self.sequence = sequence
        self.cookie = cookie
    }

    /// Reads the header of a datagram, and nothing behind it.
    ///
    /// - Throws: ``Refusal/tooShort``, ``Refusal/magic``, ``Refusal/version``, ``Refusal/type``.
    package init(datagram: RawSpan) throws(Refusal) {
        guard
            let mark = datagram.integer(at: 0, as: UInt8.self),
            let type = datagram.integer(at: 1, as: UInt8.self),
            let locator = Self.locator(in: datagram),
            let instance = datagram.integer(at: 8, as: UInt32.self),
            let sequence = datagram.integer(at: 12, as: UInt32.self),
            let cookie = datagram.integer(at: 16, as: UInt32.self)
        else { throw .tooShort }
        guard mark & 0xF0 == Self.magicAndVersion & 0xF0 else { throw .magic }
        guard mark == Self.magicAndVersion else { throw .version }
        guard let type = DatagramType(rawValue: type) else { throw .type }
        self.type = type
        self.locator = locator
        self.instance = instance
        self.sequence = sequence
        self.cookie = cookie
    }

    /// The locator alone, whatever else is in the datagram; `nil` in one that ends before.
    static func locator(in datagram: RawSpan) -> Locator? {
        guard let locatorHigh = datagram.integer(at: 2, as: UInt16.self),
            let locatorLow = datagram.integer(at: 4, as: UInt32.self)
        else { return nil }
        return Locator(rawValue: UInt64(locatorHigh) << 32 | UInt64(locatorLow))
    }

    func append(to datagram: inout [UInt8]) {
        datagram.append(Self.magicAndVersion)
        datagram.append(type.rawValue)
        datagram.append(bigEndian: UInt16(locator.rawValue >> 32))
        datagram.append(bigEndian: UInt32(locator.rawValue & 0xFFFF_FFFF))
        datagram.append(bigEndian: instance)
        datagram.append(bigEndian: sequence)
        datagram.append(bigEndian: cookie)
    }
}
