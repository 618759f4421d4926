// Reads whole files and lists folders; what is too large, no file or unreadable is refused.

package import Daemon
internal import Glibc

package enum Files {
    package static let mostBytes = 1 << 20
    package static let mostNames = 20_000

    /// `path`, seen from `folder` when it is relative.
    package static func join(_ folder: String, _ path: String) -> String {
        if path.hasPrefix("/") || folder.isEmpty { return path }
        return folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
    }

    /// The folder that a file is in; empty for the current one.
    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "" }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// The text of a file, whole; a file that is absent, empty, too large or no text is refused.
    package static func read(_ path: String) throws(FileError) -> String {
        let bytes = try readBytes(path)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .notText }
        return text
    }

    /// The same of a file that need not be text.
    package static func readBytes(_ path: String) throws(FileError) -> [UInt8] {
        let bytes: [UInt8]
        do throws(SystemError) {
            // Without waiting: a pipe by this name must not stop the daemon.
            let file = try Descriptor(
                open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC), "open this file")
            bytes = try read(file)
        } catch {
            throw .system(error)
        }
        guard bytes.count <= mostBytes else { throw .tooLong }
        guard !bytes.isEmpty else { throw .empty }
        return bytes
    }

    /// At most one byte more than is allowed, in pieces: most files are small.
    private static func read(_ file: borrowing Descriptor) throws(SystemError) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 16 << 10)
        while bytes.count <= mostBytes {
            let room = min(piece.count, mostBytes + 1 - bytes.count)
            let count = pread(file.number, &piece, room, bytes.count)
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SystemError("read this file", number: errno) }
            if count == 0 { break }
            bytes += piece[..<count]
        }
        return bytes
    }

    /// The names in a folder that match, in the order of their bytes; hidden ones are left out.
    package static func names(in folder: String, matching pattern: String) throws(FileError)
        -> [String]
    {
        guard let stream = opendir(folder.isEmpty ? "." : folder) else {
            throw .system(SystemError("open this folder", number: errno))
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard !name.hasPrefix("."), matches(name, pattern) else { continue }
            names.append(name)
            guard names.count <= mostNames else { throw .tooMany }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Whether a name is what a pattern describes: `*` stands for any characters, `?` for one.
    package static func matches(_ name: String, _ pattern: String) -> Bool {
        let (name, pattern) = (Array(name), Array(pattern))
        var (here, there) = (0, 0)
        var star: (name: Int, pattern: Int)?
        while here < name.count {
            if there < pattern.count, pattern[there] == "*" {
                star = (here, there)
                there += 1
            } else if there < pattern.count, pattern[there] == "?" || pattern[there] == name[here] {
                here += 1
                there += 1
            } else if let last = star {
                // The star takes one character more.
                here = last.name + 1
                there = last.pattern + 1
                star = (here, last.pattern)
            } else {
                return false
            }
        }
        return pattern[there...].allSatisfy { $0 == "*" }
    }
}

/// Why a file or a folder was not read.
package enum FileError: Error, CustomStringConvertible {
    case system(SystemError)
    case tooLong
    case empty
    case notText
    case tooMany

    package var isAbsent: Bool {
        if case .system(let error) = self { error.number == ENOENT } else { false }
    }

    package var description: String {
        switch self {
        case .system(let error): "\(error)"
        case .tooLong: "this file is longer than \(Files.mostBytes) bytes"
        case .empty: "this file is empty; was it written whole?"
        case .notText: "this file is not text in UTF-8"
        case .tooMany: "this folder holds more than \(Files.mostNames) files"
        }
    }
}
