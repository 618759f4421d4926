// The generic netlink socket, by libnl.

import CNetlink
import Glibc

/// The family that the kernel's IPVS answers to.
let kernelFamilyName = IPVS_GENL_NAME

/// One socket, for the thread that opened it and in the network namespace of that thread.
final class NetlinkSocket: NetlinkLink {
    let family: UInt16
    private let socket: OpaquePointer

    init() throws(IPVSError) {
        guard let socket = nl_socket_alloc() else { throw .noSocket(errno: ENOMEM) }
        guard genl_connect(socket) == 0 else {
            let found = errno
            nl_socket_free(socket)
            throw .noSocket(errno: found)
        }
        Self.prepare(socket)
        let family = genl_ctrl_resolve(socket, kernelFamilyName)
        guard let number = UInt16(exactly: family) else {
            let found = errno
            nl_socket_free(socket)
            throw family == -NLE_OBJ_NOTFOUND ? .moduleNotLoaded : .noSocket(errno: found)
        }
        self.family = number
        self.socket = socket
    }

    deinit { nl_socket_free(socket) }

    /// None of these settings is needed to be right, so that a refusal of one is no error.
    private static func prepare(_ socket: OpaquePointer) {
        // Else libnl receives everything twice, once to learn its size.
        nl_socket_disable_msg_peek(socket)
        nl_socket_set_msg_buf_size(socket, datagramByteCount)
        // A batch of 32 acknowledgements takes about 40 kB of the kernel's accounting.
        nl_socket_set_buffer_size(socket, receiveBufferByteCount, 0)
        var limit = timeval(tv_sec: silenceSeconds, tv_usec: 0)
        setsockopt(
            nl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &limit,
            socklen_t(MemoryLayout<timeval>.size))
    }

    func send(_ datagram: [UInt8]) throws(AnswerFault) {
        var datagram = datagram
        guard nl_sendto(socket, &datagram, datagram.count) >= 0 else {
            throw .broken(errno: errno)
        }
    }

    func receive() throws(AnswerFault) -> [UInt8] {
        while true {
            var sender = sockaddr_nl()
            var bytes: UnsafeMutablePointer<UInt8>?
            let count = nl_recv(socket, &sender, &bytes, nil)
            guard count >= 0 else { throw Self.fault(errno: errno, libraryError: count) }
            defer { free(bytes) }
            // Port 0 is the kernel: nobody else's word counts.
            guard sender.nl_pid == 0, let bytes else { continue }
            return Array(UnsafeBufferPointer(start: bytes, count: Int(count)))
        }
    }

    private static func fault(errno: Int32, libraryError: Int32) -> AnswerFault {
        switch libraryError {
        case -NLE_MSG_TRUNC: .truncated
        case -NLE_AGAIN: .silence
        case -NLE_NOMEM: .overrun
        default: .broken(errno: errno)
        }
    }

    /// As large as the parts in which the kernel cuts its dumps; libnl's own dumps use it too.
    private static let datagramByteCount = 16_384
    private static let receiveBufferByteCount: Int32 = 1 << 20
    /// The kernel answers while it takes the request: longer silence is a lost answer.
    static let silenceSeconds = 2
}
