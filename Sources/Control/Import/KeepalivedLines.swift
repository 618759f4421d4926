// From the files of a keepalived configuration to its lines as keepalived works by them: included
// files put in, lines for other hosts left out, parameters replaced, sequences written out.

/// Words of one line, and where it stands.
struct KeepalivedLine {
    let origin: Origin
    let words: [KeepalivedWords.Word]
}

struct KeepalivedLines {
    private let files: ImportFiles
    /// What lines with @ are compared with.
    private let configID: String
    private(set) var lines: [KeepalivedLine] = []
    private(set) var remarks: [Remark] = []
    private var parameters: [String: String]
    private var byteCount = 0
    /// Lines that were looked at, whatever came of them.
    private var handledCount = 0
    private var isOver = false

    static let deepestInclude = 16
    static let deepestReplacement = 32
    static let mostLines = 200_000
    static let longestLine = 1 << 16

    init(path: String, files: ImportFiles, configID: String) throws(Failure) {
        self.files = files
        self.configID = configID
        parameters = ["_INSTANCE": configID, "_HASH": "#", "_BANG": "!"]
        guard let text = try files.read(path) else {
            throw .files("there is no \(printable(path))")
        }
        try take(text, path: path, depth: 0)
    }

    private mutating func lose(_ origin: Origin, _ text: String) {
        guard remarks.count < 1000 else { return }
        remarks.append(Remark(origin: origin, text: text, isLoss: true))
    }

    // MARK: - Files

    private mutating func take(_ text: String, path: String, depth: Int) throws(Failure) {
        byteCount += text.utf8.count
        guard byteCount <= ImportFiles.mostBytes else {
            throw .files("the files that \(printable(path)) belongs to are too long together")
        }
        let outer = parameters["_PWD"]
        parameters["_PWD"] = TextFile.parts(of: path).folder
        defer { parameters["_PWD"] = outer }
        var raw = TextFile.lines(of: text).enumerated().makeIterator()
        while let (index, first) = raw.next(), !isOver {
            let origin = Origin(path: path, line: index + 1)
            var line = KeepalivedWords.withoutComment(first)
            let joint = Self.isDefinition(line) ? "\n" : " "
            while Self.continues(line), let (_, next) = raw.next() {
                line =
                    String(Self.trimmed(line).dropLast()) + joint
                    + KeepalivedWords.withoutComment(next)
            }
            if let pattern = Self.included(line) {
                try include(pattern, from: path, origin, depth: depth)
            } else {
                handle(line, origin, depth: 0)
            }
        }
    }

    private mutating func include(
        _ pattern: String, from path: String, _ origin: Origin, depth: Int
    ) throws(Failure) {
        guard depth < Self.deepestInclude else {
            return lose(origin, "files include one another more than \(depth) deep; not read")
        }
        let folder = TextFile.parts(of: path).folder
        let whole = pattern.hasPrefix("/") || folder == "." ? pattern : "\(folder)/\(pattern)"
        let isPattern = whole.contains { "*?[{".contains($0) }
        let paths = isPattern ? files.matching(whole) : [whole]
        for path in paths where !isOver {
            guard let text = try files.read(path) else {
                lose(origin, "there is no \(path), which is included here")
                continue
            }
            try take(text, path: path, depth: depth + 1)
        }
    }

    private static func included(_ line: String) -> String? {
        let words = KeepalivedWords.words(of: line)
        let keywords = ["include", "includer", "includem", "includew", "includeb", "includea"]
        guard words.count == 2, let first = words.first, let last = words.last,
            keywords.contains(first.text)
        else { return nil }
        return last.text
    }

    // MARK: - Lines

    private mutating func handle(_ text: String, _ origin: Origin, depth: Int) {
        handledCount += 1
        guard handledCount <= Self.mostLines, text.utf8.count <= Self.longestLine,
            depth <= Self.deepestReplacement
        else {
            if !isOver { lose(origin, "parameters make too much of this; the rest is not read") }
            isOver = true
            return
        }
        guard !isOver else { return }
        let parts = text.split(separator: "\n")
        guard parts.count <= 1 || Self.isDefinition(text) else {
            for part in parts { handle(String(part), origin, depth: depth + 1) }
            return
        }
        var line = Self.trimmed(text)
        if line.hasPrefix("@") {
            let condition = line.dropFirst().prefix { $0 != " " && $0 != "\t" }
            guard holds(condition) else { return }
            line = Self.trimmed(line.dropFirst(1 + condition.count))
        }
        guard !line.isEmpty else { return }
        if Self.isDefinition(line), let equals = line.firstIndex(of: "=") {
            let name = String(line[..<equals].dropFirst())
            parameters[name] = String(line[line.index(after: equals)...])
        } else if line.hasPrefix("~") {
            repeated(line, origin, depth: depth)
        } else {
            let replaced = replace(line)
            if replaced != line {
                handle(replaced, origin, depth: depth + 1)
            } else {
                let words = KeepalivedWords.words(of: String(line))
                if !words.isEmpty { lines.append(KeepalivedLine(origin: origin, words: words)) }
            }
        }
    }

    private func holds(_ condition: Substring) -> Bool {
        condition.hasPrefix("^") ? condition.dropFirst() != configID : condition == configID
    }

    /// `~SEQ(VAR, START, STEP, END) REST`: the rest once for each value.
    private mutating func repeated(_ line: Substring, _ origin: Origin, depth: Int) {
        guard let open = line.firstIndex(of: "("), let close = line.firstIndex(of: ")"),
            open < close
        else { return lose(origin, "\(line.prefix(40)) is not known; what it repeats is missing") }
        let keyword = line[..<open]
        let isHex = keyword == "~SEQx"
        let body = replace(line[line.index(after: open)..<close])
        let words = body.split(separator: ",").map { Self.trimmed($0) }
        let numbers = words.dropFirst().compactMap { Self.number($0) }
        guard isHex || keyword == "~SEQ", (2...4).contains(words.count), let name = words.first,
            numbers.count == words.count - 1, let end = numbers.last
        else { return lose(origin, "\(line.prefix(40)) is not known; what it repeats is missing") }
        let start = numbers.count > 1 ? numbers[0] : (end > 0 ? 1 : -1)
        let step = numbers.count > 2 ? numbers[1] : (end < start ? -1 : 1)
        let rest = String(line[line.index(after: close)...])
        guard step != 0 else { return lose(origin, "a step of 0 never ends") }
        for value in stride(from: start, through: end, by: step) {
            // Not `where`: it would count to the end, and that may be billions.
            if isOver { break }
            parameters[String(name)] = String(value, radix: isHex ? 16 : 10)
            handle(rest, origin, depth: depth + 1)
        }
        parameters[String(name)] = nil
    }

    /// Bounded, so that no sum of two overflows.
    private static func number(_ text: Substring) -> Int? {
        let isHex = text.hasPrefix("0x")
        guard let number = Int(isHex ? text.dropFirst(2) : text, radix: isHex ? 16 : 10),
            abs(number) <= 1 << 32
        else { return nil }
        return number
    }

    /// Every parameter that is defined by its value, once.
    private func replace(_ text: some StringProtocol) -> String {
        var result = ""
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[dollar...]
            let (name, length) = Self.parameter(at: rest)
            if let value = parameters[name] {
                result += value
            } else {
                result += rest.prefix(length)
            }
            rest = rest.dropFirst(length)
            // The guard of `handle` reports it.
            guard result.utf8.count <= Self.longestLine else { return result }
        }
        return result + rest
    }

    /// The name that a `$` begins, and how many characters all of it takes.
    private static func parameter(at text: Substring) -> (name: String, length: Int) {
        let isBraced = text.dropFirst().first == "{"
        let name = text.dropFirst(isBraced ? 2 : 1).prefix(while: isPartOfName)
        let after = text.dropFirst((isBraced ? 2 : 1) + name.count).first
        if isBraced {
            return after == "}" ? (String(name), name.count + 3) : ("", 1)
        }
        let isWhole = after == nil || after == " " || after == "\t"
        return isWhole ? (String(name), name.count + 1) : ("", 1)
    }

    private static func isPartOfName(_ character: Character) -> Bool {
        character.isASCII && (character.isLetter || character.isNumber || character == "_")
    }

    /// `$NAME=`, perhaps behind an @.
    private static func isDefinition(_ line: some StringProtocol) -> Bool {
        var text = trimmed(Substring(line))
        if text.hasPrefix("@") { text = trimmed(text.drop { $0 != " " && $0 != "\t" }) }
        guard text.first == "$" else { return false }
        let name = text.dropFirst().prefix(while: isPartOfName)
        return !name.isEmpty && text.dropFirst(1 + name.count).first == "="
    }

    private static func continues(_ line: String) -> Bool { trimmed(Substring(line)).last == "\\" }

    private static func trimmed(_ text: String) -> Substring { trimmed(Substring(text)) }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: isBlank)
        while text.last.map(isBlank) == true { text.removeLast() }
        return text
    }

    private static func isBlank(_ character: Character) -> Bool {
        character == " " || character == "\t" || character == "\r"
    }
}
