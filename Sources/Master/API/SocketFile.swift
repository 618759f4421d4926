// The file of a unix socket: room for it before it is bound, and its mode afterwards.

internal import CLinux
internal import Glibc
internal import Weighting

/// The place in the file system where the admin socket is.
struct SocketFile {
    let path: String

    /// Read and write for the owner and the group: whoever may ask is a member of the group.
    static let mode: mode_t = 0o660
    static let directoryMode: mode_t = 0o755

    /// Makes the directory if it is missing, and removes the socket of a process that is gone.
    ///
    /// Anything that is not a socket, and a socket that somebody accepts on, stays.
    func makeRoom() throws(SocketFileError) {
        guard path.hasPrefix("/"), path.utf8.count <= AdminAPI.socketPathLimit else {
            throw .badPath(path)
        }
        try makeDirectory()
        var facts = stat()
        guard lstat(path, &facts) == 0 else {
            if linux_errno() == ENOENT { return }
            throw .system("look at", path, linux_errno())
        }
        guard facts.st_mode & Glibc.S_IFMT == Glibc.S_IFSOCK else { throw .notASocket(path) }
        guard try !isAnswered() else { throw .inUse(path) }
        guard unlink(path) == 0 || linux_errno() == ENOENT else {
            throw .system("remove", path, linux_errno())
        }
    }

    /// Lets the group use the socket, and nobody else.
    func setMode() throws(SocketFileError) {
        guard chmod(path, Self.mode) == 0 else {
            throw .system("set the mode of", path, linux_errno())
        }
    }

    private func makeDirectory() throws(SocketFileError) {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        let directory = String(path[..<slash])
        guard mkdir(directory, Self.directoryMode) == 0 || linux_errno() == EEXIST else {
            throw .system("make the directory", directory, linux_errno())
        }
    }

    /// Whether a process accepts connections here.
    private func isAnswered() throws(SocketFileError) -> Bool {
        let socket = linux_socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { throw .system("open a socket for", path, linux_errno()) }
        defer { close(socket) }
        var address = sockaddr_storage()
        let size = Self.fill(&address, path: path)
        if linux_connect(socket, &address, size) == 0 { return true }
        switch linux_errno() {
        case ECONNREFUSED, ENOENT: return false
        // Its queue is full, so somebody listens.
        case EAGAIN: return true
        default: throw .system("find out who answers on", path, linux_errno())
        }
    }

    /// The address of a path that is known to fit.
    private static func fill(_ address: inout sockaddr_storage, path: String) -> socklen_t {
        // The path is what the structure ends with.
        let offset =
            MemoryLayout<sockaddr_un>.size - MemoryLayout.size(ofValue: sockaddr_un().sun_path)
        address.ss_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address) { raw in
            for (index, byte) in path.utf8.enumerated() { raw[offset + index] = byte }
        }
        return socklen_t(offset + path.utf8.count + 1)
    }
}

/// Why the admin socket cannot be where it should be.
package enum SocketFileError: Error, Equatable, CustomStringConvertible {
    case badPath(String)
    case notASocket(String)
    case inUse(String)
    /// What was tried, on which path, and the kernel's errno.
    case system(String, String, Int32)

    package var description: String {
        switch self {
        case .badPath(let path):
            "\"\(path)\" cannot be the admin socket: a socket's path starts with / and has at most "
                + "\(AdminAPI.socketPathLimit) bytes; change listen.admin"
        case .notASocket(let path):
            "\(path) is there and is not a socket, so it stays; move it away, or change listen.admin"
        case .inUse(let path):
            "another process answers on \(path); is a master running already? Stop it, or give this "
                + "one its own listen.admin"
        case .system(let action, let path, let number):
            "cannot \(action) \(path): \(String(cString: strerror(number))) (errno \(number)); "
                + "does the master's user own the directory? Else change listen.admin"
        }
    }
}
