// From the UDP sockets to reports that may be believed, and the answers back.

internal import CLinux
internal import Daemon
internal import Protocol
internal import Weighting

/// The sockets that reports arrive at, and what verifies them.
///
/// Belongs to the thread of the control loop. Receiving allocates nothing.
struct Reception: ~Copyable {
    private let sockets: [ListeningSocket]
    private let batch: DatagramBatch
    private var receiver: Receiver
    private var prober: Prober
    /// Of each agent the way that its newest report came that was applied, and answered or the
    /// first of its boot.
    private var ways: [Way]
    private var directive: Directive?
    private var directiveVersion: UInt8 = 0
    /// Takes one report after the other.
    private var report = Report.empty
    private var reply: [UInt8] = []
    /// Of the newest batch, the agents whose datagrams may be in it.
    private var expected = [Int](repeating: 0, count: Reception.batchCount)

    private struct Way {
        var socket = 0
        var path = ReturnPath()
    }

    /// Room for a second of 10,000 agents at 2 reports/s; the kernel counts about 1 kB for each.
    static let receiveBytes = 16 << 20
    /// Datagrams for one call to the kernel.
    static let batchCount = 64
    /// Batches from one socket before ticks and signals have their turn.
    static let batchesInTurn = 16

    init(_ configuration: Configuration) throws {
        let sockets = try configuration.reports.map { try ListeningSocket($0) }
        // One byte more than the protocol allows, so that what is too long is seen to be.
        let batch = try DatagramBatch(
            count: Self.batchCount, byteCount: Envelope.mostByteCount + 1)
        self.init(configuration, sockets, batch)
    }

    private init(
        _ configuration: Configuration, _ sockets: [ListeningSocket],
        _ batch: consuming DatagramBatch
    ) {
        self.sockets = sockets
        self.batch = batch
        receiver = Receiver(configuration.roster, identity: .generate())
        let count = configuration.roster.names.count
        prober = Prober(count: count)
        ways = Array(repeating: Way(), count: count)
        reply.reserveCapacity(Envelope.mostByteCount)
        tellAgents(by: configuration)
    }

    /// Takes the keys of another configuration; the sockets stay.
    mutating func adopt(_ configuration: Configuration, at now: Int64) {
        let kept = receiver.adopt(configuration.roster)
        let old = ways
        ways = kept.map { $0.map { old[$0] } ?? Way() }
        prober.adopt(kept, at: now) { receiver.keyInUse(agent: $0) != nil }
        tellAgents(by: configuration)
        // Whose key was just dropped hears by another one, before a report of it is missed.
        probe(at: now)
    }

    private mutating func tellAgents(by configuration: Configuration) {
        entitle(by: configuration)
        if configuration.directive != directive {
            directive = configuration.directive
            // 1 to 255, and round again.
            directiveVersion = directiveVersion % .max + 1
        }
        for agent in configuration.roster.names.indices {
            receiver.setDirective(agent: agent, directive, version: directiveVersion)
        }
    }

    /// An agent speaks for the services that its server is in, and for no others.
    private mutating func entitle(by configuration: Configuration) {
        var services = configuration.cluster.servers.map { _ in [ServiceID]() }
        for service in configuration.cluster.services {
            let id = ServiceID(name: service.name)
            for member in service.members { services[member.server].append(id) }
        }
        for (agent, server) in configuration.serverOfAgent.enumerated() {
            receiver.entitle(agent: agent, to: server.map { services[$0] } ?? [])
        }
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
    func keyInUse(agent: Int) -> PublicKey? { receiver.keyInUse(agent: agent) }
    func probes(toAgent index: Int) -> Prober.Count { prober.count(ofAgent: index) }

    func isDuplicateIdentity(agent: Int, at now: Instant) -> Bool {
        receiver.isDuplicateIdentity(agent: agent, at: Int64(now.nanoseconds))
    }

    /// Datagrams since the start that the kernel had no room for.
    var droppedByKernel: UInt64 { sockets.reduce(0) { $0 + $1.dropped } }

    /// Says what the next answers tell an agent of its services.
    mutating func tell(agent: Int, _ standings: [ServiceStanding]) {
        receiver.setStandings(agent: agent, standings)
    }

    /// Asks agents that miss a report whether they live, by the way that they were heard last.
    mutating func probe(at now: Int64) {
        prober.ask(at: now) { agent in
            let nonce = UInt32.random(in: 1...UInt32.max)
            guard receiver.probe(agent: agent, nonce: nonce, at: now, into: &reply) else {
                return false
            }
            let way = ways[agent]
            // One that is lost is sent again.
            _ = reply.withUnsafeBytes { sockets[way.socket].socket.send($0, back: way.path) }
            return true
        }
    }

    /// Takes what waits at one socket, answers what asks for it, and hands on what may be believed.
    ///
    /// `foresee` is told whose reports may come now, so that what is known of these agents is at
    /// hand when they do.
    mutating func receive(
        at index: Int, now: Int64, foresee: (_ agents: Span<Int>) -> Void,
        _ body: (Applied, borrowing Report) -> Void
    ) throws(SystemError) {
        let listening = sockets[index]
        for _ in 0..<Self.batchesInTurn {
            let count = try batch.fill(from: listening.socket)
            foresee(expect(count).span)
            for place in 0..<count {
                let outcome = receiver.take(
                    batch[place].bytes, at: now, into: &report, reply: &reply)
                if !reply.isEmpty {
                    // One that is lost is asked for again.
                    _ = reply.withUnsafeBytes {
                        batch.reply(to: place, over: listening.socket, with: $0)
                    }
                }
                // What was refused is counted where it was refused.
                guard case .applied(let applied) = outcome else { continue }
                // Each agent asks for an answer every few seconds; remembering the way of each
                // report would cost a tenth of all the work.
                if applied.isNewBoot || !reply.isEmpty {
                    ways[applied.agent] = Way(socket: index, path: batch.path(of: place))
                }
                prober.hear(applied, report, at: now)
                body(applied, report)
            }
            if count > 0, let dropped = batch.droppedCount(at: count - 1) {
                listening.countDrops(dropped)
            }
            guard count == Self.batchCount else { return }
        }
    }

    /// Asks for what the batch needs, and says whose reports may be in it.
    private mutating func expect(_ count: Int) -> ArraySlice<Int> {
        for place in 0..<count { receiver.expect(batch[place].bytes) }
        var known = 0
        for place in 0..<count {
            guard let agent = receiver.agentExpected(by: batch[place].bytes) else { continue }
            prober.expect(agent: agent)
            expected[known] = agent
            known += 1
        }
        return expected[..<known]
    }
}

/// A socket that several may hold: an array takes no type that cannot be copied.
private final class ListeningSocket {
    let socket: UDPSocket
    private(set) var dropped: UInt64 = 0
    private var droppedModulo: UInt32 = 0

    init(_ address: SocketAddress) throws(ListeningError) {
        do throws(SystemError) {
            socket = try UDPSocket(listeningOn: address, receiveBytes: Reception.receiveBytes)
        } catch {
            throw ListeningError(address: address, error: error)
        }
    }

    /// The kernel's own count, which begins anew after 2³².
    func countDrops(_ modulo: UInt32) {
        dropped += UInt64(modulo &- droppedModulo)
        droppedModulo = modulo
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
