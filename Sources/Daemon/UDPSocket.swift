// A UDP socket that never blocks and never lets a datagram be fragmented.

internal import CLinux

/// A UDP socket, either bound (to receive) or connected (to send to one address).
package struct UDPSocket: ~Copyable, Sendable {
    let descriptor: Descriptor

    package var number: Int32 { descriptor.number }

    /// Listens on `address` with room for `receiveBytes` of waiting datagrams.
    ///
    /// The kernel may grant less room than asked for; see ``receiveBytesGranted``. A socket on any
    /// IPv6 address receives IPv4 too.
    package init(listeningOn address: SocketAddress, receiveBytes: Int) throws(SystemError) {
        let descriptor: Descriptor
        do throws(SystemError) {
            descriptor = try Self.open(address)
        } catch {
            throw Self.listenFault(address, number: error.number)
        }
        let number = descriptor.number
        let wanted = Int32(clamping: receiveBytes)
        if linux_setsockopt(number, SOL_SOCKET, SO_RCVBUFFORCE, wanted) != 0 {
            // Without CAP_NET_ADMIN the kernel caps the size at net.core.rmem_max.
            _ = linux_setsockopt(number, SOL_SOCKET, SO_RCVBUF, wanted)
        }
        // Each datagram then tells how many were dropped before it, and which address of this host
        // it came to: the answer has to leave from that one.
        _ = linux_setsockopt(number, SOL_SOCKET, SO_RXQ_OVFL, 1)
        if address.isIPv6 {
            _ = linux_setsockopt(number, Int32(IPPROTO_IPV6), IPV6_RECVPKTINFO, 1)
        } else {
            _ = linux_setsockopt(number, Int32(IPPROTO_IP), IP_PKTINFO, 1)
        }
        let bound = address.withKernelForm { form, size in linux_bind(number, form, size) }
        guard bound == 0 else { throw Self.listenFault(address, number: linux_errno()) }
        self.descriptor = descriptor
    }

    /// Why nothing can listen on `address`; a host without IPv6 is told what to use instead.
    static func listenFault(_ address: SocketAddress, number: Int32) -> SystemError {
        let isAny = address == .any(port: address.port)
        let lacksIPv6 = number == EAFNOSUPPORT || number == EADDRNOTAVAIL
        return SystemError(
            "listen on UDP \(address)", number: number,
            remedy: isAny && lacksIPv6
                ? "this host has no IPv6, so listen on 0.0.0.0:\(address.port)" : nil)
    }

    /// Sends to `address` only, and learns when nothing listens there.
    package init(connectedTo address: SocketAddress) throws(SystemError) {
        let descriptor = try Self.open(address)
        let connected = address.withKernelForm { form, size in
            linux_connect(descriptor.number, form, size)
        }
        guard connected == 0 else { throw SystemError("reach UDP \(address)") }
        self.descriptor = descriptor
    }

    private static func open(_ address: SocketAddress) throws(SystemError) -> Descriptor {
        let descriptor = try Descriptor(
            linux_socket(address.family, Int32(SOCK_DGRAM.rawValue), 0), "open a UDP socket")
        let number = descriptor.number
        if address.isIPv6 {
            _ = linux_setsockopt(number, Int32(IPPROTO_IPV6), IPV6_V6ONLY, 0)
            _ = linux_setsockopt(
                number, Int32(IPPROTO_IPV6), IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO)
        }
        // Set for IPv6 too: such a socket carries mapped IPv4 as well.
        _ = linux_setsockopt(number, Int32(IPPROTO_IP), IP_MTU_DISCOVER, IP_PMTUDISC_DO)
        return descriptor
    }

    /// The receive buffer that the kernel granted, in bytes of its own accounting.
    package var receiveBytesGranted: Int {
        Int(linux_getsockopt(number, SOL_SOCKET, SO_RCVBUF))
    }

    /// Where the socket listens; tells the port when 0 was asked for.
    package var localAddress: SocketAddress? {
        var storage = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        guard linux_getsockname(number, &storage, &size) == 0 else { return nil }
        return SocketAddress(kernelForm: storage)
    }

    /// Sends one datagram to the connected address.
    ///
    /// A full buffer or an answer "nothing listens" from an earlier datagram is an error like any
    /// other: the datagram is lost, the socket stays good.
    package func send(_ bytes: UnsafeRawBufferPointer) throws(SystemError) {
        guard linux_send(number, bytes.baseAddress, bytes.count) == bytes.count else {
            throw SystemError("send a datagram")
        }
    }

    /// Sends one datagram to `address`, from a socket that listens.
    package func send(
        _ bytes: UnsafeRawBufferPointer, to address: SocketAddress
    ) throws(SystemError) {
        let sent = address.withKernelForm { form, size in
            linux_sendto(number, bytes.baseAddress, bytes.count, form, size)
        }
        guard sent == bytes.count else { throw SystemError("send a datagram to \(address)") }
    }
}
