// Asks another process of this host over its Unix socket.

internal import CLinux

/// One connection on which the other side speaks, and then hangs up.
package enum LocalQuestion {
    /// Nobody says more than this.
    private static let mostBytes = 1 << 20

    /// What the listener at `path` says; it has until `deadline` of ``MonotonicClock``.
    package static func ask(_ path: String, until deadline: Int64) throws(SystemError) -> String {
        let socket = try Descriptor(
            linux_socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0), "open a Unix socket")
        var address = sockaddr_storage()
        guard let size = Notify.fill(&address, path: path) else {
            throw SystemError("connect to \(path)", number: ENAMETOOLONG)
        }
        guard linux_connect(socket.number, &address, size) == 0 else {
            throw SystemError("connect to \(path)")
        }
        let poller = try Poller()
        try poller.add(socket.number, for: .read, token: 0)
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4_096)
        while text.count < mostBytes {
            let count = linux_read(socket.number, &piece, piece.count)
            if count == 0 { return String(decoding: text, as: UTF8.self) }
            if count > 0 {
                text += piece[..<count]
                continue
            }
            guard linux_errno() == EAGAIN else { throw SystemError("read from \(path)") }
            guard MonotonicClock.now() < deadline else {
                throw SystemError("read from \(path)", number: ETIMEDOUT)
            }
            try poller.wait(until: deadline) { _, _ in }
        }
        throw SystemError("read from \(path)", number: EMSGSIZE)
    }
}
