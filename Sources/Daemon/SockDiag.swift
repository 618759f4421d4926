// Asks the kernel about TCP sockets, as sock_diag(7) describes.

internal import CLinux

/// A netlink connection for questions about TCP sockets.
package struct SockDiag: ~Copyable, Sendable {
    /// The TCP states that are asked for.
    package enum State: UInt32, Sendable {
        case established = 1
        case listen = 10
    }

    private let descriptor: Descriptor
    /// What one answer needs at most; the kernel sends 16 kB at a time, or 32 kB if it can.
    private static let answerBytes = 32_768

    package init() throws(SystemError) {
        descriptor = try Descriptor(
            linux_socket(AF_NETLINK, Int32(SOCK_DGRAM.rawValue), NETLINK_SOCK_DIAG),
            "ask about sockets")
    }

    /// Calls `body` for each TCP socket on the local port that is in this state.
    package func sockets(
        onPort port: UInt16, _ state: State, _ body: (TCPSocketFacts) -> Void
    ) throws(SystemError) {
        try ask(SockDiagMessage.request(port: port, state: state), isList: true, body)
    }

    /// Looks at the one socket that listened on this port as `known`; `nil` when it is gone.
    ///
    /// The kernel finds it by its address, without walking through all that listen.
    package func listener(
        onPort port: UInt16, like known: TCPSocketFacts
    ) throws(SystemError) -> TCPSocketFacts? {
        var found: TCPSocketFacts?
        do throws(SystemError) {
            try ask(SockDiagMessage.request(port: port, like: known), isList: false) { found = $0 }
        } catch  where error.number == ENOENT {
            return nil
        }
        return found
    }

    /// A list ends with a message that says so; one socket is a message alone.
    private func ask(
        _ request: [UInt8], isList: Bool, _ body: (TCPSocketFacts) -> Void
    ) throws(SystemError) {
        guard linux_send(descriptor.number, request, request.count) == request.count else {
            throw SystemError("ask about sockets")
        }
        var failure: Int32 = 0
        withUnsafeTemporaryAllocation(byteCount: Self.answerBytes, alignment: 8) { buffer in
            var isOver = false
            while !isOver {
                let count = linux_read(descriptor.number, buffer.baseAddress, buffer.count)
                guard count > 0 else {
                    failure = count < 0 ? linux_errno() : EIO
                    return
                }
                let answer = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                switch SockDiagMessage.read(answer, body) {
                case .more: isOver = !isList
                case .done: isOver = true
                case .refused(let number):
                    failure = number
                    isOver = true
                }
            }
        }
        guard failure == 0 else { throw SystemError("list sockets", number: failure) }
    }
}
