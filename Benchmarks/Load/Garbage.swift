// Datagrams that nobody's key made, as fast as asked for.

internal import CLinux
internal import Daemon
internal import Protocol

/// Half of them random bytes, half with a right header and a locator of nobody.
struct Garbage: ~Copyable {
    private let socket: UDPSocket
    private let perSecond: Int
    private let seconds: Int

    init(port: Int, perSecond: Int, seconds: Int) throws {
        guard let address = SocketAddress(host: "127.0.0.1", port: UInt16(port)) else {
            throw UsageError()
        }
        socket = try UDPSocket(connectedTo: address)
        self.perSecond = perSecond
        self.seconds = seconds
    }

    func run() throws {
        var random = SystemRandomNumberGenerator()
        let datagrams = (0..<4_096).map { Self.datagram($0, &random) }
        let start = MonotonicClock.now()
        let end = start + Int64(seconds) * 1_000_000_000
        var sent = 0
        var refused = 0
        while case let now = MonotonicClock.now(), now < end {
            let due = Int((now - start) / 1_000 * Int64(perSecond) / 1_000_000)
            while sent < due {
                if !send(datagrams[sent % datagrams.count]) { refused += 1 }
                sent += 1
            }
            linux_nap(500_000)
        }
        let took = Double(MonotonicClock.now() - start) / 1e9
        emit(
            [
                "sent": Double(sent), "per_second": Double(sent) / took,
                "send_failures": Double(refused), "answers": Double(try answers()),
            ], event: "garbage")
    }

    private func send(_ datagram: [UInt8]) -> Bool {
        do {
            try datagram.withUnsafeBytes { try socket.send($0) }
            return true
        } catch {
            return false
        }
    }

    /// What came back, of which there should be nothing.
    private func answers() throws -> Int {
        let batch = try DatagramBatch(count: 64, byteCount: Envelope.mostByteCount)
        var count = 0
        while case let taken = try batch.receive(from: socket, { _, _, _ in }), taken > 0 {
            count += taken
        }
        return count
    }

    private static func datagram(
        _ index: Int, _ random: inout SystemRandomNumberGenerator
    ) -> [UInt8] {
        let bytes = (0..<102).map { _ in UInt8.random(in: 0...255, using: &random) }
        guard index % 2 == 0 else { return bytes }
        return [0xB1, 1] + bytes.dropFirst(2)
    }
}
