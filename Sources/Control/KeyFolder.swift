// The folder of the agents' public keys, as the master reads it: NAME.pub, a key a line.

internal import Protocol

/// Reads and changes the files; works with the master down.
struct KeyFolder {
    let path: String

    static let ending = ".pub"
    static let standardConfiguration = "/etc/poise/master.yaml"

    /// The folder that a master.yaml names.
    init(configuration: String) throws(Failure) {
        guard let text = try TextFile.read(configuration) else {
            throw .files(
                "there is no \(printable(configuration)): do this on the director, or name the "
                    + "master's file with --config")
        }
        let named = try Self.folder(in: text, of: configuration)
        let folder = TextFile.parts(of: configuration).folder
        path = named.hasPrefix("/") ? named : "\(folder)/\(named)"
    }

    /// The value of the key `agents` at the top of the text.
    ///
    /// Reads this one key and no more of YAML: a key a line, which every example has.
    static func folder(in text: String, of path: String) throws(Failure) -> String {
        let lines = text.split(whereSeparator: \.isNewline)
        let first = lines.first { !$0.hasPrefix("#") && !$0.hasPrefix("---") && !isBlank($0) }
        guard first?.drop(while: \.isWhitespace).first != "{" else {
            throw .files(
                "\(printable(path)) has its keys in braces, and poise looks for \"agents:\" in a "
                    + "line of its own: write a key a line")
        }
        guard let line = lines.first(where: { $0.hasPrefix("agents:") }) else { return "agents" }
        let value = line.dropFirst("agents:".count).trimmed
        if let quote = value.first, quote == "\"" || quote == "'" {
            return String(value.dropFirst().prefix { $0 != quote })
        }
        guard let comment = value.firstRange(of: " #") else { return String(value) }
        return String(value[..<comment.lowerBound].trimmed)
    }

    private static func isBlank(_ line: Substring) -> Bool { line.allSatisfy(\.isWhitespace) }

    func file(of name: String) -> String { "\(path)/\(name)\(Self.ending)" }

    func names() throws(Failure) -> [String] {
        try TextFile.names(in: path, ending: Self.ending)
    }

    /// The keys of an agent; nothing when it has no file.
    func keys(of name: String) throws(Failure) -> AgentKeyFile? {
        try TextFile.read(file(of: name)).map { AgentKeyFile(text: $0) }
    }

    /// The agent that has this key.
    func holder(of key: PublicKey) throws(Failure) -> String? {
        for name in try names() {
            if try keys(of: name)?.keys.contains(key) == true { return name }
        }
        return nil
    }
}

/// The text of one agent's file: up to four keys, the newest first; `#` begins a comment.
struct AgentKeyFile: Equatable {
    private(set) var lines: [String]

    static let mostKeys = 4

    init(text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        while lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    }

    var text: String { lines.map { "\($0)\n" }.joined() }

    /// In the order of the file; what is no key is left out.
    var keys: [PublicKey] { lines.compactMap(Self.key) }

    mutating func add(_ key: PublicKey) { lines.insert(key.text, at: newest ?? lines.endIndex) }

    /// Leaves only the newest key, and every comment.
    mutating func keepNewest() {
        let newest = newest
        lines = lines.enumerated().filter { $0.offset == newest || Self.key($0.element) == nil }
            .map(\.element)
    }

    /// Takes the newest key out again.
    mutating func dropNewest() {
        if let newest { lines.remove(at: newest) }
    }

    private var newest: Int? { lines.firstIndex { Self.key($0) != nil } }

    private static func key(_ line: String) -> PublicKey? {
        try? PublicKey(text: String(line.prefix { $0 != "#" }))
    }
}

extension PublicKey {
    /// Enough of it to tell keys apart.
    var short: String { String(text.dropFirst("poise-pk1-".count).prefix(8)) }
}

extension Substring {
    fileprivate var trimmed: Substring {
        let start = drop(while: \.isWhitespace)
        guard let end = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return start[...end]
    }
}
