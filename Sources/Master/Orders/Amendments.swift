// What people's orders change of the cluster that the files declare: servers that come, and that go.

internal import Checks
internal import IPVS
internal import Protocol
internal import Settings
internal import Weighting

/// Servers beside those of the files, and those that were drained to be removed.
struct Amendments: Equatable, Sendable {
    var added: [Added] = []
    var gone: [Gone] = []

    struct Added: Equatable, Sendable {
        let server: String
        let service: String
        let destination: DestinationKey
        let capacity: Double
    }

    struct Gone: Equatable, Sendable {
        let server: String
        /// Nothing for wherever it serves.
        let service: String?
    }
}

extension OrderBook {
    /// Those of the orders in force.
    var amendments: Amendments {
        var amendments = Amendments()
        for kept in orders where kept.isInForce {
            let record = kept.record
            if record.action == .add, let service = record.service,
                let destination = record.destination.flatMap(DestinationKey.init)
            {
                amendments.added.append(
                    Amendments.Added(
                        server: record.server, service: service, destination: destination,
                        capacity: record.capacity ?? 1))
            }
            if record.goneUnixMilliseconds != nil {
                amendments.gone.append(
                    Amendments.Gone(server: record.server, service: record.service))
            }
        }
        return amendments
    }
}

extension Cluster {
    /// The same with other servers in its services.
    ///
    /// Those that the files have by now are left as they are there. Without `removes` those that
    /// are to go stay: a destination that is in the kernel and nowhere else would hold its service.
    func amended(by amendments: Amendments, removes: Bool) -> Cluster {
        var cluster = self
        var servers = Dictionary(
            servers.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
        for added in amendments.added {
            guard let index = services.firstIndex(where: { $0.name == added.service }),
                cluster.hasRoom(for: added, inService: index)
            else { continue }
            let server = servers[added.server] ?? cluster.servers.count
            if server == cluster.servers.count {
                servers[added.server] = server
                cluster.servers.append(Server(name: added.server))
            }
            cluster.services[index].members.append(
                Member(
                    server: server, destination: added.destination,
                    nominalCapacity: added.capacity))
        }
        guard removes else { return cluster }
        for gone in amendments.gone {
            guard let server = servers[gone.server] else { continue }
            for index in services.indices
            where gone.service ?? services[index].name == services[index].name {
                cluster.services[index].members.removeAll { $0.server == server }
            }
        }
        return cluster
    }

    private func hasRoom(for added: Amendments.Added, inService index: Int) -> Bool {
        let members = services[index].members
        return members.count < ServicesKeys.mostMembers
            && servers.count < ServicesKeys.mostServers
            && members.allSatisfy {
                $0.destination != added.destination && servers[$0.server].name != added.server
            }
    }
}

extension Configuration {
    /// The same as people's orders have it.
    func amended(by amendments: Amendments) -> Configuration {
        guard amendments != Amendments() else { return self }
        var configuration = self
        configuration.cluster = cluster.amended(by: amendments, removes: makesMembers)
        if var beside = shadow {
            // It has the live servers, at their places.
            beside.cluster.servers = configuration.cluster.servers
            beside.cluster = beside.cluster.amended(by: amendments, removes: makesMembers)
            configuration.shadow = beside
        }
        configuration.declaration = declaration?.with(configuration.cluster)
        // A server that people removed is checked anew when it comes back: what was found before is
        // not told twice.
        let members = Set(
            configuration.cluster.services.flatMap { service in
                service.members.map {
                    MemberKey(service: service.key, destination: $0.destination)
                }
            })
        configuration.checks = checks.filter { members.contains($0.member) }
        return configuration
    }

    /// Whether the members that are declared are those of the table.
    var makesMembers: Bool { declaration != nil }
}

extension Declaration {
    /// The same with the members that the services of a cluster have.
    ///
    /// One that is new is reached as the first of its service is.
    fileprivate func with(_ cluster: Cluster) -> Declaration {
        let members = Dictionary(
            cluster.services.map { ($0.key, $0.members) }, uniquingKeysWith: { first, _ in first })
        var declaration = self
        for index in services.indices {
            guard let wanted = members[services[index].key] else { continue }
            let known = Dictionary(
                services[index].members.map { ($0.key, $0) },
                uniquingKeysWith: { first, _ in first })
            let forwarding = services[index].members.first?.setup.forwarding ?? .masquerading
            declaration.services[index].members = wanted.map { member in
                known[member.destination]
                    ?? Member(
                        key: member.destination, setup: DestinationSetup(forwarding: forwarding),
                        capacity: member.nominalCapacity)
            }
        }
        return declaration
    }
}
