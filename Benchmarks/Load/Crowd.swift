// Thousands of agents in one process: real keys, real sessions, loads that do not change.

internal import Protocol

/// The agents of a benchmark, and what they say.
struct Crowd {
    /// One agent's side of the conversation with the master.
    struct Agent {
        let key: SecretKey
        var session: Session
        /// When the newest boot began, and when its first report was confirmed.
        var bornAt: Int64 = 0
        var freshAt: Int64?
    }

    var agents: [Agent]
    private let services: [ServiceID]
    private let placeOfLocator: [Locator: Int]

    let intervalMilliseconds: UInt16
    static let servicesCount = 100
    private static let requestsPerSecond: Int64 = 200

    init(
        keys: [SecretKey], master: PublicKey, intervalMilliseconds: UInt16 = 500
    ) throws {
        self.intervalMilliseconds = intervalMilliseconds
        agents = try keys.map { key in
            Agent(key: key, session: try Self.session(key, master))
        }
        services = Self.serviceNames(count: Self.servicesCount).map { ServiceID(name: $0) }
        placeOfLocator = Dictionary(
            agents.enumerated().map { ($1.session.locator, $0) },
            uniquingKeysWith: { first, _ in first })
    }

    static func session(_ key: SecretKey, _ master: PublicKey) throws -> Session {
        try Session(agentKeys: [key], masterKeys: [master], boot: Session.randomBoot())
    }

    /// Names of services whose ids differ, as the master demands of them.
    static func serviceNames(count: Int) -> [String] {
        var ids: Set<ServiceID> = []
        var names: [String] = []
        var number = 0
        while names.count < count {
            number += 1
            let name = "s\(number)"
            if ids.insert(ServiceID(name: name)).inserted { names.append(name) }
        }
        return names
    }

    /// The service that the server of an agent is in.
    static func service(of agent: Int) -> Int { agent % servicesCount }

    /// The typical report: host, pressure, one service and its requests; counters of the clock,
    /// so that rates are the same whenever it is made.
    func report(of index: Int, at now: Int64) -> Report {
        // A fifth of a core busy all the time: the same for all, and enough to weigh.
        let busy = UInt32(truncatingIfNeeded: now / 500_000)
        let id = services[Self.service(of: index)]
        return Report(
            state: .up, intervalMilliseconds: intervalMilliseconds,
            clockTenthsOfMillisecond: UInt32(truncatingIfNeeded: now / 100_000),
            host: HostLoad(
                cpuBusyTenthsOfMillisecond: busy, runnableTenthsOfMillisecond: busy,
                coresHundredths: 100, memoryAvailableTenThousandths: 5_000),
            services: [ServiceLoad(id: id, state: .up, inFlight: 3, queue: 0)],
            pressure: Pressure(
                cpuSomeTenthsOfMillisecond: busy / 10, memoryFullTenthsOfMillisecond: 0,
                ioFullTenthsOfMillisecond: 0),
            requests: [
                RequestCounters(
                    id: id,
                    requests: UInt32(
                        truncatingIfNeeded: now / 1_000 * Self.requestsPerSecond / 1_000_000),
                    errors: 0)
            ])
    }

    /// The datagrams of an agent's next report.
    mutating func seal(_ index: Int, at now: Int64) -> [[UInt8]] {
        var report = report(of: index, at: now)
        // Asked for until the master confirms, for that is when a report of this boot is applied.
        if agents[index].freshAt == nil { report.flags.insert(.acknowledgementRequested) }
        return agents[index].session.seal(report, at: now)
    }

    /// Hands an answer to the agent it is for, and says what that made of it.
    mutating func receive(_ datagram: RawSpan, at now: Int64) -> Receipt? {
        guard let header = try? Header(datagram: datagram),
            let index = placeOfLocator[header.locator]
        else { return nil }
        let receipt = agents[index].session.receive(datagram, at: now)
        if case .acknowledged(let body) = receipt, !body.isChallenge,
            agents[index].freshAt == nil
        {
            agents[index].freshAt = now
        }
        return receipt
    }

    func agent(of datagram: RawSpan) -> Int? {
        (try? Header(datagram: datagram)).flatMap { placeOfLocator[$0.locator] }
    }
}
