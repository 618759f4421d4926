// Numbers and texts as bytes: small numbers take few.

/// Appends to bytes that stay in place between uses.
struct ByteWriter {
    var bytes: [UInt8] = []

    mutating func byte(_ value: UInt8) { bytes.append(value) }

    /// Seven bits in each byte, the lowest first; the highest bit says that more follow.
    mutating func number(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func number(_ value: UInt32) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }

    /// A number that is near 0 on either side.
    mutating func signed(_ value: Int64) {
        number(UInt64(bitPattern: value << 1 ^ value >> 63))
    }

    /// From one number to another, whichever way round 2³² is shorter.
    mutating func difference(from old: UInt32, to new: UInt32) {
        let value = Int32(bitPattern: new &- old)
        number(UInt32(bitPattern: value << 1 ^ value >> 31))
    }

    mutating func difference(from old: Int, to new: Int) {
        signed(Int64(new) &- Int64(old))
    }

    /// Eight bytes, the lowest first.
    mutating func bits(_ value: UInt64) {
        for shift in stride(from: 0, to: 64, by: 8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
        }
    }

    mutating func text(_ value: String) {
        number(UInt64(value.utf8.count))
        bytes.append(contentsOf: value.utf8)
    }
}
