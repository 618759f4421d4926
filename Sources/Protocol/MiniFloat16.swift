// mf16: a count or a time in two bytes, from 0 to 2·10¹², never more than 0.1 % too small.

/// The 16-bit float of the wire: 5 bits of exponent, 11 of mantissa, value m·2ᵉ (PROTOCOL.md §4.1).
package enum MiniFloat16 {
    /// The one pattern that is no number.
    package static let notAvailable: UInt16 = 0xFFFF

    /// What every value too large becomes: 2047·2³⁰.
    package static let largest: UInt16 = 0xF7FF

    private static let mantissaBits = 11

    /// The pattern with the smallest exponent that fits, truncated; `nil` is not available.
    package static func encode(_ value: UInt64?) -> UInt16 {
        guard let value else { return notAvailable }
        let significant = UInt64.bitWidth - value.leadingZeroBitCount
        let exponent = max(0, significant - mantissaBits)
        guard exponent <= 30 else { return largest }
        return UInt16(exponent) << mantissaBits | UInt16(value >> exponent)
    }

    /// The value of any pattern, `nil` for the one that means not available.
    package static func decode(_ pattern: UInt16) -> UInt64? {
        guard pattern != notAvailable else { return nil }
        return UInt64(pattern & 0x07FF) << UInt64(pattern >> mantissaBits)
    }
}
