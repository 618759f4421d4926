// What the targets share: keys that both ends hold, an agent that has sent reports, one report.

enum Harness {
    static let start: Int64 = 100_000_000_000
    static let agentKey = key(1)
    static let masterKey = key(101)
    static let keys = sessionKeys()
    static let report = Report(
        state: .up, intervalMilliseconds: 500, clockTenthsOfMillisecond: 36_000_000,
        host: HostLoad(cpuBusyTenthsOfMillisecond: 51_840_000, coresHundredths: 400),
        services: [ServiceLoad(id: ServiceID(name: "web"), state: .up, inFlight: 37)])

    /// An agent that has sent eight reports and heard nothing yet.
    static let session = {
        var session = newSession()
        for _ in 0..<8 { _ = session.seal(report, at: start) }
        return session
    }()

    /// A master of one agent that has heard nothing yet.
    static let receiver: Receiver = {
        let receiver = try? Receiver(
            secretKeys: [masterKey], agents: agents,
            identity: MasterIdentity(secret: (1, 2), instance: 0xA55E_0001))
        guard let receiver else { fatalError("the fixed keys are a list") }
        return receiver
    }()

    static let agents = [(name: "s1", publicKeys: [agentKey.publicKey])]

    static func newSession() -> Session {
        let session = try? Session(
            agentKeys: [agentKey], masterKeys: [masterKey.publicKey], boot: 0x0B00_1234)
        guard let session else { fatalError("the fixed keys make a session") }
        return session
    }

    private static func key(_ first: UInt8) -> SecretKey {
        guard let key = SecretKey(bytes: (0..<32).map { first + $0 }) else {
            fatalError("32 bytes are a key")
        }
        return key
    }

    private static func sessionKeys() -> SessionKeys {
        guard let keys = SessionKeys(agent: agentKey, master: masterKey.publicKey) else {
            fatalError("the fixed keys agree")
        }
        return keys
    }
}

/// The fuzzer's bytes, read from their beginning; zeros after their end.
struct Tape: ~Copyable {
    private let bytes: [UInt8]
    private var place = 0

    init(_ input: RawSpan) { bytes = input.withUnsafeBytes { Array($0) } }

    var isAtEnd: Bool { place >= bytes.count }

    mutating func byte() -> UInt8 { take(1).first ?? 0 }

    mutating func number() -> UInt32 { take(4).reduce(0) { $0 << 8 | UInt32($1) } }

    mutating func take(_ count: Int) -> [UInt8] {
        let taken = Array(bytes[place..<min(place + count, bytes.count)])
        place += taken.count
        return taken
    }
}
