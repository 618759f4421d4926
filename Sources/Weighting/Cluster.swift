// What the operator declared: which servers there are, and in which services they serve.

/// The part of the configuration that decisions are made on.
package struct Cluster: Equatable, Sendable {
    package var servers: [Server]
    package var services: [Service]
    package var policy: Policy

    package init(servers: [Server], services: [Service], policy: Policy = Policy()) {
        self.servers = servers
        self.services = services
        self.policy = policy
    }

    /// A real server, whose agent reports under the same name.
    package struct Server: Equatable, Sendable {
        package let name: String

        package init(name: String) { self.name = name }
    }

    /// A virtual service that Poise gives weights to.
    package struct Service: Equatable, Sendable {
        package let name: String
        package let key: ServiceKey
        package let members: [Member]

        package init(name: String, key: ServiceKey, members: [Member]) {
            self.name = name
            self.key = key
            self.members = members
        }
    }

    /// A real server in a virtual service.
    package struct Member: Equatable, Sendable {
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
