// What in a line of Swift can stop the process, as far as its text tells.

enum Traps {
    // A regular expression is not Sendable, so each is made where it is used.
    private static var rules: [(what: String, pattern: Regex<Substring>)] {
        [
            ("force try", #/\btry!/#),
            ("force cast", #/\bas!/#),
            ("force unwrap", #/[\w)\]}"]!(?!=)/#),
            ("subscript", #/[\w)\]}?!]\[/#),
            ("bounds", #/\.(?:extracting|removeFirst|removeLast|swapAt)\(/#),
            ("bounds", #/\.(?:insert|remove)\((?:[^()]*,)? ?at:/#),
            ("arithmetic", #/(?:^|[\w)\]}?!] )[-+*/%]=? (?!")/#),
            ("arithmetic", #/(?:^|[ (\[])-[A-Za-z_(]/#),
            ("range", #/(?:\.\.<|\.\.\.)(?![0-9])[^)\],}]/#),
            ("range", #/[A-Za-z_)\]](?:\.\.<|\.\.\.)/#),
            ("conversion", #/\bU?Int(?:8|16|32|64)?\((?!truncatingIfNeeded:|clamping:|exactly:)/#),
            ("stop", #/\b(?:fatalError|precondition|preconditionFailure|assertionFailure)\(/#),
            ("memory", #/\b(?:unsafe\w*|load|loadUnaligned|withUnsafe\w*|baseAddress)\b/#),
            ("memory", #/\bassumingMemoryBound\b/#),
        ]
    }

    /// The names of what can trap in a line, when these parts of it cannot.
    static func found(in line: String, without harmless: [String] = []) -> Set<String> {
        var code = code(of: line).drop { $0 == " " }
        for part in harmless { code = code.replacing(part, with: "_")[...] }
        return Set(
            rules.filter { !code.matches(of: $0.pattern.wordBoundaryKind(.simple)).isEmpty }.map(
                \.what))
    }

    /// A line without its comment, and without the words of its texts; what they compute stays.
    static func code(of line: String) -> String {
        var code = ""
        var depth = 0
        var isText = false
        var rest = Substring(line)
        while let character = rest.popFirst() {
            if isText {
                if character == "\\", rest.first == "(" {
                    isText = false
                    depth = 1
                    rest.removeFirst()
                    code += " ("
                } else if character == "\\" {
                    rest = rest.dropFirst()
                } else if character == "\"" {
                    isText = false
                    code.append(character)
                }
                continue
            }
            if character == "/", rest.first == "/" { break }
            code.append(character)
            if character == "\"" { isText = true }
            guard depth > 0 else { continue }
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ")", depth == 0 { isText = true }
        }
        while code.last == " " { code.removeLast() }
        return code
    }
}
