// What the operator declared: which servers there are, and in which services they serve.

/// The part of the configuration that decisions are made on.
package struct Cluster: Equatable, Sendable, Codable {
    package var servers: [Server]
    package var services: [Service]
    package var policy: Policy

    package init(servers: [Server], services: [Service], policy: Policy = Policy()) {
        self.servers = servers
        self.services = services
        self.policy = policy
    }

    /// What holds for one of ``services``.
    package func policy(ofService index: Int) -> Policy {
        guard var own = services[index].policy else { return policy }
        own.interval = policy.interval
        return own
    }

    /// A real server, whose agent reports under the same name.
    package struct Server: Equatable, Sendable, Codable {
        package let name: String

        package init(name: String) { self.name = name }
    }

    /// A virtual service that Poise gives weights to.
    package struct Service: Equatable, Sendable, Codable {
        package let name: String
        package let key: ServiceKey
        package var members: [Member]
        /// In place of ``Cluster/policy``, except for its interval: all services share one tick.
        package var policy: Policy?
        /// Whether checks tell which members are up.
        package var hasChecks = false
        package var onFailure = OnFailure.quiesce
        /// How much has to be up for the sorry server to go; one member, where nothing was said.
        package var quorum: Quorum?
        /// Where clients are sent while too few members are up.
        package var sorry: DestinationKey?

        package init(
            name: String, key: ServiceKey, members: [Member], policy: Policy? = nil,
            hasChecks: Bool = false, onFailure: OnFailure = .quiesce, quorum: Quorum? = nil,
            sorry: DestinationKey? = nil
        ) {
            self.name = name
            self.key = key
            self.members = members
            self.policy = policy
            self.hasChecks = hasChecks
            self.onFailure = onFailure
            self.quorum = quorum
            self.sorry = sorry
        }
    }

    /// A real server in a virtual service.
    package struct Member: Equatable, Sendable, Codable {
        /// Index into ``Cluster/servers``.
        package let server: Int
        package let destination: DestinationKey
        /// What the operator says it can carry beside the others; 1 when nothing was said.
        package let nominalCapacity: Double

        package init(server: Int, destination: DestinationKey, nominalCapacity: Double = 1) {
            self.server = server
            self.destination = destination
            self.nominalCapacity = nominalCapacity
        }
    }
}
