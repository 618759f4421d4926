// A socket for one question to one address: UDP, or an echo of ICMP without rights of root.

internal import CLinux

/// A connected datagram socket that never blocks; the kernel gives it what that address sends.
package struct QuestionSocket: ~Copyable, Sendable {
    package enum Kind: Equatable, Sendable { case udp, ping }

    private let descriptor: Descriptor

    package var number: Int32 { descriptor.number }

    package init(_ kind: Kind, to address: SocketAddress) throws(SystemError) {
        let transport =
            kind == .udp ? 0 : Int32(address.isIPv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP)
        let number = linux_socket(address.family, Int32(SOCK_DGRAM.rawValue), transport)
        guard number >= 0 else { throw Self.openFault(kind, linux_errno()) }
        let descriptor = try Descriptor(number, "open a socket")
        let connected = address.withKernelForm { form, size in
            linux_connect(descriptor.number, form, size)
        }
        guard connected == 0 else { throw SystemError("reach \(address.host)") }
        self.descriptor = descriptor
    }

    /// Which groups may have sockets for ping is a setting of the kernel.
    private static func openFault(_ kind: Kind, _ number: Int32) -> SystemError {
        SystemError(
            kind == .udp ? "open a UDP socket" : "open a ping socket", number: number,
            remedy: kind == .ping && number == EACCES
                ? "sysctl net.ipv4.ping_group_range=\"0 2147483647\"" : nil)
    }

    package func send(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        guard linux_send(number, bytes.baseAddress, bytes.count) == bytes.count else {
            throw SystemError("send a datagram")
        }
    }

    /// Takes the next datagram, cut to the buffer; `nil` when there is none.
    package func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        let count = linux_read(number, buffer.baseAddress, buffer.count)
        if count < 0 {
            guard linux_errno() == EAGAIN else { throw SystemError("receive a datagram") }
            return nil
        }
        return count
    }
}
