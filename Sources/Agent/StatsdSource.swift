// A socket that applications send their figures to, in statsd's format.

internal import Daemon

/// Listens on one unix datagram socket.
final class StatsdSource {
    struct Settings: Hashable {
        let path: String
        let mode: UInt32
        let gaugeAgeNanoseconds: Int64
    }

    /// So many are taken before the rest of the agent has its turn.
    private static let mostAtOnce = 64
    /// So many are taken between two reports; then the socket fills up, and who sends has to wait
    /// or to drop, which clients of this format do.
    static let mostBetweenReports = 10_000

    let settings: Settings
    let readings = Readings()
    private let token: UInt64
    private var text: StatsdText
    private var socket: Socket?
    private var left = mostBetweenReports
    private var isResting = false

    /// A box, so that the socket can be dropped and made anew.
    private final class Socket {
        let datagrams: UnixDatagramSocket
        init(_ settings: Settings) throws(SystemError) {
            datagrams = try UnixDatagramSocket(listeningOn: settings.path, mode: settings.mode)
        }
    }

    init(_ settings: Settings, token: UInt64) {
        self.settings = settings
        self.token = token
        text = StatsdText(gaugeAge: settings.gaugeAgeNanoseconds)
    }

    /// Makes the socket where there is none or its name is gone, and takes datagrams again.
    func begin(poller: borrowing Poller) {
        left = Self.mostBetweenReports
        if let socket, !socket.datagrams.isAtItsPath {
            poller.remove(socket.datagrams.number)
            self.socket = nil
        }
        do throws(SystemError) {
            if socket == nil {
                let made = try Socket(settings)
                try poller.add(made.datagrams.number, for: .read, token: token)
                socket = made
            } else if isResting, let socket {
                try poller.add(socket.datagrams.number, for: .read, token: token)
            }
            isResting = false
        } catch {
            socket = nil
            readings.fail(error.description)
        }
    }

    /// Takes what has arrived; call it when the poller reports the token.
    func advance(at now: Int64, poller: borrowing Poller, buffer: UnsafeMutableRawBufferPointer) {
        guard let socket else { return }
        do throws(SystemError) {
            for _ in 0..<min(Self.mostAtOnce, left) {
                guard let count = try socket.datagrams.receive(into: buffer) else { return }
                left -= 1
                text.take(UnsafeRawBufferPointer(rebasing: buffer[..<count]), at: now)
            }
            guard left == 0 else { return }
            poller.remove(socket.datagrams.number)
            isResting = true
        } catch {
            self.socket = nil
            readings.fail(error.description)
        }
    }

    /// Brings the readings up to what came until now.
    func collect(at now: Int64) {
        guard socket != nil else { return }
        let tooMany =
            isResting
            ? "more than \(Self.mostBetweenReports) datagrams between two reports; send fewer, with a "
                + "sample rate" : nil
        readings.take(text.values(at: now), complaint: text.takeComplaint() ?? tooMany, at: now)
    }
}
