// The text of a configuration file, and the places in it that messages point at.

/// A file as it was read.
package final class SourceText: Sendable {
    package let path: String
    package let text: String
    package let lines: [String]
    /// Keys stand in it: no message repeats a line of it.
    package let isConfidential: Bool

    package init(path: String, text: String, isConfidential: Bool = false) {
        let mark: Unicode.Scalar = "\u{FEFF}"
        let text =
            text.unicodeScalars.first == mark ? String(text.unicodeScalars.dropFirst()) : text
        self.path = path
        self.text = text
        self.isConfidential = isConfidential
        // By bytes: Swift takes a carriage return with its line feed for one character.
        lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { line in
                let isReturned = line.last == UInt8(ascii: "\r")
                return String(decoding: isReturned ? line.dropLast() : line, as: UTF8.self)
            }
    }

    /// A place by line and column from 1; columns count Unicode scalars, as YAML does.
    package func place(line: Int, column: Int, length: Int = 1) -> Place {
        Place(source: self, line: line, column: column, length: length)
    }
}

/// A stretch of one line of a file.
package struct Place: Sendable {
    package let source: SourceText
    package let line: Int
    package let column: Int
    package let length: Int

    /// `file:line`, for a message about another place.
    package var citation: String { "\(source.path):\(line)" }

    /// The line with its number, and a second line with the caret under the place.
    package var excerpt: (line: String, caret: String)? {
        guard !source.isConfidential, source.lines.indices.contains(line - 1) else { return nil }
        let scalars = Array(Self.withoutSecrets(source.lines[line - 1]).unicodeScalars)
        let column = min(max(column, 1), scalars.count + 1)
        // A long line is shown from near the place on.
        let first = scalars.count > Self.widest ? max(0, column - 1 - Self.widest / 2) : 0
        let last = min(scalars.count, first + Self.widest)
        let shown = String(String.UnicodeScalarView(scalars[first..<last].map(Self.printable)))
        // Tabs are kept, so that the caret stands under its place whatever they measure.
        let before = scalars[first..<(column - 1)].map { $0 == "\t" ? "\t" : " " }.joined()
        let tail = max(0, min(length, last - (column - 1)) - 1)
        let number = String(line)
        let margin = String(repeating: " ", count: max(5, number.count))
        let gutter = String(margin.dropLast(number.count)) + number
        return (
            line: "\(gutter) | \(shown)",
            caret: "\(margin) | \(before)^\(String(repeating: "~", count: tail))"
        )
    }

    private static let widest = 160

    /// Nothing that a terminal would obey.
    private static func printable(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.properties.generalCategory {
        case .control where scalar != "\t": "\u{FFFD}"
        default: scalar
        }
    }

    /// The line without the digits of a private key that somebody pasted where none belongs.
    private static func withoutSecrets(_ line: String) -> String {
        let pieces = line.split(separator: secretPrefix, omittingEmptySubsequences: false)
        guard let first = pieces.first, pieces.count > 1 else { return line }
        return pieces.dropFirst().reduce(String(first)) { shown, piece in
            let digits = piece.prefix { $0.isLetter || $0.isNumber }
            let stars = String(repeating: "*", count: digits.count)
            return shown + secretPrefix + stars + piece.dropFirst(digits.count)
        }
    }

    private static let secretPrefix = "poise-sk1-"
}
