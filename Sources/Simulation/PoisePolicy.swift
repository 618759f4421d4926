// Poise in the simulation: the same balancer as in the master, fed with reports and tables.

internal import Protocol
internal import Weighting

/// Closes the loop around ``Balancer``.
struct PoisePolicy: WeightPolicy {
    let interval: Double
    private var balancer: Balancer
    private let scheduler: Scheduler
    /// Faults that the balancer found in plans of its own; there should be none.
    private(set) var violationCount = 0

    private static let key = ServiceKey.address(.v4(0x0A00_0064), port: 80, .tcp)
    private static let service = "simulated"
    private static let serviceID = ServiceID(name: service)
    private static let firstAddress: UInt32 = 0x0A01_0000

    init(servers: Int, scheduler: Scheduler, policy: Policy) {
        interval = policy.interval
        self.scheduler = scheduler
        balancer = Balancer(
            Cluster(
                servers: (0..<servers).map { Cluster.Server(name: "r\($0)") },
                services: [
                    Cluster.Service(
                        name: Self.service, key: Self.key,
                        members: (0..<servers).map {
                            Cluster.Member(server: $0, destination: Self.destination($0))
                        })
                ], policy: policy))
    }

    private static func destination(_ server: Int) -> DestinationKey {
        DestinationKey(address: .v4(firstAddress + UInt32(server)), port: 80)
    }

    private static func server(_ destination: DestinationKey) -> Int? {
        guard case .v4(let bits) = destination.address else { return nil }
        return Int(bits - firstAddress)
    }

    /// The master's clock; 0 is the second before the simulation.
    private static func instant(_ now: Double) -> Instant {
        Instant(nanoseconds: 1_000_000_000).advanced(bySeconds: now)
    }

    mutating func hear(_ message: Message, at now: Double) {
        let report = Report(
            state: .up, intervalMilliseconds: UInt16(interval * 1_000),
            clockTenthsOfMillisecond: Self.counter(message.sentAt),
            host: HostLoad(
                cpuBusyTenthsOfMillisecond: Self.counter(message.busySeconds),
                runnableTenthsOfMillisecond: Self.counter(message.runnableSeconds),
                coresHundredths: UInt16(clamping: message.cores * 100),
                memoryAvailableTenThousandths: 10_000),
            services: [
                ServiceLoad(
                    id: Self.serviceID, state: .up, inFlight: UInt64(message.inFlight),
                    loadTenThousandths: UInt16(message.utilisation * 10_000))
            ],
            // Neither memory nor storage is modelled: nothing ever waits for them.
            pressure: Pressure(
                cpuSomeTenthsOfMillisecond: Self.counter(message.pressureSeconds),
                memoryFullTenthsOfMillisecond: 0, ioFullTenthsOfMillisecond: 0),
            requests: [
                RequestCounters(
                    id: Self.serviceID, requests: UInt32(truncatingIfNeeded: message.requests),
                    errors: UInt32(truncatingIfNeeded: message.errors))
            ])
        _ = balancer.take(
            .report(
                report,
                Event.Heard(server: message.server, boot: message.boot, at: Self.instant(now))))
    }

    /// Seconds as reports count them, modulo 2³².
    private static func counter(_ seconds: Double) -> UInt32 {
        UInt32(truncatingIfNeeded: Int64(seconds * 10_000))
    }

    mutating func decide(on director: inout Director, truth: [Truth], at now: Double) {
        let table = table(director)
        guard let decision = balancer.take(.tick(at: Self.instant(now), table: table)) else {
            return
        }
        violationCount += decision.violations.count
        for case .setWeight(_, let destination, _, let weight, _) in decision.plan.steps {
            guard let server = Self.server(destination) else { continue }
            director.setWeight(server, to: weight.rawValue)
        }
        _ = balancer.take(.applied(decision.plan.steps))
    }

    private func table(_ director: Director) -> Table {
        var destinations: [Table.Destination] = []
        destinations.reserveCapacity(director.destinations.count)
        for (server, held) in director.destinations.enumerated() where !held.isAbsent {
            destinations.append(
                Table.Destination(
                    key: Self.destination(server), weight: held.weight,
                    activeConnections: held.active, inactiveConnections: held.inactive,
                    scheduledConnections: UInt64(held.scheduled)))
        }
        return Table(services: [
            Table.Service(key: Self.key, scheduler: scheduler, destinations: destinations)
        ])
    }

    /// What keepalived gives a server that its configuration says nothing of.
    mutating func weightOfReturning(_ server: Int, _ director: Director, at now: Double) -> Int {
        1
    }
}
