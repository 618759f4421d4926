// From the services of all files to one cluster; names and addresses that clash are reported.

internal import Protocol
internal import Settings
internal import Weighting

/// What all files of services declare together.
struct ClusterAssembly {
    let services: [DeclaredService]
    let reporter: Reporter

    /// Meaningful only when nothing was reported.
    func cluster(policies: Policies) -> Cluster {
        reportClashes()
        let names = serverNames
        if names.count > ServicesKeys.mostServers, let place = services.last?.place {
            reporter.error(
                place, "\(names.count) servers are declared in all",
                remedy: "at most \(ServicesKeys.mostServers) are allowed")
        }
        let indices = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
        return Cluster(
            servers: names.map(Cluster.Server.init(name:)),
            services: services.compactMap { service in
                guard let key = service.key?.value else { return nil }
                let members = service.members.compactMap { member in
                    indices[member.name].map {
                        Cluster.Member(
                            server: $0, destination: member.destination,
                            nominalCapacity: member.capacity)
                    }
                }
                return Cluster.Service(
                    name: service.name, key: key, members: members,
                    policy: service.policy.flatMap {
                        policies.policy(named: $0, reporter: reporter)
                    }, hasChecks: !service.checks.isEmpty, onFailure: service.setup.onFailure,
                    quorum: service.quorum, sorry: service.setup.sorry?.destination)
            },
            policy: policies.common)
    }

    /// What `cluster` would do with the policies that services have for shadows; nothing
    /// without any.
    func shadow(of cluster: Cluster, policies: Policies) -> ShadowCluster? {
        var shadow = ShadowCluster(
            cluster: Cluster(
                servers: cluster.servers, services: [], policy: cluster.policy), names: [:])
        let found = Dictionary(
            services.compactMap { service in service.shadow.map { (service.name, $0) } },
            uniquingKeysWith: { first, _ in first })
        guard !found.isEmpty else { return nil }
        let servers = Set(
            cluster.services.filter { found[$0.name] != nil }.flatMap(\.members).map(\.server))
        for service in cluster.services {
            if let name = found[service.name] {
                guard let policy = policies.policy(named: name, reporter: reporter) else {
                    continue
                }
                shadow.names[service.key] = name.value
                shadow.cluster.services.append(
                    Cluster.Service(
                        name: service.name, key: service.key, members: service.members,
                        policy: policy))
            } else if service.members.contains(where: { servers.contains($0.server) }) {
                // A server in several services is one machine: what the others take of it counts.
                shadow.cluster.services.append(service)
            }
        }
        return shadow.names.isEmpty ? nil : shadow
    }

    /// In the order of their bytes, as the agents are.
    private var serverNames: [String] {
        Set(services.flatMap { $0.members.map(\.name) })
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// A table as somebody would have set it up in the kernel, by what servers can carry.
    var table: Table {
        Table(
            services: services.compactMap { service in
                guard let key = service.key?.value, let scheduler = service.scheduler?.value else {
                    return nil
                }
                return Table.Service(
                    key: key, scheduler: scheduler,
                    destinations: service.members.map {
                        Table.Destination(
                            key: $0.destination, weight: max(1, Int($0.capacity.rounded())))
                    })
            })
    }

    /// A server whose agent has no key cannot report, and a key without a server reports in vain.
    func reportLonely(agents: [AgentFile], folder: String, isComplete: Bool) {
        let agentNames = Set(agents.map(\.name))
        var seen: Set<String> = []
        for service in services {
            for member in service.members
            where !agentNames.contains(member.name) && seen.insert(member.name).inserted {
                let near = Suggestion.nearest(to: member.name, in: agents.map(\.name))
                reporter.warning(
                    member.namePlace,
                    "server \"\(member.name)\" has no key, so its weight will hold",
                    remedy: (near.map { "did you mean \"\($0)\"? " } ?? "")
                        + "put its agent's public key into \(Files.join(folder, member.name)).pub")
            }
        }
        guard isComplete else { return }
        let serverNames = Set(serverNames)
        for agent in agents where !serverNames.contains(agent.name) {
            reporter.warning(
                path: agent.path, "no service has a server \"\(agent.name)\"",
                remedy: "add the server to a service, or remove this key")
        }
    }
}

extension ClusterAssembly {
    private func reportClashes() {
        if services.count > ServicesKeys.mostServices, let place = services.last?.place {
            reporter.error(
                place, "\(services.count) services are declared in all",
                remedy: "at most \(ServicesKeys.mostServices) are allowed")
        }
        var names: [String: Place] = [:]
        var identifiers: [ServiceID: DeclaredService] = [:]
        var keys: [ServiceKey: DeclaredService] = [:]
        var holders: [DestinationKey: Holder] = [:]
        holders.reserveCapacity(services.reduce(0) { $0 + $1.members.count })
        for (index, service) in services.enumerated() {
            if let first = names.firstValue(forKey: service.name, else: service.place) {
                // Within a file it is a key that stands twice, which was reported as such.
                if first.source !== service.place.source {
                    reporter.error(
                        service.place, "the service \"\(service.name)\" is declared twice",
                        remedy: "the first is at \(first.citation); keep one of them")
                }
            } else if let first = identifiers.firstValue(
                forKey: ServiceID(name: service.name), else: service)
            {
                reporter.error(
                    service.place,
                    "\"\(service.name)\" and \"\(first.name)\" have the same number in datagrams",
                    remedy: "rename one of them, here or at \(first.place.citation), "
                        + "and in the agents' files")
            }
            if let key = service.key, let first = keys.firstValue(forKey: key.value, else: service)
            {
                reporter.error(
                    key.place ?? service.place,
                    "\"\(service.name)\" has the same virtual address as \"\(first.name)\"",
                    remedy: "the other is at \((first.key?.place ?? first.place).citation)")
            }
            reportClashes(in: index, holders: &holders)
        }
    }

    /// The member that has a destination, by its place: of twenty thousand no copies are made.
    private struct Holder {
        let service: Int
        let member: Int
    }

    private func reportClashes(in index: Int, holders: inout [DestinationKey: Holder]) {
        let members = services[index].members
        var names: Set<String> = []
        var destinations: Set<DestinationKey> = []
        for (place, member) in members.enumerated() {
            let isNew = destinations.insert(member.destination).inserted
            if !names.insert(member.name).inserted {
                let first = members.first { $0.name == member.name } ?? member
                reporter.error(
                    member.namePlace, "the server \"\(member.name)\" is in this service twice",
                    remedy: "the first is at \(first.namePlace.citation)")
                continue
            }
            guard let holder = holders[member.destination] else {
                if isNew { holders[member.destination] = Holder(service: index, member: place) }
                continue
            }
            let first = services[holder.service].members[holder.member]
            if first.name != member.name {
                reporter.error(
                    member.addressPlace,
                    "\(member.destination) belongs to \"\(first.name)\" already",
                    remedy: "it does at \(first.addressPlace.citation); one address and port is "
                        + "one server")
            }
        }
    }
}
