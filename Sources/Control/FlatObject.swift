// A line of JSON that is one object without objects in it, read key by key: no tree is made of it,
// so that a policy can be fed from a simulation at full speed.

/// Why a line was not taken.
struct LineFault: Error, Equatable {
    let text: String

    init(_ text: String) { self.text = text }
}

/// Reads `{"key": value, …}`, where a value is a number, a word, a truth, null, or a list of numbers.
struct FlatObject {
    enum Value: Equatable {
        case nothing
        case truth(Bool)
        case number(Double)
        case word(String)
        case numbers([Double])
    }

    private let bytes: ArraySlice<UInt8>
    private var place: Int

    private static let mostNumbers = 10_000

    private init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        place = bytes.startIndex
    }

    /// Calls `take` with each key and its value, in the order of the line.
    static func read(
        _ line: ArraySlice<UInt8>, _ take: (String, Value) throws(LineFault) -> Void
    ) throws(LineFault) {
        var object = FlatObject(line)
        try object.read(take)
    }

    private mutating func read(
        _ take: (String, Value) throws(LineFault) -> Void
    ) throws(LineFault) {
        guard skip("{") else { throw fault("an object was expected") }
        if !skip("}") {
            repeat {
                guard skip("\"") else { throw fault("a key in quotes was expected") }
                let key = try word()
                guard skip(":") else { throw fault("a colon was expected") }
                try take(key, value())
            } while skip(",")
            guard skip("}") else { throw fault("a comma or the closing brace was expected") }
        }
        skipBlanks()
        guard place == bytes.endIndex else { throw fault("nothing more was expected") }
    }

    private mutating func value() throws(LineFault) -> Value {
        skipBlanks()
        switch next {
        case UInt8(ascii: "\""):
            place += 1
            return .word(try word())
        case UInt8(ascii: "["):
            place += 1
            return .numbers(try numbers())
        case UInt8(ascii: "{"):
            throw fault("an event is flat, and an object stands here")
        case UInt8(ascii: "t"):
            try literal("true")
            return .truth(true)
        case UInt8(ascii: "f"):
            try literal("false")
            return .truth(false)
        case UInt8(ascii: "n"):
            try literal("null")
            return .nothing
        default:
            return .number(try number())
        }
    }

    /// Up to the closing quote, which is passed.
    private mutating func word() throws(LineFault) -> String {
        let start = place
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20, byte != UInt8(ascii: "\\") else {
                throw fault("a word has no backslash and no control character")
            }
            place += 1
        }
        guard next != nil else { throw fault("the closing quote was expected") }
        defer { place += 1 }
        return String(decoding: bytes[start..<place], as: UTF8.self)
    }

    private mutating func numbers() throws(LineFault) -> [Double] {
        if skip("]") { return [] }
        var numbers: [Double] = []
        repeat {
            skipBlanks()
            numbers.append(try number())
            guard numbers.count <= Self.mostNumbers else {
                throw fault("a list has at most \(Self.mostNumbers) numbers")
            }
        } while skip(",")
        guard skip("]") else { throw fault("a comma or the closing bracket was expected") }
        return numbers
    }

    private mutating func literal(_ text: StaticString) throws(LineFault) {
        let start = place
        let isThere = text.withUTF8Buffer { bytes[place...].starts(with: $0) }
        guard isThere else { throw fault("a value was expected", at: start) }
        place += text.utf8CodeUnitCount
    }
}

extension FlatObject {
    private var next: UInt8? { place < bytes.endIndex ? bytes[place] : nil }

    private mutating func skipBlanks() {
        while let byte = next, byte == 0x20 || (0x09...0x0D).contains(byte) { place += 1 }
    }

    /// Passes blanks, and the character if it is next.
    private mutating func skip(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard let byte = next, UInt32(byte) == character.value else { return false }
        place += 1
        return true
    }

    private func fault(_ text: String, at place: Int? = nil) -> LineFault {
        LineFault("column \((place ?? self.place) - bytes.startIndex + 1): \(text)")
    }
}

/// Numbers, which are most of a line.
extension FlatObject {
    /// Powers that a Double holds exactly.
    private static let powersOfTen: [Double] = (0...15).map { exponent in
        (0..<exponent).reduce(1) { power, _ in power * 10 }
    }

    private mutating func number() throws(LineFault) -> Double {
        let start = place
        var (whole, decimals) = (UInt64(0), 0)
        let isNegative = next == UInt8(ascii: "-")
        if isNegative { place += 1 }
        let isZero = next == UInt8(ascii: "0")
        var count = digits(into: &whole)
        guard count > 0, !(isZero && count > 1) else {
            throw fault("a value was expected", at: start)
        }
        if next == UInt8(ascii: ".") {
            place += 1
            decimals = digits(into: &whole)
            guard decimals > 0 else { throw fault("a digit was expected") }
            count += decimals
        }
        let hasExponent = next == UInt8(ascii: "e") || next == UInt8(ascii: "E")
        // So many digits fit a Double, and dividing two exact ones rounds as reading the text would.
        if !hasExponent && count <= 15 {
            let number = Double(whole) / Self.powersOfTen[decimals]
            return isNegative ? -number : number
        }
        if hasExponent {
            place += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { place += 1 }
            guard digits(into: &whole) > 0 else { throw fault("a digit was expected") }
        }
        guard let number = Double(String(decoding: bytes[start..<place], as: UTF8.self)),
            number.isFinite
        else { throw fault("this number is out of range", at: start) }
        return number
    }

    /// Passes digits, and returns how many there were.
    private mutating func digits(into whole: inout UInt64) -> Int {
        let start = place
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            whole = whole &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
            place += 1
        }
        return place - start
    }
}
