// Ranges of addresses, as keepalived writes them: 10.0.0.1-5, 10.0.0.1-10.0.1.9, 10.0.0.8/29.

internal import IPVS
internal import Weighting

struct AddressRange {
    let addresses: [Address]

    /// Nothing when the text is no range, or one of more than `most` addresses.
    init?(_ text: String, most: Int) {
        if let slash = text.firstIndex(of: "/") {
            guard let first = Address(String(text[..<slash])),
                let length = Int(text[text.index(after: slash)...]),
                let size = first.size(ofPrefix: length), size <= most
            else { return nil }
            self.init(from: first.masked(by: size), count: size)
        } else if let dash = text.firstIndex(of: "-") {
            let ending = String(text[text.index(after: dash)...])
            guard let first = Address(String(text[..<dash])),
                let last = Address(ending) ?? first.withLastPart(ending),
                let distance = first.distance(to: last), distance < most
            else { return nil }
            self.init(from: first, count: distance + 1)
        } else if let address = Address(text) {
            self.init(from: address, count: 1)
        } else {
            return nil
        }
    }

    /// Both ends, as ldirectord names them.
    init?(from first: Address, through last: Address, most: Int) {
        guard let distance = first.distance(to: last), distance < most else { return nil }
        self.init(from: first, count: distance + 1)
    }

    private init(from first: Address, count: Int) {
        addresses = (0..<count).map(first.advanced)
    }
}

extension Address {
    /// How far another address of the family is above this one, within what an import may hold.
    fileprivate func distance(to other: Address) -> Int? {
        switch (self, other) {
        case (.v4(let from), .v4(let to)) where from <= to: return Int(to - from)
        case (.v6(let high, let from), .v6(let otherHigh, let to))
        where high == otherHigh && from <= to:
            return Int(exactly: to - from)
        default: return nil
        }
    }

    fileprivate func advanced(by count: Int) -> Address {
        switch self {
        case .v4(let bits): .v4(bits &+ UInt32(truncatingIfNeeded: count))
        case .v6(let high, let low): .v6(high: high, low: low &+ UInt64(truncatingIfNeeded: count))
        }
    }

    /// The number of addresses of a prefix; nothing when it is far too many.
    fileprivate func size(ofPrefix length: Int) -> Int? {
        let bits: Int
        switch self {
        case .v4: bits = 32 - length
        case .v6: bits = 128 - length
        }
        return (0...16).contains(bits) ? 1 << bits : nil
    }

    fileprivate func masked(by size: Int) -> Address {
        switch self {
        case .v4(let bits): .v4(bits & ~UInt32(truncatingIfNeeded: size - 1))
        case .v6(let high, let low):
            .v6(high: high, low: low & ~UInt64(truncatingIfNeeded: size - 1))
        }
    }

    /// Decimal behind an IPv4 address, hexadecimal behind an IPv6 one.
    fileprivate func withLastPart(_ text: String) -> Address? {
        switch self {
        case .v4(let bits):
            return UInt8(text).map { .v4(bits & ~0xFF | UInt32($0)) }
        case .v6(let high, let low):
            return UInt16(text, radix: 16).map { .v6(high: high, low: low & ~0xFFFF | UInt64($0)) }
        }
    }
}
