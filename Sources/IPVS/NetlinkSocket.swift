// The generic netlink socket, by libnl.

import CNetlink
import Glibc

/// The family that the kernel's IPVS answers to.
let kernelFamilyName = IPVS_GENL_NAME

/// One socket, for the thread that opened it and in the network namespace of that thread.
final class NetlinkSocket: NetlinkLink {
    let family: UInt16
    private let socket: OpaquePointer
    /// Where as many datagrams as are there are received at once.
    private let inbox: UnsafeMutablePointer<netlink_inbox>

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
        guard let inbox = netlink_inbox_make() else {
            nl_socket_free(socket)
            throw .noSocket(errno: ENOMEM)
        }
        self.family = number
        self.socket = socket
        self.inbox = inbox
    }

    deinit {
        free(inbox)
        nl_socket_free(socket)
    }

    /// None of these settings is needed to be right, so that a refusal of one is no error.
    private static func prepare(_ socket: OpaquePointer) {
        // It resolves the family's number; else it would receive twice, once to learn the size.
        nl_socket_disable_msg_peek(socket)
        nl_socket_set_msg_buf_size(socket, netlink_datagram_room())
        // A batch of 32 acknowledgements takes about 40 kB of the kernel's accounting.
        nl_socket_set_buffer_size(socket, receiveBufferByteCount, 0)
        var limit = timeval(tv_sec: silenceSeconds, tv_usec: 0)
        setsockopt(
            nl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &limit,
            socklen_t(MemoryLayout<timeval>.size))
    }

    func send(_ datagram: [UInt8]) throws(AnswerFault) {
        let count = datagram.withUnsafeBytes {
            netlink_send(nl_socket_get_fd(socket), $0.baseAddress, $0.count)
        }
        guard count == datagram.count else { throw .broken(errno: count < 0 ? errno : EMSGSIZE) }
    }

    /// All that waits, since each call has its price: 32 acknowledgements are 32 datagrams.
    func receive() throws(AnswerFault) -> [UInt8] {
        while true {
            let count = netlink_receive(nl_socket_get_fd(socket), inbox)
            guard count > 0 else { throw Self.fault(errno: errno) }
            var received: [UInt8] = []
            for index in 0..<count {
                var length = 0
                // Nothing where somebody else than the kernel sent it.
                guard let bytes = netlink_datagram(inbox, index, &length) else { continue }
                // A part that the kernel had to cut.
                guard length <= netlink_datagram_room() else { throw .truncated }
                received.append(
                    contentsOf: UnsafeRawBufferPointer(start: bytes, count: length))
                // Messages begin at multiples of four.
                for _ in length..<padded(length) { received.append(0) }
            }
            if !received.isEmpty { return received }
        }
    }

    private static func fault(errno: Int32) -> AnswerFault {
        switch errno {
        case EAGAIN: .silence
        case ENOBUFS: .overrun
        default: .broken(errno: errno)
        }
    }

    private static let receiveBufferByteCount: Int32 = 1 << 20
    /// The kernel answers while it takes the request: longer silence is a lost answer.
    static let silenceSeconds = 2
}
