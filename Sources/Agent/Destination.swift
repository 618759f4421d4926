// One master that this agent reports to.

internal import Daemon
internal import Protocol

/// A master's address, the keys for it, and the socket to it.
final class Destination {
    private let address: SocketAddress
    private var sender: Sender
    private var socket: Socket?
    private var trouble: Trouble

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
        trouble = Trouble("master \(master.address)")
    }

    /// What is wrong with the way there, for the status line; `nil` means well.
    var fault: String? { trouble.told }

    /// Sends a report; a failure costs this report only and is told in the log.
    func send(_ report: Report, at now: Int64, log: Log) {
        let datagram = sender.seal(report)
        guard let fault = attempt(datagram) else {
            trouble.take(nil, at: now, log: log)
            return
        }
        trouble.take(
            fault.isRefusal ? "nothing listens there" : fault.description, at: now, log: log)
        if fault.isRefusal {
            // The kernel told how the report before this one fared, and kept this one back.
            _ = attempt(datagram)
        } else {
            // Routes and addresses may have changed under the socket; a new one sees them.
            socket = nil
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
