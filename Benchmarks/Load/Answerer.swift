// Masters as an agent sees them: they hear its reports, and answer what asks for it.

internal import Daemon
internal import Foundation
internal import Protocol

/// Plays a master for each of some agents until its standard input ends.
///
/// It looks at its sockets once a second and sleeps meanwhile: a reader that wakes for each report
/// would cost the agent, and a real master is another machine.
final class Answerer {
    private final class Master {
        let socket: UDPSocket
        var receiver: Receiver

        var reports: UInt64 { receiver.total[.applied] + receiver.total[.challenged] }

        init(_ socket: consuming UDPSocket, _ receiver: Receiver) {
            self.socket = socket
            self.receiver = receiver
        }
    }

    private static let pause: Int64 = 1_000_000_000

    private let masters: [Master]
    private let batch: DatagramBatch
    private let poller: Poller
    private var report = Report.empty
    private var reply: [UInt8] = []

    /// For each of `names` the folder holds the master's private key, NAME.master.key, and the
    /// agent's public one, NAME.pub.
    init(folder: String, names: [String]) throws {
        guard !names.isEmpty, let any = SocketAddress(host: "127.0.0.1", port: 0) else {
            throw UsageError()
        }
        masters = try names.map { name in
            let master = try SecretKey(text: Self.text("\(folder)/\(name).master.key"))
            let agent = try PublicKey(text: Self.text("\(folder)/\(name).pub"))
            return Master(
                try UDPSocket(listeningOn: any, receiveBytes: 1 << 20),
                try Receiver(
                    secretKeys: [master], agents: [(name, [agent])], identity: .generate()))
        }
        batch = try DatagramBatch(count: 64, byteCount: Envelope.mostByteCount + 1)
        poller = try Poller()
        try poller.add(0, for: .read, token: 0)
    }

    private static func text(_ path: String) throws -> String {
        try String(contentsOfFile: path, encoding: .utf8)
    }

    /// Prints the ports first and, when it ends, how many reports came, whether applied or
    /// challenged, and how many answers went; all in the order of the names.
    func run() throws {
        tell("{\"ports\": \(masters.map { $0.socket.localAddress?.port ?? 0 })}")
        var isEnding = false
        var next = MonotonicClock.now()
        while !isEnding {
            next += Self.pause
            try poller.wait(until: next) { _, _ in isEnding = true }
            for master in masters { try answer(master) }
        }
        tell(
            "{\"reports\": \(masters.map { $0.reports }), "
                + "\"replies\": \(masters.map { $0.receiver.total[.replies] })}")
    }

    private func answer(_ master: Master) throws {
        while true {
            let taken = try batch.receive(from: master.socket) { bytes, _, index in
                _ = master.receiver.take(
                    bytes.bytes, at: MonotonicClock.now(), into: &report, reply: &reply)
                guard !reply.isEmpty else { return }
                _ = reply.withUnsafeBytes {
                    batch.reply(to: index, over: master.socket, with: $0)
                }
            }
            if taken == 0 { return }
        }
    }

    private func tell(_ line: String) {
        FileHandle.standardOutput.write(Data("\(line)\n".utf8))
    }
}
