// From the UDP sockets to verified reports.

internal import CLinux
internal import Daemon
internal import Protocol

/// The sockets that reports arrive at, and what verifies them.
///
/// Belongs to the thread of the control loop.
final class Reception {
    private let sockets: [ListeningSocket]
    private let batch: DatagramBatch
    private var receiver: Receiver

    /// Room for a second of 10,000 agents at 2 reports/s; the kernel counts about 1 kB for each.
    static let receiveBytes = 16 << 20
    /// Datagrams for one call to the kernel.
    static let batchCount = 64
    /// Batches from one socket before ticks and signals have their turn.
    static let batchesInTurn = 16

    init(_ configuration: Configuration) throws {
        sockets = try configuration.reports.map { try ListeningSocket($0) }
        // One byte more than the protocol allows, so that what is too long is seen to be.
        batch = try DatagramBatch(count: Self.batchCount, byteCount: Envelope.mostByteCount + 1)
        receiver = try Receiver(
            secretKeys: configuration.secretKeys, agents: configuration.agents.map(\.pair))
    }

    /// Takes the keys of another configuration; the sockets stay.
    func adopt(_ configuration: Configuration) throws(RosterError) {
        receiver = try Receiver(
            secretKeys: configuration.secretKeys, agents: configuration.agents.map(\.pair),
            continuing: receiver)
    }

    /// A warning when bursts of reports find too little room in the kernel.
    var remark: String? {
        sockets.map { $0.socket.receiveBytesGranted }.min().flatMap(Self.remark)
    }

    static func remark(bytesGranted: Int) -> String? {
        // The kernel grants twice of what was asked for, and counts its own bookkeeping in it.
        guard bytesGranted < receiveBytes else { return nil }
        return "the kernel keeps \(bytesGranted / 2) bytes of waiting reports and not the "
            + "\(receiveBytes) asked for, so bursts from many agents may be lost: set "
            + "net.core.rmem_max to \(receiveBytes), or give the master CAP_NET_ADMIN"
    }

    var descriptors: [Int32] { sockets.map { $0.socket.number } }
    var agentNames: [String] { receiver.agentNames }
    var total: Tally { receiver.total }
    func tally(ofAgent index: Int) -> Tally { receiver.tally(ofAgent: index) }

    /// Takes what waits at one socket and hands on what may be believed.
    func receive(at index: Int, _ body: (Verified) -> Void) throws(SystemError) {
        for _ in 0..<Self.batchesInTurn {
            let count = try batch.receive(from: sockets[index].socket) { datagram, _ in
                // What was refused is counted where it was refused.
                if let verified = try? receiver.open(datagram.bytes) { body(verified) }
            }
            guard count == Self.batchCount else { return }
        }
    }
}

/// A socket that several may hold: an array takes no type that cannot be copied.
private final class ListeningSocket {
    let socket: UDPSocket

    init(_ address: SocketAddress) throws(ListeningError) {
        do throws(SystemError) {
            socket = try UDPSocket(listeningOn: address, receiveBytes: Reception.receiveBytes)
        } catch {
            throw ListeningError(address: address, error: error)
        }
    }
}

/// Why reports cannot arrive at an address of `listen.reports`.
struct ListeningError: Error, CustomStringConvertible {
    let address: SocketAddress
    let error: SystemError

    var description: String {
        "reports cannot arrive at \(address): \(error); \(remedy)"
    }

    private var remedy: String {
        switch error.number {
        case EADDRINUSE: "another process listens there: stop it, or change listen.reports"
        case EAFNOSUPPORT where address.isIPv6, EADDRNOTAVAIL where address.isIPv6:
            "where IPv6 is off, write reports: \"0.0.0.0:\(address.port)\" under listen"
        case EADDRNOTAVAIL: "this host has no such address: change listen.reports"
        default: "change listen.reports, or mend that"
        }
    }
}
