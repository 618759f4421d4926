// A private key on disk: readable by its owner only, written once and never over another.

internal import CLinux

/// Why a key file was not read or not written.
package enum KeyFileError: Error, Equatable, CustomStringConvertible {
    case system(SystemError)
    case notAFile(path: String)
    case tooOpen(path: String, mode: UInt32)
    case tooLong(path: String)
    case exists(path: String)

    package var description: String {
        switch self {
        case .system(let error):
            return error.description
        case .notAFile(let path):
            return "\(path) is not a regular file"
        case .tooOpen(let path, let mode):
            let octal = String(mode, radix: 8)
            return """
                \(path) can be read by others than its owner (mode 0\(octal)); \
                mend it with: chmod 0400 \(path)
                """
        case .tooLong(let path):
            return "\(path) is longer than \(KeyFile.longestBytes) bytes, so it is not a key file"
        case .exists(let path):
            return """
                \(path) exists and is left as it is; to make a new key, move the old one away first
                """
        }
    }
}

/// Reads and writes the file that holds a private key.
package enum KeyFile {
    /// No key with its comments comes near this.
    static let longestBytes = 4096

    /// The text of the file.
    ///
    /// A file that a group or the world can use is refused. Credentials of the service manager
    /// are exempt: their folder is closed, and their mode bits show an access list.
    package static func read(_ path: String) throws(KeyFileError) -> String {
        let file = try open(path)
        let bytes: [UInt8]
        do throws(SystemError) {
            bytes = try file.readAll(limit: longestBytes + 1)
        } catch {
            throw .system(SystemError("read \(path)", number: error.number))
        }
        guard bytes.count <= longestBytes else { throw .tooLong(path: path) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The file, once its kind and its mode were seen to be right.
    private static func open(_ path: String) throws(KeyFileError) -> Descriptor {
        let file: Descriptor
        do throws(SystemError) {
            // A pipe without a writer is to be refused, not waited for.
            file = try Descriptor(linux_open(path, O_RDONLY | O_NONBLOCK, 0), "open \(path)")
        } catch {
            throw .system(error)
        }
        var mode: UInt32 = 0
        var (device, inode): (UInt64, UInt64) = (0, 0)
        guard linux_mode(file.number, &mode, &device, &inode) == 0 else {
            throw .system(SystemError("examine \(path)"))
        }
        guard mode & UInt32(S_IFMT) == UInt32(S_IFREG) else { throw .notAFile(path: path) }
        guard mode & 0o077 == 0 || isCredential(path) else {
            throw .tooOpen(path: path, mode: mode & 0o777)
        }
        return file
    }

    private static func isCredential(_ path: String) -> Bool {
        guard let folder = getenv("CREDENTIALS_DIRECTORY") else { return false }
        return path.hasPrefix(String(cString: folder) + "/")
    }

    /// Writes a new file with mode 0400: whole or not at all, and never over another file.
    package static func write(_ text: String, to path: String) throws(KeyFileError) {
        // The kernel refuses to link over a name that exists, which a rename would replace.
        let draft = "\(path).\(getpid()).new"
        do throws(SystemError) {
            let file = try Descriptor(
                linux_open(draft, O_WRONLY | O_CREAT | O_EXCL, 0o400), "create \(draft)")
            defer { _ = unlink(draft) }
            let bytes = [UInt8](text.utf8)
            // The draft has the mode that was asked for, whatever the umask took away.
            guard fchmod(file.number, 0o400) == 0,
                linux_write(file.number, bytes, bytes.count) == bytes.count,
                fsync(file.number) == 0
            else { throw SystemError("write \(draft)") }
            guard link(draft, path) == 0 else { throw SystemError("create \(path)") }
        } catch {
            throw error.number == EEXIST ? .exists(path: path) : .system(error)
        }
    }
}
