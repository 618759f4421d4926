// Takes an HTTP response apart as it arrives, in pieces of any size.

/// Why a response cannot be used.
enum HTTPFault: Error, Equatable {
    case notHTTP
    case status(Int)
    case headTooLong
    case badLength
    case tooLong
    case cutShort

    var text: String {
        switch self {
        case .notHTTP: "the answer is not HTTP"
        case .status(let code): "the answer has status \(code)"
        case .headTooLong: "the answer's head is longer than \(HTTPResponse.longestHead) bytes"
        case .badLength: "the answer's length cannot be read"
        case .tooLong: "the answer is longer than \(HTTPResponse.longestBody) bytes"
        case .cutShort: "the answer ends in the middle"
        }
    }
}

/// One response of HTTP/1.0 or 1.1, its body by length, in chunks, or until the end.
///
///     head ─▶ counted ─────────────────────────▶ done
///          ├▶ chunkSize ─▶ chunk ─▶ chunkEnd ─┐   ▲
///          │      ▲ └─last─▶ trailer ─────────│───┤
///          │      └───────────────────────────┘   │
///          └▶ untilEnd ───────────────────────────┘
struct HTTPResponse {
    static let longestHead = 16_384
    static let longestBody = 1_048_576

    private enum Step: Equatable {
        case head
        case counted(Int)
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailer
        case untilEnd
        case done
    }

    private var step = Step.head
    private var line: [UInt8] = []
    private var isStatusLine = true
    private var headBytes = 0
    private var bodyBytes = 0
    private var length: Int?
    private var isChunked = false
    private var isKept = false
    private var hasMore = false

    /// Whether the whole answer came in a form after which another one may follow: HTTP/1.1, its
    /// end known, the connection not closed, and nothing behind the end already.
    var leavesConnection: Bool { step == .done && isKept && !hasMore }

    var isDone: Bool { step == .done }

    /// Takes the next bytes and hands those of the body to `body`; bytes after the end are ignored.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(HTTPFault) {
        var rest = UnsafeRawBufferPointer(rebasing: bytes[...])
        while !rest.isEmpty, step != .done {
            switch step {
            case .counted(let left):
                let count = min(left, rest.count)
                try pass(rest, count, body)
                step = count == left ? .done : .counted(left - count)
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            case .chunk(let left):
                let count = min(left, rest.count)
                try pass(rest, count, body)
                step = count == left ? .chunkEnd : .chunk(left - count)
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            case .untilEnd:
                try pass(rest, rest.count, body)
                return
            case .head, .chunkSize, .chunkEnd, .trailer:
                let newline = rest.firstIndex(of: 0x0A)
                line.append(contentsOf: rest[..<(newline ?? rest.count)])
                headBytes += newline.map { $0 + 1 } ?? rest.count
                // Chunk sizes and trailers are small; counting them with the head bounds them too.
                guard headBytes <= Self.longestHead + bodyBytes else { throw .headTooLong }
                guard let newline else { return }
                if line.last == 0x0D { line.removeLast() }
                try takeLine()
                line.removeAll(keepingCapacity: true)
                rest = UnsafeRawBufferPointer(rebasing: rest[(newline + 1)...])
            case .done:
                return
            }
        }
        if !rest.isEmpty { hasMore = true }
    }

    /// The connection is over; only a body without a length may end so.
    mutating func end() throws(HTTPFault) {
        switch step {
        case .done: return
        case .untilEnd:
            step = .done
            isKept = false
        case .head where isStatusLine && line.isEmpty: throw .notHTTP
        default: throw .cutShort
        }
    }

    private mutating func pass(
        _ bytes: UnsafeRawBufferPointer, _ count: Int, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(HTTPFault) {
        bodyBytes += count
        guard bodyBytes <= Self.longestBody else { throw .tooLong }
        body(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
    }

    private mutating func takeLine() throws(HTTPFault) {
        switch step {
        case .head where isStatusLine:
            isStatusLine = false
            // As in "HTTP/1.1 200 OK".
            let words = line.split(separator: 0x20, maxSplits: 2)
            guard words.count >= 2, words[0].starts(with: "HTTP/1.".utf8),
                let code = Int(String(decoding: words[1], as: UTF8.self))
            else { throw .notHTTP }
            guard code == 200 else { throw .status(code) }
            isKept = words[0].elementsEqual("HTTP/1.1".utf8)
        case .head where line.isEmpty:
            try beginBody()
        case .head:
            try takeHeader()
        case .chunkSize:
            let digits = line.prefix { $0 != 0x3B && $0 != 0x20 }
            guard let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0
            else {
                throw .badLength
            }
            step = size == 0 ? .trailer : .chunk(size)
        case .chunkEnd:
            guard line.isEmpty else { throw .badLength }
            step = .chunkSize
        case .trailer:
            if line.isEmpty { step = .done }
        case .counted, .chunk, .untilEnd, .done:
            break
        }
    }

    private mutating func takeHeader() throws(HTTPFault) {
        guard let colon = line.firstIndex(of: 0x3A) else { throw .notHTTP }
        // Of all others nothing is wanted.
        guard [0x43, 0x63, 0x54, 0x74].contains(line[0]) else { return }
        let name = line[..<colon].map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        let value = line[(colon + 1)...].filter { $0 != 0x20 && $0 != 0x09 }
        if name.elementsEqual("content-length".utf8) {
            guard let count = Int(String(decoding: value, as: UTF8.self)), count >= 0 else {
                throw .badLength
            }
            length = count
        } else if name.elementsEqual("transfer-encoding".utf8) {
            let lower = value.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
            guard lower.elementsEqual("chunked".utf8) else { throw .badLength }
            isChunked = true
        } else if name.elementsEqual("connection".utf8) {
            isKept = isKept && !holds("close", value)
        }
    }

    /// Whether a list of words has this one, whatever the case of its letters.
    private func holds(_ word: StaticString, _ list: some Collection<UInt8>) -> Bool {
        list.split(separator: 0x2C).contains { item in
            item.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }.elementsEqual(
                UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
        }
    }

    private mutating func beginBody() throws(HTTPFault) {
        if isChunked {
            step = .chunkSize
        } else if let length {
            guard length <= Self.longestBody else { throw .tooLong }
            step = length == 0 ? .done : .counted(length)
        } else {
            step = .untilEnd
        }
    }
}
