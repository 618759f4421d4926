// One master that this agent reports to.

internal import Daemon
internal import Protocol

/// A master's address, what was agreed with it, and the socket to it.
final class Destination {
    /// What a master said of a service, and when.
    struct Standing {
        let said: ServiceStanding
        let heardAt: Int64
    }

    /// A master that did not acknowledge for so long is taken to be silent: its agents ask every 4 s.
    static let silence: Int64 = 10_000_000_000
    /// Datagrams between two reports; more are left for the next one, as no master sends so many.
    private static let mostHeard = 64

    /// Tokens of the poller from here up belong to masters, of which there are 64 at most.
    static let firstToken: UInt64 = 100

    let address: SocketAddress
    private let token: UInt64
    private let startedAt: Int64
    private var session: Session
    private var socket: Socket?
    private var isWatched = false
    private var heard = 0
    private var trouble: Trouble
    private var refusedAt: Int64?
    private(set) var standings: [Standing] = []

    /// A box, so that the socket can be dropped and made anew.
    private final class Socket {
        let udp: UDPSocket
        init(_ address: SocketAddress) throws(SystemError) {
            udp = try UDPSocket(connectedTo: address)
        }
    }

    /// `index` counts the masters from 0.
    init(_ address: SocketAddress, session: Session, index: Int, startedAt: Int64) {
        self.address = address
        self.session = session
        token = Self.firstToken + UInt64(index)
        self.startedAt = startedAt
        trouble = Trouble("master \(address)", ending: "acknowledges")
    }

    /// What is wrong with the way there, for the status line; `nil` when nothing is known to be.
    var fault: String? { trouble.told }

    /// Whether nothing is; costs less than ``fault``.
    var isWell: Bool { trouble.isWell }

    /// What the master asked for, within what agents accept; `nil` when it did not.
    var directive: Directive? { session.directive }

    /// Whether the master's last word is that it heard the goodbye.
    var isGoodbyeHeard: Bool { session.isGoodbyeAcknowledged }

    var acknowledgedAt: Int64? { session.acknowledgedAt }

    func isAcknowledged(at now: Int64) -> Bool {
        session.acknowledgedAt.map { now - $0 < Self.silence } ?? false
    }

    /// Sends a report; a failure costs this report only and is told in the log.
    func send(_ report: Report, at now: Int64, poller: borrowing Poller, log: Log) {
        heard = 0
        var fault: SystemError?
        for datagram in session.seal(report, at: now) {
            fault = attempt(datagram, at: now, poller) ?? fault
        }
        if let fault {
            trouble.take(fault.description, at: now, log: log)
            // Routes and addresses may have changed under the socket; a new one sees them.
            socket = nil
            isWatched = false
            return
        }
        trouble.take(complaint(at: now), at: now, log: log)
    }

    /// What to tell of a master to which datagrams go but from which nothing comes.
    private func complaint(at now: Int64) -> String? {
        let last = session.acknowledgedAt ?? startedAt
        if let refusedAt, refusedAt >= last { return "nothing listens there" }
        return now - last >= Self.silence ? "no acknowledgement for 10 s or more" : nil
    }

    /// Sends a datagram; why not, when it did not go.
    private func attempt(
        _ datagram: [UInt8], at now: Int64, _ poller: borrowing Poller
    ) -> SystemError? {
        do throws(SystemError) {
            if socket == nil { socket = try Socket(address) }
            guard let socket else { return nil }
            if !isWatched {
                try poller.add(socket.udp.number, for: .read, token: token)
                isWatched = true
            }
            do throws(SystemError) {
                try send(datagram, over: socket)
            } catch {
                guard error.isRefusal else { throw error }
                // The kernel told how the datagram before fared, and kept this one back.
                refusedAt = now
                try send(datagram, over: socket)
            }
            return nil
        } catch {
            return error.isRefusal ? nil : error
        }
    }

    private func send(_ datagram: [UInt8], over socket: Socket) throws(SystemError) {
        try datagram.span.bytes.withUnsafeBytes { bytes throws(SystemError) in
            try socket.udp.send(bytes)
        }
    }

    /// Takes what the master sent; true when it wants the newest report at once.
    func receive(
        at now: Int64, poller: borrowing Poller, buffer: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard let socket else { return false }
        var wantsReport = false
        while heard < Self.mostHeard {
            do throws(SystemError) {
                guard let count = try socket.udp.receive(into: buffer) else { return wantsReport }
                heard += 1
                let datagram = UnsafeRawBufferPointer(rebasing: buffer[..<count])
                let receipt = session.receive(datagram.bytes, at: now)
                if case .acknowledged(let acknowledgement) = receipt {
                    keep(acknowledgement.standings, at: now)
                }
                if receipt.wantsReport { wantsReport = true }
            } catch {
                heard += 1
                // Anything else shows at the next report.
                if error.isRefusal { refusedAt = now }
            }
        }
        poller.remove(socket.udp.number)
        isWatched = false
        return wantsReport
    }

    private func keep(_ news: [ServiceStanding], at now: Int64) {
        for said in news {
            standings.removeAll { $0.said.id == said.id }
            guard standings.count < Report.serviceLimit else { continue }
            standings.append(Standing(said: said, heardAt: now))
        }
    }
}
