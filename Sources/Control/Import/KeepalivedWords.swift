// Lines of keepalived.conf: comments off, then words, with quotes and escapes as keepalived has them.

enum KeepalivedWords {
    struct Word: Equatable {
        let text: String
        /// A brace in quotes opens nothing.
        let isQuoted: Bool

        var opens: Bool { text == "{" && !isQuoted }
        var closes: Bool { text == "}" && !isQuoted }
    }

    /// The line up to a `#` or `!` outside of quotes.
    static func withoutComment(_ line: String) -> String {
        var quote: Unicode.Scalar?
        var isEscaped = false
        let kept = line.unicodeScalars.prefix { scalar in
            defer { isEscaped = scalar == "\\" && !isEscaped }
            if isEscaped { return true }
            if let open = quote {
                if scalar == open { quote = nil }
                return true
            }
            if scalar == "\"" || scalar == "'" { quote = scalar }
            return scalar != "#" && scalar != "!"
        }
        return String(String.UnicodeScalarView(kept))
    }

    /// The words of a line without comments.
    static func words(of line: String) -> [Word] {
        var words: [Word] = []
        var text = ""
        var quote: Unicode.Scalar?
        var (isWord, isQuoted) = (false, false)
        func end() {
            if isWord { words += split(Word(text: text, isQuoted: isQuoted)) }
            (text, isWord, isQuoted) = ("", false, false)
        }
        var rest = line.unicodeScalars[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "\\":
                guard let next = rest.popFirst() else { break }
                isWord = true
                text.unicodeScalars.append(escape(next, &rest))
            case _ where scalar == quote: quote = nil
            case "\"" where quote == nil, "'" where quote == nil:
                quote = scalar
                (isWord, isQuoted) = (true, true)
            case " " where quote == nil, "\t" where quote == nil, "\r" where quote == nil: end()
            default:
                isWord = true
                text.unicodeScalars.append(scalar)
            }
        }
        end()
        return words
    }

    /// `url{` is two words; `${X}`, which nobody defined, is one.
    private static func split(_ word: Word) -> [Word] {
        guard !word.isQuoted, word.text.count > 1, word.text.hasSuffix("{"),
            !word.text.hasSuffix("${")
        else { return [word] }
        return [
            Word(text: String(word.text.dropLast()), isQuoted: false),
            Word(text: "{", isQuoted: false),
        ]
    }

    /// What stands behind a backslash, as in the shell.
    private static func escape(
        _ scalar: Unicode.Scalar, _ rest: inout Substring.UnicodeScalarView
    ) -> Unicode.Scalar {
        switch scalar {
        case "a": return "\u{7}"
        case "b": return "\u{8}"
        case "E": return "\u{1B}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "v": return "\u{B}"
        case "x": return number(16, most: 2, &rest) ?? "x"
        case "0"..."7":
            var digits = String(scalar)
            while digits.count < 3, let next = rest.first, ("0"..."7").contains(next) {
                digits.unicodeScalars.append(next)
                rest.removeFirst()
            }
            return UInt32(digits, radix: 8).flatMap(Unicode.Scalar.init) ?? scalar
        default: return scalar
        }
    }

    private static func number(
        _ radix: Int, most: Int, _ rest: inout Substring.UnicodeScalarView
    ) -> Unicode.Scalar? {
        let digits = rest.prefix(most).prefix { $0.properties.isASCIIHexDigit }
        guard let value = UInt32(String(digits), radix: radix),
            let scalar = Unicode.Scalar(value)
        else { return nil }
        rest.removeFirst(digits.count)
        return scalar
    }
}
