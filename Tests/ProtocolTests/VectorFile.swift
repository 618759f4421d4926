// The golden datagrams: text that a person can read and another decoder can check.
//
// A vector is a paragraph: a line with # names it, then come datagrams, then lines with = say what
// becomes of the last of them in a fresh receiver; those before it are to be applied. `header` and
// `bytes` begin a datagram, other words only label the bytes behind them; 00*5 is five times 00.
// `tag` is the tag of the key to the master, `tag-to-agent` that of the other direction: these and
// the lines with = are what UPDATE_GOLDEN=1 writes anew.

import Foundation

@testable import Protocol

struct VectorFile {
    struct Vector {
        var title: String
        var datagrams: [[UInt8]]
        var meaning: [String]
    }

    let vectors: [Vector]
    /// The file with right tags, and with `meaning(of:)` for meanings.
    let renewed: String

    static func url(_ name: String) -> URL {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Vectors/\(name)")
    }

    init(
        named name: String, renewing: Bool, meaning meaningOf: ([[UInt8]]) -> [String]
    ) throws {
        var vectors: [Vector] = []
        var renewed: [String] = []
        let text = try String(contentsOf: Self.url(name), encoding: .utf8)
        for paragraph in text.components(separatedBy: "\n\n") {
            var vector = Vector(title: "", datagrams: [], meaning: [])
            var lines: [String] = []
            for line in paragraph.split(separator: "\n").map(String.init) {
                let words = line.split(separator: " ").map(String.init)
                let label = words.first ?? ""
                if label == "#" {
                    vector.title += line.dropFirst(2) + " "
                    lines.append(line)
                } else if label == "=" {
                    vector.meaning.append(line)
                } else {
                    if label == "header" || label == "bytes" { vector.datagrams.append([]) }
                    guard let index = vector.datagrams.indices.last else {
                        throw Fault(line: line, why: "no datagram begins before this")
                    }
                    if renewing, let key = Self.key(of: label) {
                        let tag = Cryptography.hash(vector.datagrams[index], key: key.bytes)
                        vector.datagrams[index] += tag
                        lines.append("\(label) \(tag.hex)")
                    } else {
                        vector.datagrams[index] += try words.dropFirst().flatMap(Self.bytes)
                        lines.append(line)
                    }
                }
            }
            if !vector.datagrams.isEmpty {
                vectors.append(vector)
                lines += meaningOf(vector.datagrams)
            }
            renewed.append(lines.joined(separator: "\n"))
        }
        self.vectors = vectors
        self.renewed = renewed.joined(separator: "\n\n") + "\n"
    }

    private static func key(of label: String) -> AuthenticationKey? {
        switch label {
        case "tag": Fixture.keys.toMaster
        case "tag-to-agent": Fixture.keys.toAgent
        default: nil
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

    struct Fault: Error {
        let line: String
        let why: String
    }
}

extension [UInt8] {
    var hex: String { map { String(format: "%02x", $0) }.joined() }
}
