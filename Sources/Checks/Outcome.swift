// How one run of a check ended, and the words for it.

/// What one run found.
package enum Outcome: Equatable, Sendable {
    case passed(String)
    case failed(String)
    /// It could not be asked, by a fault of ours: that says nothing of the server.
    case unasked(String)

    package var text: String {
        switch self {
        case .passed(let text), .failed(let text), .unasked(let text): text
        }
    }
}

/// Words of a server, or of a program, as they may be shown.
package enum Shown {
    package static let longestBytes = 120

    /// The first line, cut; what is not printable is shown as a point.
    package static func text(_ bytes: some Sequence<UInt8>) -> String {
        var line: [UInt8] = []
        for byte in bytes {
            // A carriage return before the line feed goes with it.
            if byte == 0x0A || line.count >= longestBytes { break }
            line.append(byte < 0x20 || byte == 0x7F ? 0x2E : byte)
        }
        if line.last == 0x2E, line.count < longestBytes { line.removeLast() }
        return cut(String(decoding: line, as: UTF8.self))
    }

    /// At most ``longestBytes`` of UTF-8, never within a character.
    package static func cut(_ text: String) -> String {
        guard text.utf8.count > longestBytes else { return text }
        var short = ""
        var left = longestBytes
        for character in text {
            left -= character.utf8.count
            if left < 0 { break }
            short.append(character)
        }
        return short
    }
}
