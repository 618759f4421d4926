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

    static func sender() -> Sender { Sender(keys: keys, boot: boot) }

    static func receiver(
        secretKeys: [SecretKey] = [masterKey],
        agents: [(name: String, publicKeys: [PublicKey])] = [("s1", [agentKey.publicKey])]
    ) throws(RosterError) -> Receiver {
        try Receiver(secretKeys: secretKeys, agents: agents)
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

extension Receiver {
    /// What becomes of a datagram, as a value to compare.
    mutating func outcome(_ datagram: [UInt8]) -> Result<Verified, Refusal> {
        do throws(Refusal) {
            return .success(try open(datagram.span.bytes))
        } catch {
            return .failure(error)
        }
    }

    mutating func refusal(_ datagram: [UInt8]) -> Refusal? {
        switch outcome(datagram) {
        case .success: nil
        case .failure(let refusal): refusal
        }
    }
}
