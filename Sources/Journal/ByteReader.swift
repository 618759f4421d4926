// The way back from bytes, of which anything may have become something else.

/// Why bytes cannot be read as what they should be.
package enum JournalError: Error, Equatable {
    /// They end within something: a torn tail.
    case ends
    case damaged(String)
    /// Another release recorded it than reads it.
    case otherRelease(String, own: String)
    /// A type of values that no journal has: a fault of ours.
    case unknownType(String)

    package var text: String {
        switch self {
        case .ends: "it ends within a record, as when its writer died"
        case .damaged(let what): "it cannot be read on: \(what)"
        case .otherRelease(let release, let own):
            "poise \(release) recorded it, and this is \(own): use the poise of that release"
        case .unknownType(let type):
            "what is known has a value of the type \(type), which no journal holds: a fault of "
                + "poise, please report it"
        }
    }

    static let noPlace = JournalError.damaged("a part of what is known has no place")

    /// What stopped a reading: an error of ours, or the standard library's of values that cannot be.
    init(_ error: any Error) {
        self = error as? JournalError ?? .damaged("what was known then has another form")
    }
}

/// Reads what ``ByteWriter`` wrote; any bytes at all give values or an error.
struct ByteReader {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }

    /// The next byte, which stays the next.
    var next: UInt8? { isAtEnd ? nil : bytes[position] }

    mutating func byte() throws(JournalError) -> UInt8 {
        guard position < bytes.count else { throw .ends }
        defer { position += 1 }
        return bytes[position]
    }

    mutating func number() throws(JournalError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            let byte = try byte()
            // Of the tenth byte only one bit has room.
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw .damaged("a number is too large")
    }

    mutating func number32() throws(JournalError) -> UInt32 {
        guard let value = UInt32(exactly: try number()) else {
            throw .damaged("a number is too large")
        }
        return value
    }

    /// A count of things that take at least a byte each, so that no count asks for memory that the
    /// rest of the bytes cannot fill.
    mutating func count() throws(JournalError) -> Int {
        let value = try number()
        guard value <= UInt64(bytes.count - position) else { throw .ends }
        return Int(value)
    }

    mutating func signed() throws(JournalError) -> Int64 {
        let value = try number()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// The number that is this far from `old`.
    mutating func difference(from old: UInt32) throws(JournalError) -> UInt32 {
        let value = try number32()
        return old &+ (value >> 1 ^ (0 &- (value & 1)))
    }

    mutating func difference(from old: Int) throws(JournalError) -> Int {
        Int(truncatingIfNeeded: Int64(old) &+ (try signed()))
    }

    /// The same of a weight or a count of connections, which no kernel has more of.
    mutating func measure(from old: Int) throws(JournalError) -> Int {
        let value = try difference(from: old)
        guard (0...1 << 40).contains(value) else { throw .damaged("a measure is out of range") }
        return value
    }

    mutating func bits() throws(JournalError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 8) { value |= UInt64(try byte()) << shift }
        return value
    }

    mutating func text() throws(JournalError) -> String {
        let count = try count()
        defer { position += count }
        return String(decoding: bytes[position..<position + count], as: UTF8.self)
    }
}
