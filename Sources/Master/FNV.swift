// FNV-1a of 64 bits: tells apart what no adversary made.

/// A sum over texts, in their order and with their ends.
struct FNV {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func mix(_ byte: UInt8) { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }

    /// The text, and a mark of its end that no text has.
    mutating func mix(_ text: String) {
        for byte in text.utf8 { mix(byte) }
        mix(0xFF)
    }
}
