// For recordings: what a balancer knows, in parts, so that none of them takes long to write.
//
// Between two ticks a report changes what is known of its own server and members alone. So parts
// may be taken one after the other with reports in between: whoever puts them together, and hears
// the same reports between the same parts, knows the same in the end. Servers come before members,
// since what a member makes of a report may rest on what is known of its server.

/// What is known of some servers, or of some members of one service.
package struct BalancerPart: Sendable, Codable {
    /// Nothing where it is of servers.
    fileprivate let service: Int?
    fileprivate let first: Int
    fileprivate var hosts: [Fleet.Host] = []
    fileprivate var members: [MemberMemory] = []

    /// How many servers and members it is of, at most ``most``.
    package var count: Int { hosts.count + members.count }

    /// Little memory, and far less than a millisecond to take.
    static let most = 64

    /// Where the next part begins.
    package struct Place: Sendable {
        fileprivate var service: Int?
        fileprivate var first = 0

        package init() {}
    }
}

/// What is known of all that is no single server and no single member.
package struct BalancerOutline: Sendable, Codable {
    package let cluster: Cluster
    /// Without their members.
    fileprivate let services: [ServiceMemory]
    fileprivate let tickedAt: Instant?
    fileprivate let orders: [Order]
}

extension Balancer {
    package var outline: BalancerOutline {
        let services = fleet.services.map { service in
            var rest = service
            rest.members = []
            return rest
        }
        return BalancerOutline(
            cluster: cluster, services: services, tickedAt: tickedAt, orders: fleet.orders)
    }

    /// The part at `place`, which then is that of the next one; nothing behind the last.
    package func part(at place: inout BalancerPart.Place) -> BalancerPart? {
        while true {
            let service = place.service
            if let service, service >= fleet.services.count { return nil }
            let count = service.map { fleet.services[$0].members.count } ?? fleet.hosts.count
            guard place.first < count else {
                (place.service, place.first) = ((service ?? -1) + 1, 0)
                continue
            }
            var part = BalancerPart(service: service, first: place.first)
            let range = place.first..<min(place.first + BalancerPart.most, count)
            if let service {
                part.members = Array(fleet.services[service].members[range])
            } else {
                part.hosts = Array(fleet.hosts[range])
            }
            place.first = range.upperBound
            return part
        }
    }

    /// One that knows no server and no member yet; nothing when the outline fits together nowhere.
    package init?(_ outline: BalancerOutline) {
        guard outline.cluster.isConnected else { return nil }
        self.init(outline.cluster)
        tickedAt = outline.tickedAt
        fleet.orders = outline.orders
        guard outline.services.count == fleet.services.count else { return nil }
        for index in fleet.services.indices {
            var service = outline.services[index]
            let members = fleet.services[index].members
            let isFitting =
                service.members.isEmpty
                && service.followers?.places.allSatisfy(members.indices.contains) ?? true
                && service.ordered.allSatisfy { members.indices.contains($0.place) }
                && service.released.allSatisfy(members.indices.contains)
            guard isFitting else { return nil }
            service.members = members
            fleet.services[index] = service
        }
    }

    /// Puts a part where it was taken; false when there is no such place.
    package mutating func put(_ part: BalancerPart) -> Bool {
        guard let service = part.service else {
            return part.members.isEmpty && fleet.put(part.hosts, at: part.first)
        }
        guard part.hosts.isEmpty, fleet.services.indices.contains(service),
            part.first >= 0,
            part.members.count <= fleet.services[service].members.count - part.first
        else { return false }
        for (offset, member) in part.members.enumerated() {
            fleet.services[service].members[part.first + offset] = member
        }
        return true
    }
}
