// A unix datagram socket that others send to by its path.

internal import CLinux

/// A socket in the file system that receives and never blocks.
package struct UnixDatagramSocket: ~Copyable, Sendable {
    private let descriptor: Descriptor
    private let path: String
    private let mark: linux_socket_mark

    package var number: Int32 { descriptor.number }

    /// Listens at `path`; who may send is decided by `mode`, as of a file.
    ///
    /// A socket that a dead process left there is replaced. One that somebody listens on, and
    /// anything that is no socket, stays.
    package init(listeningOn path: String, mode: UInt32) throws(SystemError) {
        var address = sockaddr_storage()
        let size = linux_unix_address(path, &address)
        guard size > 0 else { throw SystemError("listen on \(path)", number: ENAMETOOLONG) }
        let descriptor = try Self.open()
        if linux_bind(descriptor.number, &address, size) != 0 {
            guard linux_errno() == EADDRINUSE else { throw SystemError("listen on \(path)") }
            // Only a socket without an owner refuses a connection.
            let probe = try Self.open()
            let isConnected = linux_connect(probe.number, &address, size) == 0
            guard !isConnected, linux_errno() == ECONNREFUSED, linux_is_socket(path) != 0 else {
                throw SystemError(
                    "listen on \(path)", number: EADDRINUSE,
                    remedy: "another process listens there, or it is no socket")
            }
            guard unlink(path) == 0, linux_bind(descriptor.number, &address, size) == 0 else {
                throw SystemError("listen on \(path)")
            }
        }
        var mark = linux_socket_mark()
        guard linux_mark_socket(path, &mark) == 0 else { throw SystemError("find \(path) again") }
        guard chmod(path, mode) == 0 else { throw SystemError("set the mode of \(path)") }
        self.mark = mark
        self.descriptor = descriptor
        self.path = path
    }

    private static func open() throws(SystemError) -> Descriptor {
        try Descriptor(
            linux_socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0), "open a datagram socket")
    }

    /// Takes one datagram: `nil` when none is there; a longer one than the buffer is cut.
    package func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        let count = linux_read(number, buffer.baseAddress, buffer.count)
        if count < 0 {
            guard linux_errno() == EAGAIN else { throw SystemError("receive") }
            return nil
        }
        return count
    }

    /// Whether who sends to the path reaches this socket: its name may be gone or another's.
    package var isAtItsPath: Bool { Self.isAt(path, mark) }

    private static func isAt(_ path: String, _ mark: linux_socket_mark) -> Bool {
        var found = linux_socket_mark()
        return linux_mark_socket(path, &found) == 0 && found.device == mark.device
            && found.inode == mark.inode
    }

    deinit { if Self.isAt(path, mark) { _ = unlink(path) } }
}
