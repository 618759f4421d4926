// What one core takes: datagrams that wait in a socket's buffer, bare and with all that follows.

internal import CountedMemory
internal import Daemon
internal import Protocol
internal import Weighting

/// Fills a socket, then empties it against the clock; nobody sends meanwhile.
struct ReceiveBench: ~Copyable {
    private var crowd: Crowd
    private var receiver: Receiver
    private var balancer: Balancer
    private let rounds: Int
    private let socket: UDPSocket
    private let back: UDPSocket
    private let batch: DatagramBatch
    private var report = Report.empty
    private var reply: [UInt8] = []
    private var prober: Prober
    private var paths: [ReturnPath]
    private var expected = [Int?](repeating: nil, count: ReceiveBench.batchCount)
    private var now: Int64 = 1_000_000_000

    /// As the master has them.
    private static let batchCount = 64
    private static let receiveBytes = 256 << 20
    /// Reports of each agent in one filling.
    private static let passes = 4

    init(agents count: Int, rounds: Int) throws {
        let master = SecretKey.generate()
        let keys = (0..<count).map { _ in SecretKey.generate() }
        let crowd = try Crowd(keys: keys, master: master.publicKey)
        let receiver = try Receiver(
            secretKeys: [master],
            agents: keys.enumerated().map { ("a\($0)", [$1.publicKey]) }, identity: .generate())
        let socket = try UDPSocket(
            listeningOn: Self.loopback(port: 0), receiveBytes: Self.receiveBytes)
        guard let address = socket.localAddress else { throw BenchError.noAddress }
        let back = try UDPSocket(connectedTo: address)
        let batch = try DatagramBatch(
            count: Self.batchCount, byteCount: Envelope.mostByteCount + 1)
        self.init(crowd, receiver, rounds: rounds, socket, back, batch)
    }

    private init(
        _ crowd: Crowd, _ receiver: Receiver, rounds: Int, _ socket: consuming UDPSocket,
        _ back: consuming UDPSocket, _ batch: consuming DatagramBatch
    ) {
        self.crowd = crowd
        self.receiver = receiver
        self.rounds = rounds
        self.socket = socket
        self.back = back
        self.batch = batch
        let count = crowd.agents.count
        balancer = Balancer(Self.cluster(count))
        prober = Prober(count: count)
        paths = Array(repeating: ReturnPath(), count: count)
        reply.reserveCapacity(Envelope.mostByteCount)
    }

    private static func loopback(port: UInt16) throws -> SocketAddress {
        guard let address = SocketAddress(host: "127.0.0.1", port: port) else {
            throw BenchError.noAddress
        }
        return address
    }

    private static func cluster(_ count: Int) -> Cluster {
        let names = Crowd.serviceNames(count: Crowd.servicesCount)
        let services = names.enumerated().map { service, name in
            Cluster.Service(
                name: name, key: .address(.v4(UInt32(service)), port: 80, .tcp),
                members: (0..<count).filter { Crowd.service(of: $0) == service }.map {
                    Cluster.Member(
                        server: $0,
                        destination: DestinationKey(address: .v4(UInt32($0)), port: 80))
                })
        }
        return Cluster(
            servers: (0..<count).map { Cluster.Server(name: "a\($0)") }, services: services)
    }

    mutating func run() throws {
        try shakeHands()
        // Untimed, so that memory is there that is used over and over.
        _ = try round()
        var taken: [Round] = []
        for _ in 0..<rounds { taken.append(try round()) }
        func best(_ figure: (Round) -> Double) -> Double { taken.map(figure).max() ?? 0 }
        let bare = best(\.bare)
        for (name, value) in [
            ("bare", bare), ("decode", best(\.decode)), ("whole", best(\.whole)),
            ("whole_with_replies", best(\.answering)),
        ] {
            let ratio = name == "bare" ? "" : ", \"reference\": \(bare), \"ratio\": \(value / bare)"
            print(
                "{\"bench\": \"receive\", \"name\": \"\(name)\", \"value\": \(value), "
                    + "\"unit\": \"datagrams/s\"\(ratio)}")
        }
        let allocations = taken.map(\.allocationsPerDatagram).max() ?? 0
        print(
            "{\"bench\": \"receive\", \"name\": \"allocations\", \"value\": \(allocations), "
                + "\"unit\": \"1/datagram\"}")
    }

    /// Datagrams a second, by what was done with them.
    private struct Round {
        var bare = 0.0
        var decode = 0.0
        var whole = 0.0
        var answering = 0.0
        var allocationsPerDatagram = 0.0
    }

    /// Every agent is granted a cookie, and reports once with it.
    private mutating func shakeHands() throws {
        for index in crowd.agents.indices {
            for _ in 0..<2 {
                // The master answers so many a second and no more.
                now += 100_000
                for datagram in crowd.seal(index, at: now) {
                    converse(datagram)
                }
            }
        }
    }

    /// One datagram to the master, and its answer to the agent.
    private mutating func converse(_ datagram: [UInt8]) {
        _ = take(datagram.span.bytes)
        let answer = reply
        if !answer.isEmpty { _ = crowd.receive(answer.span.bytes, at: now) }
    }

    private mutating func round() throws -> Round {
        var round = Round()
        try renewCookies()
        let sealed = seal()
        try fill(sealed)
        round.bare = try empty(.none)

        var remarks: Remarks = []
        let bodies = sealed.map { Array($0[Header.byteCount..<($0.count - Envelope.tagByteCount)]) }
        var scratch = Report.empty
        let start = MonotonicClock.now()
        for body in bodies { try scratch.decode(body: body.span.bytes, remarks: &remarks) }
        round.decode = Double(bodies.count) / (Double(MonotonicClock.now() - start) / 1e9)

        let before = receiver.total.applied
        try fill(sealed)
        let allocations = counted_allocations()
        round.whole = try empty(.take)
        round.allocationsPerDatagram =
            Double(counted_allocations() - allocations) / Double(sealed.count)
        guard receiver.total.applied - before == UInt64(sealed.count) else {
            throw BenchError.notApplied(
                sealed.count - Int(receiver.total.applied - before), "\(receiver.total.named)")
        }

        now += 5_000_000_000
        try fill(seal(passes: 1))
        round.answering = try empty(.answer)
        return round
    }

    /// A cookie lasts four seconds before the agent asks for another.
    private mutating func renewCookies() throws {
        now += 5_000_000_000
        for index in crowd.agents.indices {
            for datagram in crowd.seal(index, at: now) {
                converse(datagram)
            }
            now += 50_000
        }
    }

    private mutating func seal(passes: Int = ReceiveBench.passes) -> [[UInt8]] {
        var sealed: [[UInt8]] = []
        for _ in 0..<passes {
            now += 500_000_000
            for index in crowd.agents.indices { sealed += crowd.seal(index, at: now) }
        }
        return sealed
    }

    private func fill(_ datagrams: [[UInt8]]) throws {
        for datagram in datagrams {
            try datagram.withUnsafeBytes { try back.send($0) }
        }
    }

    /// Datagrams a second until none is left.
    private mutating func empty(_ work: Work) throws -> Double {
        let start = MonotonicClock.now()
        var count = 0
        while true {
            let taken = try batch.fill(from: socket)
            if taken == 0 { break }
            count += taken
            guard work != .none else { continue }
            expect(taken)
            for place in 0..<taken {
                let outcome = take(batch[place].bytes)
                remember(place, outcome)
                if work == .answer, !reply.isEmpty {
                    _ = reply.withUnsafeBytes { batch.reply(to: place, over: socket, with: $0) }
                }
            }
        }
        return Double(count) / (Double(MonotonicClock.now() - start) / 1e9)
    }

    /// What is done with datagrams.
    private enum Work {
        case none
        case take
        case answer
    }

    /// What the master's loop does before it takes the first datagram of a batch.
    private mutating func expect(_ count: Int) {
        for place in 0..<count { receiver.expect(batch[place].bytes) }
        for place in 0..<count {
            expected[place] = receiver.agentExpected(by: batch[place].bytes)
        }
        for place in 0..<count {
            guard let agent = expected[place] else { continue }
            prober.expect(agent: agent)
            balancer.expect(server: agent)
        }
        for place in 0..<count {
            if let server = expected[place] { balancer.expectMembers(ofServer: server) }
        }
    }

    /// What the master's loop does with a datagram.
    private mutating func take(_ datagram: RawSpan) -> Outcome {
        let outcome = receiver.take(datagram, at: now, into: &report, reply: &reply)
        if case .applied(let applied) = outcome {
            prober.hear(applied, report, at: now)
            balancer.hear(
                report,
                Event.Heard(
                    server: applied.agent, boot: applied.header.instance,
                    isDuplicateIdentity: applied.isDuplicateIdentity,
                    at: Instant(nanoseconds: UInt64(now))))
        }
        return outcome
    }

    /// The way back, for a probe.
    private mutating func remember(_ place: Int, _ outcome: Outcome) {
        guard case .applied(let applied) = outcome, applied.isNewBoot || !reply.isEmpty
        else { return }
        paths[applied.agent] = batch.path(of: place)
    }
}

enum BenchError: Error {
    case noAddress
    case notApplied(Int, String)
    case notDecided
}
