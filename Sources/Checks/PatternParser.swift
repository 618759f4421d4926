// Reads a regular expression: the usual signs, and none that would need to try ways one by one.

/// Why an expression was not taken.
package struct PatternFault: Error, Equatable {
    package let message: String
}

/// Recursive descent over the expression's bytes.
struct PatternParser {
    static let longestBytes = 256
    private static let mostOps = 512
    private static let mostRepeats = 100
    private static let deepest = 20

    private let bytes: [UInt8]
    private var place = 0
    private var depth = 0
    private var ignoresCase = false

    init(_ text: String) { bytes = Array(text.utf8) }

    private typealias Ops = [Pattern.Op]

    mutating func program() throws(PatternFault) -> [Pattern.Op] {
        guard bytes.count <= Self.longestBytes else {
            throw PatternFault(message: "it is longer than \(Self.longestBytes) bytes")
        }
        if bytes.starts(with: "(?i)".utf8) {
            ignoresCase = true
            place = 4
        }
        guard place < bytes.count else { throw PatternFault(message: "it is empty") }
        let ops = try alternatives()
        guard place == bytes.count else { throw PatternFault(message: "a ) is too many") }
        return ops + [.match]
    }

    private mutating func alternatives() throws(PatternFault) -> Ops {
        depth += 1
        guard depth <= Self.deepest else {
            throw PatternFault(message: "its parentheses are more than \(Self.deepest) deep")
        }
        defer { depth -= 1 }
        var ops = try sequence()
        while take("|") {
            let other = try sequence()
            // split L1, L2; L1: one; jump end; L2: other; end
            ops =
                [.split(1, ops.count + 2)] + Self.moved(ops, by: 1)
                + [.jump(ops.count + 2 + other.count)] + Self.moved(other, by: ops.count + 2)
            try Self.checkSize(ops)
        }
        return ops
    }

    private mutating func sequence() throws(PatternFault) -> Ops {
        var ops: Ops = []
        while place < bytes.count, bytes[place] != UInt8(ascii: "|"),
            bytes[place] != UInt8(ascii: ")")
        {
            let part = try repeated()
            ops += Self.moved(part, by: ops.count)
            try Self.checkSize(ops)
        }
        return ops
    }

    private mutating func repeated() throws(PatternFault) -> Ops {
        var part = try atom()
        while let (least, most) = try bounds() {
            part = try Self.repeated(part, least, most)
        }
        return part
    }

    /// `least` copies, and then as many more as `most` allows, or any number without one.
    private static func repeated(_ part: Ops, _ least: Int, _ most: Int?) throws(PatternFault)
        -> Ops
    {
        var ops: Ops = []
        for _ in 0..<least {
            ops += moved(part, by: ops.count)
            try checkSize(ops)
        }
        if let most {
            for _ in least..<max(least, most) {
                let start = ops.count
                ops.append(.split(start + 1, start + 1 + part.count))
                ops += moved(part, by: start + 1)
                try checkSize(ops)
            }
        } else {
            let start = ops.count
            ops.append(.split(start + 1, start + 2 + part.count))
            ops += moved(part, by: start + 1)
            ops.append(.jump(start))
            try checkSize(ops)
        }
        return ops
    }

    private mutating func bounds() throws(PatternFault) -> (Int, Int?)? {
        if take("*") { return (0, nil) }
        if take("+") { return (1, nil) }
        if take("?") { return (0, 1) }
        guard take("{") else { return nil }
        guard let least = number() else {
            throw PatternFault(message: "{ is followed by no number; write \\{ for the sign itself")
        }
        var most: Int? = least
        if take(",") { most = number() }
        guard take("}") else { throw PatternFault(message: "a } is missing") }
        guard least <= most ?? Self.mostRepeats, max(least, most ?? 0) <= Self.mostRepeats else {
            throw PatternFault(
                message: "{ } takes numbers up to \(Self.mostRepeats), the lesser first")
        }
        return (least, most)
    }

    private mutating func number() -> Int? {
        var number: Int?
        while place < bytes.count, ByteSet.digits.contains(bytes[place]), number ?? 0 < 1000 {
            number = (number ?? 0) * 10 + Int(bytes[place] - UInt8(ascii: "0"))
            place += 1
        }
        return number
    }

    private mutating func atom() throws(PatternFault) -> Ops {
        let byte = bytes[place]
        place += 1
        switch byte {
        case UInt8(ascii: "("):
            if take("?:") == false, place < bytes.count, bytes[place] == UInt8(ascii: "?") {
                throw PatternFault(message: "(? is known as (?: and, at the beginning, as (?i)")
            }
            let ops = try alternatives()
            guard take(")") else { throw PatternFault(message: "a ) is missing") }
            return ops
        case UInt8(ascii: "["): return [.byte(cased(try bracket()))]
        case UInt8(ascii: "."): return [.byte(ByteSet.lineFeed.inverted)]
        case UInt8(ascii: "^"): return [.start]
        case UInt8(ascii: "$"): return [.end]
        case UInt8(ascii: "\\"): return [.byte(cased(try escaped()))]
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"), UInt8(ascii: "{"):
            let sign = String(UnicodeScalar(byte))
            throw PatternFault(
                message: "\(sign) has nothing to repeat; write \\\(sign) for the sign")
        default: return [.byte(cased(ByteSet([byte])))]
        }
    }

    private func cased(_ set: ByteSet) -> ByteSet { ignoresCase ? set.ignoringCase : set }

    private mutating func escaped() throws(PatternFault) -> ByteSet {
        guard place < bytes.count else { throw PatternFault(message: "it ends with \\") }
        let byte = bytes[place]
        place += 1
        switch byte {
        case UInt8(ascii: "d"): return .digits
        case UInt8(ascii: "D"): return ByteSet.digits.inverted
        case UInt8(ascii: "s"): return .spaces
        case UInt8(ascii: "S"): return ByteSet.spaces.inverted
        case UInt8(ascii: "w"): return .word
        case UInt8(ascii: "W"): return ByteSet.word.inverted
        case UInt8(ascii: "n"): return .lineFeed
        case UInt8(ascii: "r"): return ByteSet([0x0D])
        case UInt8(ascii: "t"): return ByteSet([0x09])
        default:
            guard !ByteSet.word.contains(byte) else {
                throw PatternFault(message: "\\\(String(UnicodeScalar(byte))) is not known")
            }
            return ByteSet([byte])
        }
    }

    private mutating func bracket() throws(PatternFault) -> ByteSet {
        var set = ByteSet()
        let isInverted = take("^")
        var isFirst = true
        while place < bytes.count, isFirst || bytes[place] != UInt8(ascii: "]") {
            isFirst = false
            let low = bytes[place]
            place += 1
            if low == UInt8(ascii: "\\") {
                set.formUnion(try escaped())
                continue
            }
            guard low < 0x80 else {
                throw PatternFault(message: "[ ] takes signs of ASCII only; use ( | ) for others")
            }
            guard place + 1 < bytes.count, bytes[place] == UInt8(ascii: "-"),
                bytes[place + 1] != UInt8(ascii: "]")
            else {
                set.insert(low)
                continue
            }
            let high = bytes[place + 1]
            place += 2
            guard low <= high, high < 0x80, high != UInt8(ascii: "\\") else {
                throw PatternFault(message: "a range in [ ] ends before it begins")
            }
            for byte in low...high { set.insert(byte) }
        }
        guard take("]") else { throw PatternFault(message: "a ] is missing") }
        return isInverted ? cased(set).inverted : set
    }

    private mutating func take(_ sign: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: sign.utf8Start, count: sign.utf8CodeUnitCount)
        guard bytes[place...].starts(with: wanted) else { return false }
        place += wanted.count
        return true
    }

    private static func moved(_ ops: Ops, by distance: Int) -> Ops {
        ops.map { op in
            switch op {
            case .jump(let target): .jump(target + distance)
            case .split(let one, let other): .split(one + distance, other + distance)
            default: op
            }
        }
    }

    private static func checkSize(_ ops: Ops) throws(PatternFault) {
        guard ops.count <= mostOps else {
            throw PatternFault(message: "it has too many parts or repetitions")
        }
    }
}
