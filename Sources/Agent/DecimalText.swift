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
        let text = Array(bytes) + [0]
        return text.withUnsafeBufferPointer { buffer -> Double? in
            guard let base = buffer.baseAddress else { return nil }
            return base.withMemoryRebound(to: CChar.self, capacity: buffer.count) { start in
                var stop: UnsafeMutablePointer<CChar>?
                let number = strtod(start, &stop)
                guard stop == UnsafeMutablePointer(mutating: start) + (buffer.count - 1),
                    number.isFinite
                else { return nil }
                return number
            }
        }
    }
}
