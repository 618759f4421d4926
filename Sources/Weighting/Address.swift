// An IP address as IPVS keys services and destinations by it.

/// An IPv4 or IPv6 address, in host order.
package enum Address: Hashable, Sendable, Codable {
    case v4(UInt32)
    case v6(high: UInt64, low: UInt64)
}

extension Address: Comparable {
    package static func < (lhs: Self, rhs: Self) -> Bool {
        switch (lhs, rhs) {
        case (.v4(let left), .v4(let right)): left < right
        case (.v6(let leftHigh, let leftLow), .v6(let rightHigh, let rightLow)):
            (leftHigh, leftLow) < (rightHigh, rightLow)
        case (.v4, .v6): true
        case (.v6, .v4): false
        }
    }
}

extension Address: CustomStringConvertible {
    /// Dotted decimal, or the form of RFC 5952: lower case, the longest run of zeros as `::`.
    package var description: String {
        switch self {
        case .v4(let bits):
            return [24, 16, 8, 0].map { String((bits >> $0) & 0xFF) }.joined(separator: ".")
        case .v6(let high, let low):
            let groups = [high, low].flatMap { half in
                [48, 32, 16, 0].map { UInt16(truncatingIfNeeded: half >> $0) }
            }
            guard let zeros = Self.longestZeros(in: groups) else { return Self.hex(groups[...]) }
            return Self.hex(groups[..<zeros.lowerBound]) + "::"
                + Self.hex(groups[zeros.upperBound...])
        }
    }

    private static func hex(_ groups: ArraySlice<UInt16>) -> String {
        groups.map { String($0, radix: 16) }.joined(separator: ":")
    }

    /// The first longest run of at least two zero groups.
    private static func longestZeros(in groups: [UInt16]) -> Range<Int>? {
        var best: Range<Int>?
        var start = 0
        for index in 0...groups.count {
            if index < groups.count && groups[index] == 0 { continue }
            if index - start >= 2 && index - start > (best?.count ?? 0) { best = start..<index }
            start = index + 1
        }
        return best
    }
}
