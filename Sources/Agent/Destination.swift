// One master that this agent reports to.

internal import Daemon
internal import Protocol

/// A master's address, the keys for it, and the socket to it.
final class Destination {
    private let address: SocketAddress
    private var sender: Sender
    private var socket: Socket?
    private var trouble: Trouble
    private var refusedAt: Int64?

    /// How long no refusal must come before the master is taken to listen again.
    ///
    /// Hosts limit how often they refuse (on Linux to about one a second), so the next datagram
    /// that is not refused proves nothing.
    private static let quietNanoseconds: Int64 = 10_000_000_000

    /// A box, so that the socket can be dropped and made anew.
    private final class Socket {
        let udp: UDPSocket
        init(_ address: SocketAddress) throws(SystemError) {
            udp = try UDPSocket(connectedTo: address)
        }
    }

    /// `nil` when the master's public key is one that no private key belongs to.
    init?(_ master: MasterAddress, key: SecretKey, boot: UInt32) {
        guard let keys = SessionKeys(agent: key, master: master.publicKey) else { return nil }
        address = master.address
        sender = Sender(keys: keys, boot: boot)
        trouble = Trouble("master \(master.address)", ending: "no refusal for 10 s")
    }

    /// What is wrong with the way there, for the status line; `nil` when nothing is known to be.
    var fault: String? { trouble.told }

    /// Sends a report; a failure costs this report only and is told in the log.
    func send(_ report: Report, at now: Int64, log: Log) {
        let datagram = sender.seal(report)
        let fault = attempt(datagram)
        if let fault, !fault.isRefusal {
            trouble.take(fault.description, at: now, log: log)
            // Routes and addresses may have changed under the socket; a new one sees them.
            socket = nil
            return
        }
        if fault != nil { refusedAt = now }
        let isRefused = refusedAt.map { now - $0 < Self.quietNanoseconds } ?? false
        trouble.take(isRefused ? "nothing listens there" : nil, at: now, log: log)
        if fault != nil {
            // The kernel told how the report before this one fared, and kept this one back.
            _ = attempt(datagram)
        }
    }

    private func attempt(_ datagram: [UInt8]) -> SystemError? {
        do throws(SystemError) {
            if socket == nil { socket = try Socket(address) }
            try datagram.span.bytes.withUnsafeBytes { bytes throws(SystemError) in
                try socket?.udp.send(bytes)
            }
            return nil
        } catch {
            return error
        }
    }
}
