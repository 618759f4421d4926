// The bytes of a question about sockets, and of its answers.

internal import CLinux

/// What is known of one TCP socket.
package struct TCPSocketFacts: Equatable, Sendable {
    /// The local address as IPv6 has it, IPv4 mapped into it; in two halves, for there may be very
    /// many of these and none should cost an allocation.
    private let high, low: UInt64
    /// Of a socket that listens: connections that wait to be accepted.
    package let receiveQueue: UInt32

    /// What stands before an IPv4 address inside an IPv6 one.
    private static let mapped: UInt64 = 0xFFFF << 32

    init(high: UInt64, low: UInt64, receiveQueue: UInt32) {
        (self.high, self.low) = (high, low)
        self.receiveQueue = receiveQueue
    }

    /// Whether the socket takes connections to this address: its own, or any.
    package func serves(_ address: SocketAddress) -> Bool {
        let isAny = high == 0 && (low == 0 || low == Self.mapped)
        return isAny || (high, low) == Self.halves(address.bytes)
    }

    fileprivate var isIPv4: Bool { high == 0 && low >> 32 == Self.mapped >> 32 }

    /// Writes the address in network order: 4 bytes, or 16.
    fileprivate func writeAddress(to place: UnsafeMutableRawBufferPointer) {
        if isIPv4 {
            place.storeBytes(of: UInt32(truncatingIfNeeded: low).bigEndian, as: UInt32.self)
        } else {
            place.storeBytes(of: high.bigEndian, as: UInt64.self)
            place.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
    }

    fileprivate static func halves(_ bytes: some Collection<UInt8>) -> (UInt64, UInt64) {
        let number = bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) }
        let isIPv6 = bytes.count == 16
        return (
            UInt64(truncatingIfNeeded: number >> 64),
            UInt64(truncatingIfNeeded: number) | (isIPv6 ? 0 : mapped)
        )
    }
}

/// Netlink messages of NETLINK_SOCK_DIAG, family TCP.
enum SockDiagMessage {
    enum End: Equatable { case more, done, refused(Int32) }

    private static let headBytes = MemoryLayout<nlmsghdr>.size

    /// Asks for the sockets of one port and state; the kernel filters by both.
    ///
    /// The older of the two kinds of question, for it alone asks for IPv4 and IPv6 at once, and
    /// each question makes the kernel walk through all its sockets.
    static func request(port: UInt16, state: SockDiag.State) -> [UInt8] {
        var body = inet_diag_req()
        body.idiag_states = 1 << state.rawValue
        body.id.idiag_sport = port.bigEndian
        var head = nlmsghdr()
        head.nlmsg_len = UInt32(headBytes + MemoryLayout<inet_diag_req>.size)
        head.nlmsg_type = UInt16(TCPDIAG_GETSOCK)
        head.nlmsg_flags = UInt16(NLM_F_REQUEST | NLM_F_DUMP)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(head.nlmsg_len))
        withUnsafeBytes(of: head) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: body) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Asks for the one socket that listens on a port at the address of `known`.
    static func request(port: UInt16, like known: TCPSocketFacts) -> [UInt8] {
        var body = inet_diag_req_v2()
        body.sdiag_family = UInt8(known.isIPv4 ? AF_INET : AF_INET6)
        body.sdiag_protocol = UInt8(IPPROTO_TCP)
        body.idiag_states = 1 << State.listen.rawValue
        body.id.idiag_sport = port.bigEndian
        // No cookie: any socket at this place.
        body.id.idiag_cookie = (.max, .max)
        withUnsafeMutableBytes(of: &body.id.idiag_src) { known.writeAddress(to: $0) }
        var head = nlmsghdr()
        head.nlmsg_len = UInt32(headBytes + MemoryLayout<inet_diag_req_v2>.size)
        head.nlmsg_type = UInt16(SOCK_DIAG_BY_FAMILY)
        head.nlmsg_flags = UInt16(NLM_F_REQUEST)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Int(head.nlmsg_len))
        withUnsafeBytes(of: head) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: body) { bytes.append(contentsOf: $0) }
        return bytes
    }

    private typealias State = SockDiag.State

    /// Reads one answer, which holds any number of messages; an odd one ends the reading.
    static func read(_ answer: UnsafeRawBufferPointer, _ body: (TCPSocketFacts) -> Void) -> End {
        var start = 0
        while start + headBytes <= answer.count {
            let head = answer.loadUnaligned(fromByteOffset: start, as: nlmsghdr.self)
            let length = Int(head.nlmsg_len)
            guard length >= headBytes, start + length <= answer.count else {
                return .refused(EBADMSG)
            }
            let content = start + headBytes
            switch Int32(head.nlmsg_type) {
            case NLMSG_DONE:
                return .done
            case NLMSG_ERROR:
                guard length >= headBytes + 4 else { return .refused(EBADMSG) }
                return .refused(-answer.loadUnaligned(fromByteOffset: content, as: Int32.self))
            case TCPDIAG_GETSOCK, SOCK_DIAG_BY_FAMILY:
                guard length >= headBytes + MemoryLayout<inet_diag_msg>.size else {
                    return .refused(EBADMSG)
                }
                let facts = answer.loadUnaligned(fromByteOffset: content, as: inet_diag_msg.self)
                body(TCPSocketFacts(facts))
            default:
                break
            }
            start += (length + 3) & ~3
        }
        return .more
    }
}

extension TCPSocketFacts {
    fileprivate init(_ facts: inet_diag_msg) {
        let byteCount = Int32(facts.idiag_family) == AF_INET6 ? 16 : 4
        let (high, low) = withUnsafeBytes(of: facts.id.idiag_src) {
            Self.halves(UnsafeRawBufferPointer(rebasing: $0[..<byteCount]))
        }
        self.init(high: high, low: low, receiveQueue: facts.idiag_rqueue)
    }
}
