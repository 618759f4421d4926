// The two paths of a master.yaml that poise needs itself: the folder of keys and the admin socket.

/// The text of a master.yaml.
///
/// Reads these keys and no more of YAML: a key a line, which every example has.
struct MasterText {
    private let path: String
    private let lines: [String]

    init(_ text: String, path: String) {
        self.path = path
        lines = TextFile.lines(of: text)
    }

    /// A path that the file names, as it is from here.
    func besideFile(_ named: String) -> String {
        named.hasPrefix("/") ? named : "\(TextFile.parts(of: path).folder)/\(named)"
    }

    /// The value of `agents`, or the standard one; throws when it is written in any other form,
    /// for keys in a folder that the master does not read would be worth nothing.
    func agents() throws(Failure) -> String {
        let first = lines.first {
            !$0.hasPrefix("#") && !$0.hasPrefix("---") && !$0.allSatisfy(\.isWhitespace)
        }
        guard first?.drop(while: \.isWhitespace).first != "{" else {
            throw .files(
                "\(printable(path)) has its keys in braces, and poise looks for \"agents:\" in a "
                    + "line of its own: write a key a line")
        }
        if let line = lines.first(where: { Self.value(of: "agents", in: $0[...]) != nil }) {
            if let value = Self.value(of: "agents", in: line[...]).flatMap(Self.scalar) {
                return value
            }
            throw notUnderstood(line)
        }
        if let line = lines.first(where: Self.mentionsAgents) { throw notUnderstood(line) }
        return "agents"
    }

    /// The value of `listen.admin`; nothing where it is not found.
    var adminSocket: String? {
        guard let start = lines.firstIndex(where: { Self.value(of: "listen", in: $0[...]) != nil })
        else { return nil }
        let inLine = Self.value(of: "listen", in: lines[start][...]) ?? ""
        let below = lines[(start + 1)...].prefix { $0.first.map { " \t#".contains($0) } ?? true }
        let parts = inLine.split(separator: ",").map { $0.trimming { " \t{}".contains($0) } }
        let keys = parts + below.map { $0[...].trimming(\.isWhitespace) }
        return keys.lazy.compactMap { Self.value(of: "admin", in: $0) }.first
            .flatMap(Self.scalar).map(besideFile)
    }

    /// What stands after `key:`, where the line begins with that.
    private static func value(of key: String, in line: Substring) -> Substring? {
        guard line.hasPrefix("\(key):") else { return nil }
        let rest = line.dropFirst(key.count + 1)
        guard rest.first?.isWhitespace ?? true else { return nil }
        return rest.trimming(\.isWhitespace)
    }

    /// A plain or quoted text without its comment; nothing when it is empty or anything else.
    private static func scalar(_ value: Substring) -> String? {
        guard let first = value.first, !"#&*!|>{[?@`%".contains(first) else { return nil }
        if first == "\"" || first == "'" {
            let text = value.dropFirst()
            return text.firstIndex(of: first).map { String(text[..<$0]) }
        }
        guard let comment = value.firstRange(of: " #") else { return String(value) }
        return String(value[..<comment.lowerBound].trimming(\.isWhitespace))
    }

    private static func mentionsAgents(_ line: String) -> Bool {
        let code = line[..<(line.firstIndex(of: "#") ?? line.endIndex)]
        return code.contains(/(^|[\s{,?])["']?agents["']?\s*(:|$)/)
    }

    private func notUnderstood(_ line: String) -> Failure {
        .files(
            "\(printable(path)) names the folder of keys in a form that poise does not read: "
                + "\"\(printable(line))\". Write it as: agents: FOLDER")
    }
}

extension Substring {
    fileprivate func trimming(_ isBlank: (Character) -> Bool) -> Substring {
        let start = drop(while: isBlank)
        guard let end = start.lastIndex(where: { !isBlank($0) }) else { return "" }
        return start[...end]
    }
}
