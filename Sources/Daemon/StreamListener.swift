// A TCP or Unix socket that others connect to.

internal import CLinux

/// A listening stream socket that never blocks; the name of a Unix socket goes with it.
package struct StreamListener: ~Copyable, Sendable {
    private let descriptor: Descriptor
    private let path: String?
    /// Connections that may wait to be taken.
    private static let backlog: Int32 = 64

    package var number: Int32 { descriptor.number }

    /// Listens for TCP; on any IPv6 address IPv4 connections come too.
    package init(onTCP address: SocketAddress) throws(SystemError) {
        let descriptor = try Descriptor(
            linux_socket(address.family, Int32(SOCK_STREAM.rawValue), 0), "open a TCP socket")
        let number = descriptor.number
        if address.isIPv6 { _ = linux_setsockopt(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0) }
        // Connections of an earlier process may still be in their last minute.
        _ = linux_setsockopt(number, SOL_SOCKET, SO_REUSEADDR, 1)
        let bound = address.withKernelForm { form, size in linux_bind(number, form, size) }
        guard bound == 0, listen(number, Self.backlog) == 0 else {
            throw SystemError("listen on TCP \(address)")
        }
        self.descriptor = descriptor
        path = nil
    }

    /// Listens at a path that `mode` says who may use.
    ///
    /// A socket that an ended process left there is replaced; one where somebody answers, and
    /// anything that is no socket, stays.
    package init(atPath path: String, mode: UInt32) throws(SystemError) {
        let descriptor = try Descriptor(
            linux_socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0), "open a Unix socket")
        let number = descriptor.number
        var address = sockaddr_storage()
        guard let size = Notify.fill(&address, path: path) else {
            throw SystemError("listen at \(path)", number: ENAMETOOLONG)
        }
        var bound = linux_bind(number, &address, size)
        if bound != 0, linux_errno() == EADDRINUSE {
            guard linux_is_socket(path) != 0, try Self.isLeftOver(&address, size) else {
                throw SystemError(
                    "listen at \(path)", number: EADDRINUSE,
                    remedy: "another process listens there, or it is no socket")
            }
            _ = unlink(path)
            bound = linux_bind(number, &address, size)
        }
        // Nobody can connect before listen, so the mode is right from the first connection on.
        guard bound == 0, chmod(path, mode) == 0, listen(number, Self.backlog) == 0 else {
            throw SystemError("listen at \(path)")
        }
        self.descriptor = descriptor
        self.path = path
    }

    deinit { if let path { _ = unlink(path) } }

    /// Whether the name is there but nobody listens.
    private static func isLeftOver(
        _ address: inout sockaddr_storage, _ size: socklen_t
    ) throws(SystemError) -> Bool {
        let probe = try Descriptor(
            linux_socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0), "open a Unix socket")
        let result = linux_connect(probe.number, &address, size)
        let isRefused = result != 0 && linux_errno() == ECONNREFUSED
        return isRefused
    }

    /// Where a TCP socket listens; tells the port when 0 was asked for.
    package var localAddress: SocketAddress? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        guard linux_getsockname(number, &storage, &size) == 0 else { return nil }
        return SocketAddress(kernelForm: storage)
    }

    /// Takes the next connection; `nil` when none waits, or when it ended while it waited.
    package func accept() throws(SystemError) -> StreamConnection? {
        let number = linux_accept(self.number)
        if number < 0 {
            let failure = linux_errno()
            // The others are faults of the connection that was to be taken; see accept(2).
            guard [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(failure) else { return nil }
            throw SystemError("take a connection", number: failure)
        }
        return StreamConnection(try Descriptor(number, "take a connection"))
    }
}

/// A connection that somebody made to this process.
package struct StreamConnection: ~Copyable, Sendable {
    private let descriptor: Descriptor

    fileprivate init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }

    /// Sends what fits at once, and tells the other side that this was all.
    package func finish(with bytes: [UInt8]) {
        // An other side that is gone already wants no answer.
        _ = linux_send(descriptor.number, bytes, bytes.count)
        _ = shutdown(descriptor.number, Int32(SHUT_WR))
    }
}
