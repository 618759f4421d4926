// What the kernel holds: virtual services and their destinations, as read at one tick.

/// The transport protocols that IPVS balances; the raw value is the IP protocol number.
package enum TransportProtocol: UInt16, Hashable, Sendable, CaseIterable, Codable {
    case tcp = 6
    case udp = 17
    case sctp = 132

    package var name: String {
        switch self {
        case .tcp: "tcp"
        case .udp: "udp"
        case .sctp: "sctp"
        }
    }
}

/// The address family of a service that is named by a firewall mark.
package enum AddressFamily: Hashable, Sendable, Codable {
    case v4
    case v6
}

/// How IPVS names a virtual service.
package enum ServiceKey: Hashable, Sendable, Codable {
    case address(Address, port: UInt16, TransportProtocol)
    case firewallMark(UInt32, AddressFamily)
}

/// How IPVS names a destination inside a service.
package struct DestinationKey: Hashable, Sendable, Codable {
    package let address: Address
    package let port: UInt16

    package init(address: Address, port: UInt16) {
        self.address = address
        self.port = port
    }
}

/// A destination together with its service: unique in the whole table.
package struct MemberKey: Hashable, Sendable {
    package let service: ServiceKey
    package let destination: DestinationKey

    package init(service: ServiceKey, destination: DestinationKey) {
        self.service = service
        self.destination = destination
    }
}

/// The IPVS table at one moment.
package struct Table: Equatable, Sendable {
    package var services: [Service]

    package init(services: [Service] = []) { self.services = services }

    package struct Service: Equatable, Sendable {
        package let key: ServiceKey
        package private(set) var scheduler: Scheduler
        /// Whether mh or sh look for another server when a client's own has weight 0: the flags
        /// `mh-fallback` and `sh-fallback` of ipvsadm(8).
        package private(set) var fallsBack: Bool
        package var destinations: [Destination]
        /// How it is set up; nothing where only weights matter, as in a recording.
        package var setup: ServiceSetup?
        /// What else is known of ``destinations``, in their order; empty where nothing is.
        ///
        /// Apart from them, since decisions on weights go by the destinations alone.
        package var details: [Detail]

        package init(
            key: ServiceKey, scheduler: Scheduler, fallsBack: Bool = false,
            destinations: [Destination], setup: ServiceSetup? = nil, details: [Detail] = []
        ) {
            self.key = key
            self.scheduler = scheduler
            self.fallsBack = fallsBack
            self.destinations = destinations
            self.setup = setup
            self.details = details
        }

        /// One that is set up so, with no destinations yet.
        package init(key: ServiceKey, setup: ServiceSetup) {
            self.init(
                key: key, scheduler: setup.scheduler, fallsBack: setup.fallsBack, destinations: [],
                setup: setup)
        }
    }

    /// What weights do not depend on.
    package struct Detail: Equatable, Sendable {
        package var setup: DestinationSetup
        package var traffic: Traffic

        package init(setup: DestinationSetup = DestinationSetup(), traffic: Traffic = Traffic()) {
            self.setup = setup
            self.traffic = traffic
        }
    }

    /// Counted since the destination was made, or somebody set the counters to 0.
    package struct Traffic: Equatable, Sendable {
        package var inPackets: UInt64
        package var outPackets: UInt64
        package var inBytes: UInt64
        package var outBytes: UInt64

        package init(
            inPackets: UInt64 = 0, outPackets: UInt64 = 0, inBytes: UInt64 = 0,
            outBytes: UInt64 = 0
        ) {
            self.inPackets = inPackets
            self.outPackets = outPackets
            self.inBytes = inBytes
            self.outBytes = outBytes
        }
    }

    package struct Destination: Equatable, Sendable {
        package let key: DestinationKey
        /// Not clamped: another program may have written more than Poise would.
        package var weight: Int
        /// Connections in the kernel's table now.
        package let activeConnections: Int
        package let inactiveConnections: Int
        package let persistentConnections: Int
        /// Connections ever scheduled here; counts up, and starts anew when the destination does.
        package let scheduledConnections: UInt64

        package init(
            key: DestinationKey, weight: Int, activeConnections: Int = 0,
            inactiveConnections: Int = 0, persistentConnections: Int = 0,
            scheduledConnections: UInt64 = 0
        ) {
            self.key = key
            self.weight = weight
            self.activeConnections = activeConnections
            self.inactiveConnections = inactiveConnections
            self.persistentConnections = persistentConnections
            self.scheduledConnections = scheduledConnections
        }
    }

    package subscript(service key: ServiceKey) -> Service? {
        services.first { $0.key == key }
    }
}

extension ServiceKey: CustomStringConvertible {
    /// As the configuration writes it: `10.0.0.80:80/tcp`, `[fd00::80]:53/udp`, `fwmark:7`.
    package var description: String {
        switch self {
        case .address(let address, let port, let transport):
            "\(DestinationKey(address: address, port: port))/\(transport.name)"
        case .firewallMark(let mark, .v4): "fwmark:\(mark)"
        case .firewallMark(let mark, .v6): "fwmark:\(mark)/ipv6"
        }
    }
}

extension DestinationKey: CustomStringConvertible {
    package var description: String {
        switch address {
        case .v4: "\(address):\(port)"
        case .v6: "[\(address)]:\(port)"
        }
    }
}

extension ServiceSetup {
    /// See ``Table/Service/fallsBack``; both schedulers have the same flag for it.
    package var fallsBack: Bool {
        [.known(.mh), .known(.sh)].contains(scheduler) && flags.contains(.fallback)
    }
}

extension Table.Service {
    /// Another setup, with what follows from it.
    mutating func set(_ setup: ServiceSetup) {
        self.setup = setup
        scheduler = setup.scheduler
        fallsBack = setup.fallsBack
    }

    /// The setup of the destination at that place, where it is known.
    package func setup(ofDestination place: Int) -> DestinationSetup? {
        details.indices.contains(place) ? details[place].setup : nil
    }

    mutating func append(_ destination: Table.Destination, _ detail: Table.Detail) {
        // Both have the same order or the second is not known at all.
        if details.count == destinations.count { details.append(detail) }
        destinations.append(destination)
    }

    mutating func remove(at place: Int) {
        destinations.remove(at: place)
        if details.indices.contains(place) { details.remove(at: place) }
    }

    package subscript(_ key: DestinationKey) -> Table.Destination? {
        destinations.first { $0.key == key }
    }
}
