// A socket that applications send their figures to, in statsd's format.

internal import Daemon

/// Listens on one unix datagram socket, and empties it now and then.
///
/// To wake up for every datagram would cost more than all else that the agent does. So they wait in
/// the kernel's queue until the next report, or until half of it may be full at the rate of late.
final class StatsdSource {
    struct Settings: Hashable {
        let path: String
        let mode: UInt32
        let gaugeAgeNanoseconds: Int64
    }

    /// So many are taken before the rest of the agent has its turn.
    private static let mostAtOnce = 1_024
    /// So many are taken with one call to the kernel.
    private static let batchCount = 8
    private static let longestDatagram = 16_384
    /// So many are taken between two reports; then the queue fills up, and who sends has to wait or
    /// to drop, which clients of this format do.
    static let mostBetweenReports = 10_000
    /// From one look at the queue to the next; with a short queue less, so that a burst after
    /// silence finds room.
    private static let longestPause: Int64 = 1_000_000_000
    private static let pauseForEach: Int64 = 5_000_000
    private static let shortestPause: Int64 = 1_000_000

    let settings: Settings
    let readings = Readings()
    private var text: StatsdText
    private var socket: Socket?
    private var left = mostBetweenReports
    private var emptiedAt: Int64 = 0

    /// When to call ``expire(at:)``; `nil` when the next report is soon enough.
    private(set) var deadline: Int64?

    /// A box, so that the socket can be dropped and made anew.
    private final class Socket {
        let datagrams: UnixDatagramSocket
        let batch: DatagramBatch
        init(_ settings: Settings) throws(SystemError) {
            datagrams = try UnixDatagramSocket(listeningOn: settings.path, mode: settings.mode)
            batch = try DatagramBatch(count: batchCount, byteCount: longestDatagram)
        }
    }

    init(_ settings: Settings) {
        self.settings = settings
        text = StatsdText(gaugeAge: settings.gaugeAgeNanoseconds)
    }

    /// Makes the socket where there is none or its name is gone, and takes datagrams again.
    func begin(at now: Int64) {
        left = Self.mostBetweenReports
        if let socket, !socket.datagrams.isAtItsPath { self.socket = nil }
        guard socket == nil else { return }
        do throws(SystemError) {
            let made = try Socket(settings)
            socket = made
            emptiedAt = now
            deadline = now + Self.longestPause(queue: made.datagrams.queueLength)
        } catch {
            deadline = nil
            readings.fail(error.description)
        }
    }

    /// Takes what has arrived when that is due.
    func expire(at now: Int64) {
        guard let deadline, now >= deadline else { return }
        take(at: now)
    }

    /// Brings the readings up to what came until now.
    func collect(at now: Int64) {
        take(at: now)
        guard socket != nil else { return }
        let tooMany =
            left == 0
            ? "more than \(Self.mostBetweenReports) datagrams between two reports; send fewer, with a "
                + "sample rate" : nil
        readings.take(text.values(at: now), complaint: text.takeComplaint() ?? tooMany, at: now)
    }

    private func take(at now: Int64) {
        guard let socket else { return }
        do throws(SystemError) {
            var count = 0
            while count < min(left, Self.mostAtOnce) {
                let more = try socket.batch.receive(from: socket.datagrams) { datagram, _ in
                    text.take(datagram, at: now)
                }
                count += more
                guard more == Self.batchCount else { break }
            }
            left = max(0, left - count)
            deadline =
                left > 0
                ? now + pause(after: count, in: now - emptiedAt, socket.datagrams.queueLength) : nil
            emptiedAt = now
        } catch {
            self.socket = nil
            deadline = nil
            readings.fail(error.description)
        }
    }

    /// The time in which half of the queue fills up, when so many came in the time since the last
    /// look.
    private func pause(after count: Int, in elapsed: Int64, _ queue: Int) -> Int64 {
        let longest = Self.longestPause(queue: queue)
        guard count > 0 else { return longest }
        let each = min(elapsed, Self.longestPause) / Int64(count)
        return max(Self.shortestPause, min(longest, each * Int64(max(1, queue / 2))))
    }

    private static func longestPause(queue: Int) -> Int64 {
        min(longestPause, Int64(clamping: max(1, queue)) * pauseForEach)
    }
}
