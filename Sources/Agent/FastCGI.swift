// The few bytes of FastCGI that asking a pool for one page takes.

/// Why an answer cannot be used.
enum FastCGIFault: Error, Equatable {
    case notFastCGI
    case refused
    case cutShort

    var text: String {
        switch self {
        case .notFastCGI: "the answer is not FastCGI"
        case .refused: "the request was refused: the pool is overloaded"
        case .cutShort: "the answer ends in the middle"
        }
    }
}

/// A request without a body, closed after its answer.
enum FastCGIRequest {
    /// The records of one request: its beginning, its parameters, no input.
    static func bytes(_ parameters: [(name: String, value: String)]) -> [UInt8] {
        var pairs: [UInt8] = []
        for (name, value) in parameters {
            pairs += length(name.utf8.count) + length(value.utf8.count)
            pairs += Array(name.utf8) + Array(value.utf8)
        }
        // Role 1 answers requests; without a flag the connection is closed behind the answer.
        return record(1, [0, 1, 0, 0, 0, 0, 0, 0]) + record(4, pairs) + record(4, [])
            + record(5, [])
    }

    private static func record(_ type: UInt8, _ content: [UInt8]) -> [UInt8] {
        let count = UInt16(clamping: content.count)
        return [1, type, 0, 1, UInt8(count >> 8), UInt8(count & 0xFF), 0, 0]
            + content.prefix(65_535)
    }

    /// Lengths from 128 take four bytes.
    private static func length(_ count: Int) -> [UInt8] {
        guard count >= 128 else { return [UInt8(truncatingIfNeeded: count)] }
        let wide = UInt32(clamping: count) | 0x8000_0000
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: wide >> UInt32($0)) }
    }
}

/// Takes the records of an answer apart as they arrive, in pieces of any size.
struct FastCGIResponse {
    private var head: [UInt8] = []
    private var contentLeft = 0
    private var paddingLeft = 0
    /// The first bytes of the record that ends the answer.
    private var ending: [UInt8] = []

    private(set) var isDone = false

    /// Takes the next bytes and hands what the page is made of to `body`.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(FastCGIFault) {
        var rest = UnsafeRawBufferPointer(rebasing: bytes[...])
        while !rest.isEmpty, !isDone {
            if head.count < 8 {
                let count = min(8 - head.count, rest.count)
                head.append(contentsOf: rest[..<count])
                rest = UnsafeRawBufferPointer(rebasing: rest[count...])
                guard head.count == 8 else { return }
                guard head[0] == 1 else { throw .notFastCGI }
                contentLeft = Int(head[4]) << 8 | Int(head[5])
                paddingLeft = Int(head[6])
            }
            let count = min(contentLeft, rest.count)
            let content = UnsafeRawBufferPointer(rebasing: rest[..<count])
            switch head[1] {
            case 6: if count > 0 { body(content) }
            case 3: ending.append(contentsOf: content)
            default: break
            }
            contentLeft -= count
            let padding = min(paddingLeft, rest.count - count)
            paddingLeft -= padding
            rest = UnsafeRawBufferPointer(rebasing: rest[(count + padding)...])
            if contentLeft == 0, head[1] == 3 { try end() }
            if contentLeft == 0, paddingLeft == 0 { head.removeAll(keepingCapacity: true) }
        }
    }

    /// Eight bytes end an answer; the fifth says whether the request was taken at all.
    private mutating func end() throws(FastCGIFault) {
        guard ending.count >= 5 else { throw .notFastCGI }
        guard ending[4] == 0 else { throw .refused }
        isDone = true
    }
}
