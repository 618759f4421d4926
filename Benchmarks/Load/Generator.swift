// Ten thousand agents on one socket: reports on the beat, answers taken, restarts on command.

internal import CLinux
internal import Daemon
internal import Protocol

/// Speaks for all agents of a folder until it is told to end.
///
/// Commands come as lines on standard input, each answered by a line of JSON: `figures` (datagrams
/// sent, and round trips since the last time), `restart` (every agent anew within a second; answered
/// when all are heard again), `await NANOSECONDS` (answered when all are heard by a master that
/// started after that instant), `end`.
final class Generator {
    private enum Waiting {
        case nothing
        case restarted
        case master(startedAt: Int64)
    }

    private var crowd: Crowd
    private let master: PublicKey
    private let address: SocketAddress
    private let socket: UDPSocket
    private let poller: Poller
    private let batch: DatagramBatch
    private let interval: Int64
    private var startedAt: Int64 = 0
    /// Reports begun, of all agents together.
    private var beats: Int64 = 0
    private var sent = 0
    private var roundTrips: [Int64] = []
    private var waiting = Waiting.nothing
    /// The sessions after a restart, made before it: keys take time.
    private var newborn: [Session] = []
    private var restartsLeft = 0
    private var restartBegan: Int64 = 0
    private var isEnding = false
    private var typed: [UInt8] = []

    private enum Token {
        static let socket: UInt64 = 1
        static let commands: UInt64 = 2
    }

    init(_ ground: Ground, port: Int, intervalMilliseconds: UInt16) throws {
        let keys = try ground.keys()
        master = keys.master
        crowd = try Crowd(
            keys: keys.agents, master: keys.master, intervalMilliseconds: intervalMilliseconds)
        interval = Int64(intervalMilliseconds) * 1_000_000
        guard let address = SocketAddress(host: "127.0.0.1", port: UInt16(port)),
            let own = SocketAddress(host: "127.0.0.1", port: 0)
        else { throw UsageError() }
        self.address = address
        socket = try UDPSocket(listeningOn: own, receiveBytes: 64 << 20)
        batch = try DatagramBatch(count: 64, byteCount: Envelope.mostByteCount)
        poller = try Poller()
        try poller.add(socket.number, for: .read, token: Token.socket)
        try poller.add(0, for: .read, token: Token.commands)
    }

    func run() throws {
        // Keys took a second, and what is due is sent at once.
        startedAt = MonotonicClock.now()
        while !isEnding {
            let count = Int64(crowd.agents.count)
            let next = startedAt + beats * interval / count
            var isTyped = false
            try poller.wait(until: next) { token, _ in if token == Token.commands { isTyped = true }
            }
            try receive()
            if isTyped { try obey() }
            let now = MonotonicClock.now()
            while startedAt + beats * interval / count <= now {
                try send(crowd.seal(Int(beats % count), at: now))
                beats += 1
            }
            try restart(at: now)
            announce(at: now)
        }
    }

    /// Begins the agents anew whose turn it is: all of them within a second.
    private func restart(at now: Int64) throws {
        while restartsLeft > 0, now >= restartAt(crowd.agents.count - restartsLeft) {
            let place = crowd.agents.count - restartsLeft
            crowd.agents[place].session = newborn[place]
            crowd.agents[place].bornAt = now
            crowd.agents[place].freshAt = nil
            restartsLeft -= 1
            try send(crowd.seal(place, at: now))
        }
    }

    private func restartAt(_ place: Int) -> Int64 {
        restartBegan + Int64(place) * 1_000_000_000 / Int64(crowd.agents.count)
    }

    private func send(_ datagrams: [[UInt8]]) throws {
        for datagram in datagrams {
            try datagram.withUnsafeBytes { try socket.send($0, to: address) }
            sent += 1
        }
    }

    private func receive() throws {
        var again: [Int] = []
        var taken = 0
        repeat {
            taken = try batch.receive(from: socket) { bytes, _, _ in
                let now = MonotonicClock.now()
                guard let index = crowd.agent(of: bytes.bytes),
                    let receipt = crowd.receive(bytes.bytes, at: now)
                else { return }
                if receipt.wantsReport { again.append(index) }
                if case .acknowledged = receipt,
                    let trip = crowd.agents[index].session.roundTripNanoseconds
                {
                    roundTrips.append(trip)
                }
            }
        } while taken == 64
        let now = MonotonicClock.now()
        for index in again { try send(crowd.seal(index, at: now)) }
    }

    private func obey() throws {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        let count = read(0, &buffer, buffer.count)
        guard count > 0 else {
            isEnding = true
            return
        }
        typed += buffer[..<count]
        while let end = typed.firstIndex(of: UInt8(ascii: "\n")) {
            let words = String(decoding: typed[..<end], as: UTF8.self).split(separator: " ")
            typed.removeSubrange(...end)
            try obey(words.map(String.init))
        }
    }

    private func obey(_ words: [String]) throws {
        switch words.first {
        case "figures": tellFigures()
        case "restart":
            newborn = try crowd.agents.map { try Crowd.session($0.key, master) }
            restartBegan = MonotonicClock.now()
            restartsLeft = crowd.agents.count
            waiting = .restarted
        case "await":
            for index in crowd.agents.indices { crowd.agents[index].freshAt = nil }
            waiting = .master(startedAt: words.dropFirst().first.flatMap { Int64($0) } ?? 0)
        default: isEnding = true
        }
    }

    private func tellFigures() {
        let sorted = roundTrips.sorted()
        func percentile(_ share: Double) -> Double {
            guard !sorted.isEmpty else { return -1 }
            return Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]) / 1e6
        }
        emit(
            [
                "sent": Double(sent), "round_trips": Double(sorted.count),
                "round_trip_p50_ms": percentile(0.5), "round_trip_p99_ms": percentile(0.99),
                "fresh": Double(crowd.agents.count { $0.freshAt != nil }),
            ], event: "figures")
        roundTrips.removeAll(keepingCapacity: true)
    }

    /// Says so when all agents are heard of whom it was waited.
    private func announce(at now: Int64) {
        let since: Int64?
        switch waiting {
        case .nothing: return
        case .restarted:
            guard restartsLeft == 0 else { return }
            since = nil
        case .master(let startedAt): since = startedAt
        }
        guard crowd.agents.allSatisfy({ $0.freshAt != nil }) else { return }
        let waits = crowd.agents.map { Double(($0.freshAt ?? now) - (since ?? $0.bornAt)) / 1e6 }
        emit(["slowest_ms": waits.max() ?? 0, "agents": Double(waits.count)], event: "fresh")
        waiting = .nothing
    }
}
