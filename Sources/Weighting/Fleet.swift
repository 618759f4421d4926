// What is known of every server and member between decisions.

internal import Protocol

/// Memory of the balancer: reports end here, decisions read from here.
struct Fleet: Sendable {
    private(set) var cluster: Cluster
    /// Parallel to `cluster.servers`.
    private(set) var hosts: [Host]
    /// Parallel to `cluster.services` and their members.
    var services: [ServiceMemory]

    /// What is known of a server as a whole.
    struct Host: Equatable, Sendable {
        var lastReport: Report?
        var heardAt: Instant?
    }

    struct ServiceMemory: Equatable, Sendable {
        let id: ServiceID
        var members: [Member]
        /// The mean weight used before, so that it does not hunt.
        var meanWeight: Double?
    }

    struct Member: Equatable, Sendable {
        var estimate = Estimate()
        /// The share decided before, 1 the mean; nothing until the kernel's was read.
        var previousShare: Double?
        /// As of the newest tick; stands in for the requests that an agent does not count.
        var kernelConnections: UInt64?
        /// Whether the newest report could be used for load.
        var hasLoad = false
    }

    init(_ cluster: Cluster) {
        self.cluster = cluster
        hosts = cluster.servers.map { _ in Host() }
        services = cluster.services.map { service in
            ServiceMemory(
                id: ServiceID(name: service.name),
                members: service.members.map { _ in Member() })
        }
    }

    /// Takes a new configuration and keeps what is known of everything that is in both.
    mutating func adopt(_ next: Cluster) {
        var adopted = Fleet(next)
        for (index, server) in next.servers.enumerated() {
            guard let old = cluster.servers.firstIndex(of: server) else { continue }
            adopted.hosts[index] = hosts[old]
        }
        for (index, service) in next.services.enumerated() {
            guard
                let old = cluster.services.firstIndex(where: {
                    $0.name == service.name && $0.key == service.key
                })
            else { continue }
            adopted.services[index].meanWeight = services[old].meanWeight
            for (place, member) in service.members.enumerated() {
                let name = next.servers[member.server].name
                let oldPlace = cluster.services[old].members.firstIndex {
                    cluster.servers[$0.server].name == name
                        && $0.destination == member.destination
                }
                guard let oldPlace else { continue }
                adopted.services[index].members[place] = services[old].members[oldPlace]
            }
        }
        self = adopted
    }

    /// A report arrived.
    mutating func hear(_ heard: Event.Heard) {
        guard hosts.indices.contains(heard.server) else { return }
        hosts[heard.server].lastReport = heard.report
        hosts[heard.server].heardAt = heard.at

        for (index, service) in cluster.services.enumerated() {
            for (place, member) in service.members.enumerated() where member.server == heard.server
            {
                hear(heard, service: index, place: place)
            }
        }
    }

    private mutating func hear(_ heard: Event.Heard, service: Int, place: Int) {
        let memory = services[service]
        let sample = CounterSample(
            heard: heard, service: memory.id,
            kernelConnections: memory.members[place].kernelConnections)
        services[service].members[place].hasLoad = sample != nil
        // A stale sample says how the server was, not how it is: its state counts, its load not.
        guard let sample, !heard.report.isSampleStale else { return }
        services[service].members[place].estimate.hear(sample, policy: cluster.policy)
    }

    /// How long ago the newest report of a server arrived; nothing when none did.
    func reportAgeSeconds(server: Int, at now: Instant) -> Double? {
        hosts[server].heardAt.map { now.seconds(since: $0) }
    }

    /// Whether the report that the newest one promised is missing.
    ///
    /// Half an interval of grace covers the path and the agent's own delays.
    func isLate(server: Int, at now: Instant) -> Bool {
        guard let age = reportAgeSeconds(server: server, at: now),
            let promised = hosts[server].lastReport?.intervalMilliseconds
        else { return true }
        return age > 1.5 * Double(promised) / 1000
    }

    /// Whether a server's newest report is recent enough to act on.
    func isFresh(server: Int, at now: Instant) -> Bool {
        guard let age = reportAgeSeconds(server: server, at: now) else { return false }
        let promised = Double(hosts[server].lastReport?.intervalMilliseconds ?? 0) / 1000
        return age <= max(cluster.policy.silence, 5 * max(cluster.policy.interval, promised))
    }
}
