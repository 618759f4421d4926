// Takes an HTTP answer apart as it arrives. What a server sends is not to be trusted: every part
// of it has a limit.

package enum HTTPFault: Error, Equatable {
    case notHTTP
    case headTooLong
    case badLength
    case cutShort

    package var text: String {
        switch self {
        case .notHTTP: "the answer is not HTTP"
        case .headTooLong: "the answer's head is longer than \(HTTPAnswer.longestHead) bytes"
        case .badLength: "the answer's length cannot be read"
        case .cutShort: "the answer ends in the middle"
        }
    }
}

/// One answer of HTTP/1.0 or 1.1, its body by length, in chunks, or until the end.
///
///     head ─▶ counted ─────────────────────────▶ done
///          ├▶ chunkSize ─▶ chunk ─▶ chunkEnd ─┐   ▲
///          │      ▲ └─last─▶ trailer ─────────│───┤
///          │      └───────────────────────────┘   │
///          └▶ untilEnd ───────────────────────────┘
package struct HTTPAnswer {
    package static let longestHead = 8192
    /// What of the body is kept; the rest is not waited for.
    package static let longestBody = 65_536

    private enum Step: Equatable {
        case statusLine
        case head
        case counted(Int)
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailer
        case untilEnd
        case done
    }

    private var step = Step.statusLine
    private var line: [UInt8] = []
    private var headBytes = 0
    private var chunkHeadBytes = 0
    private var length: Int?
    private var isChunked = false
    private let isBodyWanted: Bool

    package private(set) var status: Int?
    package private(set) var body: [UInt8] = []

    package init(isBodyWanted: Bool) { self.isBodyWanted = isBodyWanted }

    package var isDone: Bool { step == .done }

    /// Whether the head is over, so that ``status`` is the last one.
    package var hasHead: Bool { step != .statusLine && step != .head }

    package mutating func take(_ bytes: UnsafeRawBufferPointer) throws(HTTPFault) {
        var rest = UnsafeRawBufferPointer(rebasing: bytes[...])
        while !rest.isEmpty, step != .done {
            let used: Int
            switch step {
            case .counted(let left):
                used = min(left, rest.count)
                keep(rest, used)
                step = used == left ? .done : .counted(left - used)
            case .chunk(let left):
                used = min(left, rest.count)
                keep(rest, used)
                step = used == left ? .chunkEnd : .chunk(left - used)
            case .untilEnd:
                used = rest.count
                keep(rest, used)
            case .statusLine, .head, .chunkSize, .chunkEnd, .trailer:
                used = try takeLinePart(rest)
            case .done:
                return
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[used...])
            if body.count >= Self.longestBody { step = .done }
        }
    }

    /// The connection is over; only a body without a length may end so.
    package mutating func end() throws(HTTPFault) {
        switch step {
        case .done: return
        case .untilEnd: step = .done
        case .statusLine where line.isEmpty: throw .notHTTP
        default: throw .cutShort
        }
    }

    private mutating func keep(_ bytes: UnsafeRawBufferPointer, _ count: Int) {
        body.append(contentsOf: bytes[..<min(count, Self.longestBody - body.count)])
    }

    /// Takes bytes up to the end of a line; how many there were.
    private mutating func takeLinePart(_ bytes: UnsafeRawBufferPointer) throws(HTTPFault) -> Int {
        let newline = bytes.firstIndex(of: 0x0A)
        let used = newline.map { $0 + 1 } ?? bytes.count
        // Lines between chunks may be as long as the head, all together.
        if hasHead { chunkHeadBytes += used } else { headBytes += used }
        guard max(headBytes, chunkHeadBytes) <= Self.longestHead else { throw .headTooLong }
        line.append(contentsOf: bytes[..<(newline ?? bytes.count)])
        guard newline != nil else { return used }
        if line.last == 0x0D { line.removeLast() }
        defer { line.removeAll(keepingCapacity: true) }
        try takeLine()
        return used
    }

    private mutating func takeLine() throws(HTTPFault) {
        switch step {
        case .statusLine:
            // As in "HTTP/1.1 200 OK".
            let words = line.split(separator: 0x20, maxSplits: 2)
            guard words.count >= 2, words[0].starts(with: "HTTP/1.".utf8), words[1].count == 3,
                let code = Int(String(decoding: words[1], as: UTF8.self)), code >= 100
            else { throw .notHTTP }
            status = code
            step = .head
        case .head where line.isEmpty: beginBody()
        case .head: try takeHeader()
        case .chunkSize:
            let digits = line.prefix { $0 != 0x3B && $0 != 0x20 }
            guard let size = Self.number(digits, radix: 16) else { throw .badLength }
            step = size == 0 ? .trailer : .chunk(size)
        case .chunkEnd:
            guard line.isEmpty else { throw .badLength }
            step = .chunkSize
        case .trailer:
            if line.isEmpty { step = .done }
        case .counted, .chunk, .untilEnd, .done: break
        }
    }

    /// Digits only: a sign or a space would be read as a number, too.
    private static func number(_ digits: some Collection<UInt8>, radix: Int) -> Int? {
        guard (1...15).contains(digits.count), digits.first != UInt8(ascii: "+"),
            digits.first != UInt8(ascii: "-")
        else { return nil }
        return Int(String(decoding: digits, as: UTF8.self), radix: radix)
    }

    private mutating func takeHeader() throws(HTTPFault) {
        guard let colon = line.firstIndex(of: 0x3A) else { throw .notHTTP }
        let name = Self.lower(line[..<colon])
        let value = Self.lower(line[(colon + 1)...].filter { $0 != 0x20 && $0 != 0x09 })
        if name.elementsEqual("content-length".utf8) {
            guard let count = Self.number(value, radix: 10) else { throw .badLength }
            length = count
        } else if name.elementsEqual("transfer-encoding".utf8) {
            guard value.elementsEqual("chunked".utf8) else { throw .badLength }
            isChunked = true
        }
    }

    private static func lower(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }

    private mutating func beginBody() {
        if let status, (100...199).contains(status), status != 101 {
            // "Continue" and the like come before the answer proper.
            step = .statusLine
            length = nil
            isChunked = false
        } else if !isBodyWanted || status == 204 || status == 304 {
            step = .done
        } else if isChunked {
            step = .chunkSize
        } else if let length {
            step = length == 0 ? .done : .counted(length)
        } else {
            step = .untilEnd
        }
    }
}
