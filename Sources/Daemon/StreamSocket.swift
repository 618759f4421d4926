// A connection that never blocks, over TCP or a socket in the file system.

internal import CLinux

/// One outgoing connection.
package struct StreamSocket: ~Copyable, Sendable {
    private let descriptor: Descriptor

    package var number: Int32 { descriptor.number }

    /// Begins to connect; the socket turns writable when it is connected or refused.
    package init(connectingTo address: SocketAddress) throws(SystemError) {
        let descriptor = try Descriptor(
            linux_socket(address.family, Int32(SOCK_STREAM.rawValue), 0), "open a TCP socket")
        let result = address.withKernelForm { form, size in
            linux_connect(descriptor.number, form, size)
        }
        guard result == 0 || linux_errno() == EINPROGRESS else {
            throw SystemError("connect to \(address)")
        }
        self.descriptor = descriptor
    }

    /// Connects to the stream socket at `path`; one with no room for another connection refuses.
    package init(connectingToPath path: String) throws(SystemError) {
        let descriptor = try Descriptor(
            linux_socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0), "open a unix socket")
        var address = sockaddr_storage()
        let size = linux_unix_address(path, &address)
        guard size > 0 else { throw SystemError("connect to \(path)", number: ENAMETOOLONG) }
        guard linux_connect(descriptor.number, &address, size) == 0 else {
            throw SystemError("connect to \(path)")
        }
        self.descriptor = descriptor
    }

    /// Why it could not connect, or was cut off; nothing while it is well.
    package func failure() -> SystemError? {
        let number = linux_getsockopt(number, SOL_SOCKET, SO_ERROR)
        return number == 0 ? nil : SystemError("connect", number: number < 0 ? EBADF : number)
    }

    /// Sends what fits now; 0 when nothing does.
    package func send(_ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        let count = linux_send(number, bytes.baseAddress, bytes.count)
        if count < 0 {
            guard linux_errno() == EAGAIN else { throw SystemError("connect or send") }
            return 0
        }
        return count
    }

    /// Takes what has arrived: `nil` when nothing has yet, 0 when the other side is done.
    package func receive(
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int? {
        let count = linux_read(number, buffer.baseAddress, buffer.count)
        if count < 0 {
            guard linux_errno() == EAGAIN else { throw SystemError("receive") }
            return nil
        }
        return count
    }
}
