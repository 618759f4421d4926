// Asks a name server one question, and looks at the answer.

/// The kinds of records that can be asked for.
package enum DNSRecord: UInt16, CaseIterable, Hashable, Sendable {
    case a = 1
    case ns = 2
    case cname = 5
    case soa = 6
    case ptr = 12
    case mx = 15
    case txt = 16
    case aaaa = 28
    case srv = 33

    package var name: String {
        switch self {
        case .a: "A"
        case .ns: "NS"
        case .cname: "CNAME"
        case .soa: "SOA"
        case .ptr: "PTR"
        case .mx: "MX"
        case .txt: "TXT"
        case .aaaa: "AAAA"
        case .srv: "SRV"
        }
    }
}

/// What a name server may say of a question.
package enum DNSCode: UInt8, CaseIterable, Hashable, Sendable {
    case noError = 0
    case formatError
    case serverFailure
    case nameError
    case notImplemented
    case refused

    package var name: String {
        switch self {
        case .noError: "NOERROR"
        case .formatError: "FORMERR"
        case .serverFailure: "SERVFAIL"
        case .nameError: "NXDOMAIN"
        case .notImplemented: "NOTIMP"
        case .refused: "REFUSED"
        }
    }
}

package struct DNSRequest: Hashable, Sendable {
    package let name: DNSName
    package let record: DNSRecord
    package let code: DNSCode
    /// 4 or 16 bytes: an address that has to be among the answers.
    package let answer: [UInt8]?

    package init(
        name: DNSName, record: DNSRecord = .a, code: DNSCode = .noError, answer: [UInt8]? = nil
    ) {
        self.name = name
        self.record = record
        self.code = code
        self.answer = answer
    }
}

/// A name as datagrams have it: labels with their lengths, and an empty one at the end.
package struct DNSName: Hashable, Sendable {
    package let text: String
    let bytes: [UInt8]

    /// `nil` for what is no name of a host.
    package init?(_ text: String) {
        self.text = text
        let host = text.hasSuffix(".") ? text.dropLast() : text[...]
        var bytes: [UInt8] = []
        for label in host.split(separator: ".", omittingEmptySubsequences: false)
        where !host.isEmpty {
            guard (1...63).contains(label.utf8.count),
                label.utf8.allSatisfy({ ByteSet.visible.contains($0) })
            else { return nil }
            bytes.append(UInt8(label.utf8.count))
            bytes += label.utf8
        }
        guard !text.isEmpty, bytes.count < 255 else { return nil }
        self.bytes = bytes + [0]
    }
}

struct DNSTalk: DatagramTalk {
    private static let header = 12
    private static let internet: UInt16 = 1

    private let request: DNSRequest
    private let id: UInt16

    init(_ request: DNSRequest, id: UInt16) {
        self.request = request
        self.id = id
    }

    var silence: Outcome { .failed("no answer") }

    var question: [UInt8] {
        // One question; the server is asked to look further if it has to.
        Self.bytes([id, 0x0100, 1, 0, 0, 0]) + asked
    }

    private var asked: [UInt8] {
        request.name.bytes + Self.bytes([request.record.rawValue, Self.internet])
    }

    private static func bytes(_ numbers: [UInt16]) -> [UInt8] {
        numbers.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
    }

    func hear(_ bytes: UnsafeRawBufferPointer) -> Outcome? {
        var reader = DNSReader(bytes)
        guard let id = reader.number(), id == self.id, let flags = reader.number(),
            // An answer, to a plain question.
            flags & 0xF800 == 0x8000
        else { return nil }
        guard let questions = reader.number(), let answers = reader.number(),
            reader.skip(4), questions == 1, takeQuestion(&reader)
        else { return .failed("the answer is to another question") }
        let code = UInt8(flags & 0xF)
        guard code == request.code.rawValue else {
            let name = DNSCode(rawValue: code)?.name ?? "code \(code)"
            return .failed("\(name), and \(request.code.name) is wanted")
        }
        guard code == DNSCode.noError.rawValue else { return .passed(request.code.name) }
        return judged(&reader, answers: Int(answers), isCut: flags & 0x0200 != 0)
    }

    /// Whether the question is ours, whatever the case of its letters.
    private func takeQuestion(_ reader: inout DNSReader) -> Bool {
        let lower = { (byte: UInt8) in (0x41...0x5A).contains(byte) ? byte | 0x20 : byte }
        guard let bytes = reader.take(asked.count) else { return false }
        return bytes.map(lower).elementsEqual(asked.map(lower))
    }

    private func judged(_ reader: inout DNSReader, answers: Int, isCut: Bool) -> Outcome {
        var found = 0
        for _ in 0..<answers {
            guard reader.skipName(), let kind = reader.number(), let family = reader.number(),
                reader.skip(4), let length = reader.number(),
                let data = reader.take(Int(length))
            else { return isCut ? atEnd(found, isCut: true) : .failed("the answer is broken") }
            guard kind == request.record.rawValue, family == Self.internet else { continue }
            found += 1
            if let wanted = request.answer, data.elementsEqual(wanted) { return .passed("answers") }
        }
        return atEnd(found, isCut: isCut)
    }

    private func atEnd(_ found: Int, isCut: Bool) -> Outcome {
        // What did not fit into a datagram is not asked for again: it is there.
        if request.answer == nil, found > 0 || isCut { return .passed("answers") }
        return .failed(
            found == 0
                ? "no \(request.record.name) record of \(Shown.cut(request.name.text))"
                : "the wanted address is not among \(found) answers")
    }
}

/// Reads a message from its beginning; nothing beyond its end.
private struct DNSReader {
    private let bytes: UnsafeRawBufferPointer
    private var place = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func take(_ count: Int) -> Slice<UnsafeRawBufferPointer>? {
        guard count <= bytes.count - place else { return nil }
        defer { place += count }
        return bytes[place..<(place + count)]
    }

    mutating func skip(_ count: Int) -> Bool { take(count) != nil }

    mutating func number() -> UInt16? {
        take(2).map { $0.reduce(0) { $0 << 8 | UInt16($1) } }
    }

    /// Labels up to the empty one, or up to a pointer to an earlier name.
    mutating func skipName() -> Bool {
        while let length = take(1)?.first {
            if length == 0 { return true }
            if length & 0xC0 == 0xC0 { return skip(1) }
            guard length < 64, skip(Int(length)) else { return false }
        }
        return false
    }
}
