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
        let master = MasterText(text, path: configuration)
        path = master.besideFile(try master.agents())
    }

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
        lines = TextFile.lines(of: text)
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
