// Pieces of a recording in a file: each says how long it is and what it adds up to.

/// A segment's file: a head, and blocks until the file or the truth ends.
package enum SegmentForm {
    /// The last byte is the form's version.
    static let head: [UInt8] = Array("poise-journal".utf8) + [10, 4]
    static let blockHeadByteCount = 8
    /// No writer makes longer ones.
    static let mostBlockBytes = 64 << 20

    /// The head of a block with this content.
    static func blockHead(_ content: [UInt8]) -> [UInt8] {
        let (count, sum) = (UInt32(clamping: content.count), CheckSum.of(content))
        return [count, sum].flatMap { word in
            [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: word >> UInt32($0)) }
        }
    }

    /// What a file holds up to the first block that is not whole.
    package static func content(of file: [UInt8]) throws(JournalError) -> Content {
        guard file.starts(with: head.dropLast()) else {
            throw .damaged("it is no journal of poise")
        }
        guard file.count >= head.count, file[head.count - 1] == head[head.count - 1] else {
            throw .damaged("it is a journal of another form; use the poise of its master's release")
        }
        var records: [UInt8] = []
        var position = head.count
        while position < file.count {
            guard let count = word(file, at: position), let sum = word(file, at: position + 4),
                count <= mostBlockBytes
            else { break }
            let start = position + blockHeadByteCount
            guard file.count - start >= Int(count) else { break }
            let content = file[start..<start + Int(count)]
            guard CheckSum.of(content) == sum else { break }
            records += content
            position = start + Int(count)
        }
        return Content(records: records, tailByteCount: file.count - position)
    }

    package struct Content: Equatable, Sendable {
        package let records: [UInt8]
        /// Bytes behind the last whole block: a writer died, or the disk lies.
        package let tailByteCount: Int
    }

    private static func word(_ bytes: [UInt8], at position: Int) -> UInt32? {
        guard bytes.count - position >= 4 else { return nil }
        return (0..<4).reduce(0) { $0 | UInt32(bytes[position + $1]) << UInt32(8 * $1) }
    }
}

/// CRC-32, as Ethernet and zip have it.
enum CheckSum {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { rest, _ in
            rest & 1 == 0 ? rest >> 1 : rest >> 1 ^ 0xEDB8_8320
        }
    }

    static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
        let table = table
        return ~bytes.reduce(~UInt32(0)) { sum, byte in
            table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ sum >> 8
        }
    }
}
