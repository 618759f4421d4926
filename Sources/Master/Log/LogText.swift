// From a log line's parts to text and journal fields. Pure.

internal import Logging

/// The journal's PRIORITY, as syslog(3) numbers it.
extension Logger.Level {
    var priority: Int {
        switch self {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}

enum LogText {
    /// A line that is longer says nothing more, and the journal's datagrams have an end.
    static let messageLimit = 4_096
    static let valueLimit = 1_024
    static let entryLimit = 32
    /// journald refuses longer names.
    static let fieldNameLimit = 64

    /// `WARNING the key is readable by everyone path=/etc/poise/master.key`, with a newline.
    static func line(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata)
        -> String
    {
        let entries = sorted(metadata).map { " \(plain($0.key))=\(quoted("\($0.value)"))" }
        let level = level.rawValue.uppercased()
        return "\(level) \(plain(cut(message, to: messageLimit)))\(entries.joined())\n"
    }

    /// The fields of one journal entry, each as `NAME=value`.
    static func fields(
        _ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata
    ) -> [String] {
        [
            "MESSAGE=\(cut(message, to: messageLimit))", "PRIORITY=\(level.priority)",
            "SYSLOG_IDENTIFIER=poise-master",
        ]
            + sorted(metadata).map {
                "\(fieldName($0.key))=\(cut("\($0.value)", to: valueLimit))"
            }
    }

    /// `POISE_REAL_SERVER` for `real-server`.
    static func fieldName(_ key: String) -> String {
        let name = key.utf8.map { byte -> Character in
            let character = Character(UnicodeScalar(byte))
            return character.isASCII && (character.isLetter || character.isNumber)
                ? Character(character.uppercased()) : "_"
        }
        return String(("POISE_" + String(name)).prefix(fieldNameLimit))
    }

    private static func sorted(_ metadata: Logger.Metadata) -> ArraySlice<Logger.Metadata.Element> {
        metadata.sorted { $0.key < $1.key }.prefix(entryLimit)
    }

    /// The value as it is when it is one plain word, else in quotes.
    private static func quoted(_ value: String) -> String {
        let value = cut(value, to: valueLimit)
        let isWord =
            !value.isEmpty
            && value.unicodeScalars.allSatisfy {
                $0 != " " && $0 != "\"" && $0 != "\\" && $0 != "=" && !isControl($0)
            }
        guard !isWord else { return value }
        let escaped = value.unicodeScalars.map { scalar in
            scalar == "\"" || scalar == "\\" ? "\\\(scalar)" : plain(String(scalar))
        }
        return "\"\(escaped.joined())\""
    }

    /// Control characters by their names, so that one entry stays one line and a terminal is safe.
    private static func plain(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        return text.unicodeScalars.map { scalar in
            switch scalar {
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            default: isControl(scalar) ? "\\u{\(String(scalar.value, radix: 16))}" : String(scalar)
            }
        }.joined()
    }

    private static func isControl(_ scalar: UnicodeScalar) -> Bool {
        scalar.properties.generalCategory == .control
    }

    /// At most `limit` bytes, cut between characters, with a mark where it was cut.
    private static func cut(_ text: String, to limit: Int) -> String {
        guard text.utf8.count > limit else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: limit)
        while end.samePosition(in: text) == nil { end = text.utf8.index(before: end) }
        return text[..<end] + "…"
    }
}
