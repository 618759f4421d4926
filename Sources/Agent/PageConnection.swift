// A connection to a status page, over which one question after another may go.

internal import Daemon

/// A box for the socket, so that it can outlive a fetch and be replaced within one.
final class PageConnection {
    private let socket: StreamSocket
    private var isWatched = false

    init(to place: Place) throws(SystemError) {
        switch place {
        case .tcp(let address): socket = try StreamSocket(connectingTo: address)
        case .unix(let path): socket = try StreamSocket(connectingToPath: path)
        }
    }

    /// Whether nothing came since the last answer: neither the end, nor bytes that would be taken
    /// for the next one.
    var isQuiet: Bool {
        withUnsafeTemporaryAllocation(byteCount: 16, alignment: 8) { buffer in
            do throws(SystemError) {
                return try socket.receive(into: buffer) == nil
            } catch {
                return false
            }
        }
    }

    /// Sends what fits now; 0 when nothing does.
    func send(_ bytes: ArraySlice<UInt8>) throws(SystemError) -> Int {
        try bytes.span.bytes.withUnsafeBytes { bytes throws(SystemError) in try socket.send(bytes) }
    }

    /// Takes what has arrived: `nil` when nothing has yet, 0 when the other side is done.
    func receive(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int? {
        try socket.receive(into: buffer)
    }

    /// Reports it under `token` from now on.
    func watch(
        for interest: Readiness, _ poller: borrowing Poller, token: UInt64
    ) throws(SystemError) {
        if isWatched {
            try poller.change(socket.number, to: interest, token: token)
        } else {
            try poller.add(socket.number, for: interest, token: token)
        }
        isWatched = true
    }

    /// Reports it no more.
    func rest(_ poller: borrowing Poller) {
        if isWatched { poller.remove(socket.number) }
        isWatched = false
    }
}
