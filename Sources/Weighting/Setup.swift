// How a virtual service and its destinations are set up, beside their weights.

/// All that IPVS is told of a virtual service beside its name and its destinations.
package struct ServiceSetup: Hashable, Sendable {
    package var scheduler: Scheduler
    package var flags: SchedulerFlags
    /// Nothing where each connection is scheduled on its own.
    package var persistence: Persistence?
    /// Each datagram of UDP is scheduled on its own.
    package var isOnePacket: Bool

    package init(
        scheduler: Scheduler, flags: SchedulerFlags = [], persistence: Persistence? = nil,
        isOnePacket: Bool = false
    ) {
        self.scheduler = scheduler
        self.flags = flags
        self.persistence = persistence
        self.isOnePacket = isOnePacket
    }

    /// Clients that stay with their server for a while.
    package struct Persistence: Hashable, Sendable {
        package var timeoutSeconds: UInt32
        /// Which clients count as one: the bits of the mask in IPv4, the prefix's length in IPv6.
        package var mask: UInt32
        /// What takes the client out of the packet in place of its address: `sip`.
        package var engine: String?

        package init(timeoutSeconds: UInt32, mask: UInt32, engine: String? = nil) {
            self.timeoutSeconds = timeoutSeconds
            self.mask = mask
            self.engine = engine
        }

        /// Every address is a client of its own.
        package static func wholeMask(_ family: AddressFamily) -> UInt32 {
            switch family {
            case .v4: .max
            case .v6: 128
            }
        }
    }
}

/// The three flags that a scheduler may have; mh and sh know two of them.
package struct SchedulerFlags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// A client whose server has weight 0 is served by another one.
    package static let fallback = SchedulerFlags(rawValue: 1)
    /// The client's port counts, too.
    package static let port = SchedulerFlags(rawValue: 2)
    package static let third = SchedulerFlags(rawValue: 4)
}

/// All that IPVS is told of a destination beside its name and its weight.
package struct DestinationSetup: Hashable, Sendable {
    package var forwarding: Forwarding
    /// With so many connections it gets no new ones; 0 is no bound.
    package var upperConnections: UInt32
    /// Below so many it gets new ones again; 0 leaves it to the kernel.
    package var lowerConnections: UInt32

    package init(
        forwarding: Forwarding = .masquerading, upperConnections: UInt32 = 0,
        lowerConnections: UInt32 = 0
    ) {
        self.forwarding = forwarding
        self.upperConnections = upperConnections
        self.lowerConnections = lowerConnections
    }
}

/// How packets get to a real server.
package enum Forwarding: Hashable, Sendable {
    case masquerading
    case direct
    case tunnel(Tunnel)
    /// What nobody declares, by the kernel's number.
    case other(UInt32)

    package struct Tunnel: Hashable, Sendable {
        package var kind: Kind
        /// Of GUE only.
        package var port: UInt16
        package var checksum: Checksum

        package init(kind: Kind = .ipip, port: UInt16 = 0, checksum: Checksum = .none) {
            self.kind = kind
            self.port = port
            self.checksum = checksum
        }

        /// The raw values are the kernel's.
        package enum Kind: UInt8, Sendable, CaseIterable { case ipip, gue, gre }
        package enum Checksum: UInt16, Sendable, CaseIterable { case none, full, remote }
    }
}

extension ServiceKey {
    package var addressFamily: AddressFamily {
        switch self {
        case .address(.v4, _, _): .v4
        case .address(.v6, _, _): .v6
        case .firewallMark(_, let family): family
        }
    }
}
