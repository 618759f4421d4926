// A socket that tells one text to whoever connects, and hangs up.

internal import Daemon

/// Answers every connection with the text of the moment; nobody can make it wait or grow.
final class Teller {
    enum Place {
        case tcp(SocketAddress)
        /// For its owner and their group.
        case path(String)
    }

    /// Connections between two reports; more of them wait in the kernel until the next one.
    private static let mostConnections = 256
    // A close resets a connection on which something unread arrived, and the answer may be lost; so
    // each stays open for a while. Of more than so many the oldest is closed.
    private static let mostOpen = 16
    private static let openNanoseconds: Int64 = 1_000_000_000
    /// When a socket that could not be opened is tried again.
    private static let retryNanoseconds: Int64 = 10_000_000_000

    private let place: Place
    private let token: UInt64
    private var listener: Listener?
    private var isWatched = false
    private var trouble: Trouble
    private var tryAt: Int64 = .min
    private var taken = 0
    private var open: [(connection: Connection, since: Int64)] = []

    /// Boxes, so that both can be dropped.
    private final class Listener {
        let socket: StreamListener
        init(_ place: Place) throws(SystemError) {
            switch place {
            case .tcp(let address): socket = try StreamListener(onTCP: address)
            case .path(let path): socket = try StreamListener(atPath: path, mode: 0o660)
            }
        }
    }
    private final class Connection {
        let socket: StreamConnection
        init(_ socket: consuming StreamConnection) { self.socket = socket }
    }

    /// `name` is what the log calls it.
    init(_ name: String, at place: Place, token: UInt64) {
        self.place = place
        self.token = token
        trouble = Trouble(name)
    }

    /// What is wrong with the socket, for the status line.
    var fault: String? { trouble.told }

    /// Whether nothing is; costs less than ``fault``.
    var isWell: Bool { trouble.isWell }

    /// Where a TCP socket listens, once it does.
    var localAddress: SocketAddress? { listener?.socket.localAddress }

    /// Opens the socket if it is not, and closes connections that are done; call it at each report.
    func refresh(at now: Int64, poller: borrowing Poller, log: Log) {
        open.removeAll { now - $0.since >= Self.openNanoseconds }
        taken = 0
        guard !isWatched, now >= tryAt else { return }
        do throws(SystemError) {
            if listener == nil { listener = try Listener(place) }
            guard let listener else { return }
            try poller.add(listener.socket.number, for: .read, token: token)
            isWatched = true
            trouble.take(nil, at: now, log: log)
        } catch {
            tryAt = now + Self.retryNanoseconds
            trouble.take(error.description, at: now, log: log)
        }
    }

    /// Answers those who wait; call it when the poller reports the token.
    ///
    /// Returns how many there were.
    @discardableResult
    func answer(_ text: String, at now: Int64, poller: borrowing Poller) -> Int {
        guard let listener else { return 0 }
        let bytes = Array(text.utf8)
        let before = taken
        while taken < Self.mostConnections, let socket = try? listener.socket.accept() {
            taken += 1
            if open.count == Self.mostOpen { open.removeFirst() }
            socket.finish(with: bytes)
            open.append((Connection(socket), now))
        }
        // Also when no descriptor is left for a connection: it would be reported again and again.
        if taken == Self.mostConnections || taken == before {
            poller.remove(listener.socket.number)
            isWatched = false
        }
        return taken - before
    }
}
