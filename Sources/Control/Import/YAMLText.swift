// Values as our files write them: plain where YAML leaves them text, quoted where it would not.

internal import Settings

/// The text of one value of a YAML file, quoted as it needs.
struct YAMLText: Hashable, CustomStringConvertible {
    let description: String

    /// A number, a duration, or a word of ours: as it is.
    init(plain text: String) { description = text }

    /// Any text.
    init(_ text: String) {
        let isPlain =
            text.unicodeScalars.allSatisfy(Self.isPlain)
            && text.unicodeScalars.first.map { !Self.leading.contains($0) } == true
            && Scalar(text: text, isQuoted: false).surprise == nil && !text.hasSuffix(":")
        description = isPlain ? text : Self.quoted(text)
    }

    init(seconds: Double) {
        let rounded = (seconds * 1000).rounded() / 1000
        description =
            rounded == rounded.rounded() && abs(rounded) < 1e9
            ? "\(Int(rounded))s" : "\(Int((rounded.clamped(to: 0...1e6) * 1000).rounded()))ms"
    }

    /// The path of a page: with a slash, and with what no request line may hold as its bytes.
    init(page text: String) {
        var path = text.hasPrefix("/") ? "" : "/"
        for byte in text.utf8 {
            if (0x21...0x7E).contains(byte) {
                path.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                path += (byte < 0x10 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        self.init(path)
    }

    init(list: [YAMLText]) {
        description = "[\(list.map(\.description).joined(separator: ", "))]"
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", "+": true
        default: false
        }
    }

    private static let leading: Set<Unicode.Scalar> = ["-", ".", "+"]

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\t": result += "\\t"
            case _ where scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value):
                let hex = String(scalar.value, radix: 16)
                result += "\\x" + (hex.count < 2 ? "0" : "") + hex
            // Line ends of Unicode, which YAML takes for its own, and what is no text at all.
            case "\u{2028}", "\u{2029}", "\u{FEFF}", "\u{FFFE}", "\u{FFFF}":
                result += "\\u" + String(scalar.value, radix: 16, uppercase: true)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension Double {
    fileprivate func clamped(to bounds: ClosedRange<Double>) -> Double {
        isNaN ? bounds.lowerBound : min(max(self, bounds.lowerBound), bounds.upperBound)
    }
}
