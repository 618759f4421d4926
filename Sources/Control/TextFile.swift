// Small text files: read whole, written whole or not at all.

internal import Glibc

enum TextFile {
    /// More than any file of keys, or any master.yaml, comes to.
    static let mostBytes = 1 << 20

    /// The text of a file; nothing when there is no such file.
    static func read(_ path: String) throws(Failure) -> String? {
        let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard file >= 0 else {
            if errno == ENOENT { return nil }
            throw failure("read", path)
        }
        defer { close(file) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count <= mostBytes {
            let count = Glibc.read(file, &piece, piece.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw failure("read", path) }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += piece[..<count]
        }
        throw .files("\(printable(path)) is longer than \(mostBytes) bytes; is it the right file?")
    }

    /// The lines of a text as the master takes them, without what ends them.
    static func lines(of text: String) -> [String] {
        let mark: Unicode.Scalar = "\u{FEFF}"
        let isMarked = text.unicodeScalars.first == mark
        // By bytes: Swift takes a carriage return with its line feed for one character.
        return text.utf8.dropFirst(isMarked ? mark.utf8.count : 0)
            .split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { line in
                let isReturned = line.last == UInt8(ascii: "\r")
                return String(decoding: isReturned ? line.dropLast() : line, as: UTF8.self)
            }
    }

    /// Writes a file that is not there yet.
    static func create(_ path: String, _ text: String) throws(Failure) {
        let draft = try draft(of: path, text)
        defer { unlink(draft) }
        // The kernel refuses to link over a name that exists, which a rename would replace.
        guard link(draft, path) == 0 else { throw failure("create", path) }
        try settle(path)
    }

    /// Puts a text in the place of a file: readers see the old one or the new one, whole.
    static func replace(_ path: String, _ text: String) throws(Failure) {
        let draft = try draft(of: path, text)
        guard rename(draft, path) == 0 else {
            let failure = failure("replace", path)
            unlink(draft)
            throw failure
        }
        try settle(path)
    }

    static func remove(_ path: String) throws(Failure) {
        guard unlink(path) == 0 else { throw failure("remove", path) }
        try settle(path)
    }

    /// The names in a folder that end so, in the order of their bytes, without the ending.
    static func names(in folder: String, ending: String) throws(Failure) -> [String] {
        guard let stream = opendir(folder) else { throw failure("list", folder) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            // Hidden ones are drafts; the master does not read them either.
            guard !name.hasPrefix("."), name.hasSuffix(ending) else { continue }
            names.append(String(name.dropLast(ending.count)))
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// A hidden file beside `path` that holds the text, on disk.
    private static func draft(of path: String, _ text: String) throws(Failure) -> String {
        let (folder, name) = parts(of: path)
        let draft = "\(folder)/.\(name).\(getpid()).new"
        let file = open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard file >= 0 else { throw failure("create", draft) }
        defer { close(file) }
        let bytes = [UInt8](text.utf8)
        // Public keys are for every reader, whatever the umask took away.
        guard fchmod(file, 0o644) == 0, write(file, bytes, bytes.count) == bytes.count,
            fsync(file) == 0
        else {
            let failure = failure("write", draft)
            unlink(draft)
            throw failure
        }
        return draft
    }

    /// Brings a change of names to disk.
    private static func settle(_ path: String) throws(Failure) {
        let folder = open(parts(of: path).folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failure("open the folder of", path) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure("bring to disk", path) }
    }

    static func parts(of path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return (".", path) }
        let folder = slash == path.startIndex ? "/" : String(path[..<slash])
        return (folder, String(path[path.index(after: slash)...]))
    }

    /// The letter about the call of the system that failed last.
    static func failure(_ verb: String, _ path: String) -> Failure {
        let number = errno
        let why = strerror(number).map { String(cString: $0) } ?? "error"
        let remedy = number == EACCES || number == EPERM ? "; do it as root" : ""
        return .files("cannot \(verb) \(printable(path)): \(why) (errno \(number))\(remedy)")
    }
}
