// The golden datagrams: text that a person can read and another decoder can check.
//
// A vector is a paragraph: a line with # names it, then come moments, then lines with = say what
// becomes of the last of them in a fresh receiver, or of all of them in a fresh agent.
//
//     given WORDS      how the receiver is set up: entitled ID..., directive VERSION MS MS,
//                      standing ID WEIGHT ADMIN ACTIVE
//     at SECONDS       when the following come; 100 where it is not said
//     sent N           the agent has sent reports up to this sequence
//     header, bytes    a datagram begins; other words only label the bytes behind them
//     cookie-G-E       the cookie of generation G in epoch E for the boot of this datagram
//     tag              the tag of the key to the master; tag-to-agent: of the other direction
//
// 00*5 is five times 00. Cookies, tags and the lines with = are what UPDATE_GOLDEN=1 writes anew.

import Foundation

@testable import Protocol

struct Vector {
    enum Moment {
        case datagram([UInt8])
        case sent(UInt32)
    }

    var title = ""
    var given: [[String]] = []
    var moments: [(atNanoseconds: Int64, moment: Moment)] = []
    var meaning: [String] = []

    /// The datagram that the vector is about.
    var lastDatagram: [UInt8] {
        for (_, moment) in moments.reversed() {
            if case .datagram(let bytes) = moment { return bytes }
        }
        return []
    }
}

struct VectorFile {
    let vectors: [Vector]
    /// The file with right cookies and tags, and with `meaning` for meanings.
    let renewed: String

    static func url(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/\(name)")
    }

    init(named name: String, renewing meaning: ((Vector) -> [String])? = nil) throws {
        var vectors: [Vector] = []
        var renewed: [String] = []
        let text = try String(contentsOf: Self.url(name), encoding: .utf8)
        for paragraph in text.split(separator: "\n\n") {
            var reader = VectorReader(isRenewing: meaning != nil)
            for line in paragraph.split(separator: "\n") { try reader.read(String(line)) }
            if !reader.vector.moments.isEmpty {
                vectors.append(reader.vector)
                reader.lines += meaning?(reader.vector) ?? []
            }
            renewed.append(reader.lines.joined(separator: "\n"))
        }
        self.vectors = vectors
        self.renewed = renewed.joined(separator: "\n\n") + "\n"
    }
}

/// Reads the lines of one paragraph.
struct VectorReader {
    struct Fault: Error {
        let line: String
        let why: String
    }

    let isRenewing: Bool
    private(set) var vector = Vector()
    /// As they are written anew, without the meaning.
    var lines: [String] = []
    private var at: Int64 = 100_000_000_000

    init(isRenewing: Bool) { self.isRenewing = isRenewing }

    mutating func read(_ line: String) throws {
        let words = line.split(separator: " ").map(String.init)
        let label = words.first ?? ""
        var line = line
        switch label {
        case "#": vector.title += line.dropFirst(2) + " "
        case "=":
            vector.meaning.append(line)
            return
        case "given": vector.given.append(Array(words.dropFirst()))
        case "at":
            guard let seconds = words.last.flatMap(Double.init) else {
                throw Fault(line: line, why: "no number of seconds")
            }
            at = Int64(seconds * 1e9)
        case "sent":
            guard let sequence = words.last.flatMap({ UInt32($0) }) else {
                throw Fault(line: line, why: "no sequence")
            }
            vector.moments.append((at, .sent(sequence)))
        default:
            if label == "header" || label == "bytes" { vector.moments.append((at, .datagram([]))) }
            guard case .datagram(var datagram) = vector.moments.last?.moment else {
                throw Fault(line: line, why: "no datagram begins before this")
            }
            if isRenewing, let renewed = renewed(label, datagram) {
                line = "\(label) \(renewed.hex)"
                datagram += renewed
            } else {
                datagram += try words.dropFirst().flatMap(Self.bytes)
            }
            vector.moments[vector.moments.count - 1].moment = .datagram(datagram)
        }
        lines.append(line)
    }

    /// The bytes behind a label that says what they are to be.
    private func renewed(_ label: String, _ datagram: [UInt8]) -> [UInt8]? {
        let parts = label.split(separator: "-").map(String.init)
        switch label {
        case "tag": return Cryptography.hash(datagram, key: Fixture.keys.toMaster.bytes)
        case "tag-to-agent": return Cryptography.hash(datagram, key: Fixture.keys.toAgent.bytes)
        default:
            guard parts.count == 3, parts[0] == "cookie", let generation = UInt32(parts[1]),
                let epoch = Int64(parts[2]), let boot: UInt32 = datagram.span.bytes.integer(at: 8)
            else { return nil }
            var bytes: [UInt8] = []
            bytes.append(
                bigEndian: Fixture.cookie(
                    boot: boot, generation: generation, at: epoch * 8_000_000_000))
            return bytes
        }
    }

    /// The bytes of one word of hexadecimal digits, perhaps with a repeat count.
    private static func bytes(_ word: String) throws -> [UInt8] {
        let parts = word.split(separator: "*")
        let digits = Array(parts.first ?? "")
        let bytes = try stride(from: 0, to: digits.count, by: 2).map { index in
            guard index + 1 < digits.count,
                let byte = UInt8(String(digits[index...index + 1]), radix: 16)
            else { throw Fault(line: word, why: "not whole bytes in hexadecimal") }
            return byte
        }
        return Array(
            [[UInt8]](repeating: bytes, count: parts.dropFirst().first.flatMap { Int($0) } ?? 1)
                .joined())
    }
}

extension [UInt8] {
    var hex: String { map { String(format: "%02x", $0) }.joined() }
}
