// A unix datagram socket that others send to by its path.

internal import CLinux

/// A socket in the file system that receives and never blocks.
package struct UnixDatagramSocket: ~Copyable, Sendable {
    private let descriptor: Descriptor
    private let path: String
    private let mark: linux_socket_mark
    /// How many datagrams the kernel keeps; who sends when there are more waits, or is refused.
    package let queueLength: Int
    /// The length of queues is that of the kernel's setting when they are made; this is its own.
    private static let leastQueue = 10

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
        queueLength = Self.queueSetting() ?? Self.leastQueue
        self.descriptor = descriptor
        self.path = path
    }

    private static func open() throws(SystemError) -> Descriptor {
        try Descriptor(
            linux_socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0), "open a datagram socket")
    }

    private static func queueSetting() -> Int? {
        let text = try? Descriptor(reading: "/proc/sys/net/unix/max_dgram_qlen").readAll(limit: 32)
        guard let digits = text?.prefix(while: { (0x30...0x39).contains($0) }) else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
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
