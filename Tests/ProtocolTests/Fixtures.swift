// What the tests of this target share: two fixed key pairs and one report as agents send it.

@testable import Protocol

enum Fixture {
    /// Private keys for tests only: the bytes 1 to 32 and 101 to 132.
    static let agentKey = key(from: 1)
    static let masterKey = key(from: 101)
    static let boot: UInt32 = 0x0B00_1234

    static var keys: SessionKeys { keys(agentKey, masterKey) }

    /// A server with 4 cores and one service: 20 + 12 + 14 + 12 + 14 + 14 + 16 = 102 bytes.
    static let typicalReport = Report(
        state: .up, intervalMilliseconds: 500, sampleAgeMilliseconds: 20,
        clockTenthsOfMillisecond: 36_000_000,
        host: HostLoad(
            cpuBusyTenthsOfMillisecond: 51_840_000, runnableTenthsOfMillisecond: 60_480_000,
            coresHundredths: 400, memoryAvailableTenThousandths: 6250),
        services: [
            ServiceLoad(
                id: ServiceID(name: "web"), state: .up, inFlight: 37, queue: 2,
                loadTenThousandths: nil)
        ],
        pressure: Pressure(
            cpuSomeTenthsOfMillisecond: 120_000, memoryFullTenthsOfMillisecond: 0,
            ioFullTenthsOfMillisecond: 4500),
        requests: [
            RequestCounters(
                id: ServiceID(name: "web"), p99Microseconds: 84_992, requests: 190_000, errors: 12)
        ])

    /// An agent's side with these keys and the fixed boot.
    static func session(
        agentKeys: [SecretKey] = [agentKey], masterKeys: [PublicKey] = [masterKey.publicKey]
    ) throws(SessionError) -> Session {
        try Session(agentKeys: agentKeys, masterKeys: masterKeys, boot: boot)
    }

    static let identity = MasterIdentity(secret: (1, 2), instance: 0x0A00_5678)

    static func receiver(
        secretKeys: [SecretKey] = [masterKey],
        agents: [(name: String, publicKeys: [PublicKey])] = [("s1", [agentKey.publicKey])]
    ) throws(RosterError) -> Receiver {
        try Receiver(secretKeys: secretKeys, agents: agents, identity: identity)
    }

    /// What the master of ``identity`` grants to the fixed pair of keys.
    ///
    /// Generation 1 is of the first boot that it adopts.
    static func cookie(boot: UInt32 = boot, generation: UInt32 = 1, at now: Int64 = 0) -> UInt32 {
        Freshness(identity).cookie(
            boot: boot, generation: generation, locator: keys.locator, at: now)
    }

    /// One datagram of the fixed pair, with any header.
    static func seal(
        _ report: Report = typicalReport, sequence: UInt32, boot: UInt32 = boot,
        cookie: UInt32 = 0, extra: [UInt8] = []
    ) -> [UInt8] {
        let header = Header(
            type: .report, locator: keys.locator, instance: boot, sequence: sequence,
            cookie: cookie)
        return Envelope.seal(header, body: report.encoded() + extra, key: keys.toMaster)
    }

    static func keys(_ agent: SecretKey, _ master: SecretKey) -> SessionKeys {
        guard let keys = SessionKeys(agent: agent, master: master.publicKey) else {
            preconditionFailure("the fixed keys agree")
        }
        return keys
    }

    static func key(from first: UInt8) -> SecretKey {
        guard let key = SecretKey(bytes: (0..<32).map { first + $0 }) else {
            preconditionFailure("32 bytes are a key")
        }
        return key
    }
}

/// What one call of a receiver came to.
struct Taken {
    let outcome: Outcome
    let report: Report
    let reply: [UInt8]

    var applied: Applied? {
        if case .applied(let applied) = outcome { applied } else { nil }
    }

    var refusal: Refusal? {
        if case .refused(let refusal) = outcome { refusal } else { nil }
    }

    var isChallenged: Bool {
        if case .challenged = outcome { true } else { false }
    }

    /// The body of the reply; `nil` when there is none.
    var acknowledgement: Acknowledgement? { try? Acknowledgement(datagram: reply) }
}

extension Receiver {
    mutating func take(_ datagram: [UInt8], at now: Int64 = 0) -> Taken {
        var report = Report.empty
        var reply: [UInt8] = []
        let outcome = take(datagram.span.bytes, at: now, into: &report, reply: &reply)
        return Taken(outcome: outcome, report: report, reply: reply)
    }
}

extension Session {
    mutating func receive(_ datagram: [UInt8], at now: Int64) -> Receipt {
        receive(datagram.span.bytes, at: now)
    }

    /// Tells a report to a master as the programs do, over a path that loses nothing.
    @discardableResult
    mutating func tell(
        _ report: Report = Fixture.typicalReport, to receiver: inout Receiver, at now: Int64
    ) -> [Taken] {
        var taken: [Taken] = []
        var waiting = seal(report, at: now)
        while !waiting.isEmpty {
            let one = receiver.take(waiting.removeFirst(), at: now)
            taken.append(one)
            if !one.reply.isEmpty, receive(one.reply, at: now).wantsReport {
                waiting += seal(report, at: now)
            }
        }
        return taken
    }
}

extension Acknowledgement {
    init(datagram: [UInt8]) throws(Refusal) {
        guard datagram.count >= Self.leastDatagramByteCount else { throw .tooShort }
        let bytes = datagram.span.bytes
        try self.init(body: bytes.extracting(Envelope.body(ofByteCount: datagram.count)))
    }
}

extension Report {
    init(datagram: [UInt8], remarks: inout Remarks) throws(Refusal) {
        guard datagram.count >= Self.leastDatagramByteCount else { throw .tooShort }
        let bytes = datagram.span.bytes
        try self.init(
            body: bytes.extracting(Envelope.body(ofByteCount: datagram.count)), remarks: &remarks)
    }
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
