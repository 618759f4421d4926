// Numbers with a decimal point, as pages and programs write them.

internal import CLinux

enum DecimalText {
    /// The longest number that a double needs is far below this.
    private static let longest = 63

    /// The number that all of these bytes are; `nil` for anything else, NaN and infinities.
    static func number(_ bytes: some Collection<UInt8>) -> Double? {
        guard let first = bytes.first, bytes.count <= longest,
            // The C library would pass over blanks.
            first != 0x20, !(0x09...0x0D).contains(first)
        else { return nil }
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: longest + 1) { text in
            var end = 0
            for byte in bytes {
                text[end] = CChar(bitPattern: byte)
                end += 1
            }
            text[end] = 0
            guard let start = text.baseAddress else { return nil }
            var stop: UnsafeMutablePointer<CChar>?
            let number = strtod(start, &stop)
            guard stop == start + end, number.isFinite else { return nil }
            return number
        }
    }
}
