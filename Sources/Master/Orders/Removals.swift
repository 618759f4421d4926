// A server that is to be removed: drained first, then taken out, and then forgotten.

internal import IPVS
internal import Weighting

extension OrderBook {
    /// Goes on with the removals as the table has it; what is new of them.
    ///
    /// `declared` is what the files say, `cluster` the same with what people changed of it.
    /// `isGone` tells of a member that the table does not show whether that is sure.
    mutating func goOnRemoving(
        _ table: Table, of cluster: Cluster, declared: Cluster, at now: Int,
        isGone: (MemberKey) -> Bool
    ) -> [Change] {
        guard orders.contains(where: { $0.isRemoval }) else { return [] }
        var changes: [Change] = []
        for kept in orders where kept.isRemoval {
            let record = kept.record
            if record.goneUnixMilliseconds == nil {
                if Self.isDrained(record, table, cluster, isGone) {
                    changes.append(.goes(record.id, atMilliseconds: now))
                }
                continue
            }
            let added = orders.filter { $0.isAddition && $0.isRemoved(by: record) }
            let left = added.filter { Self.isHeld($0.record, table, cluster) }
            for order in added where !left.contains(order) {
                changes.append(
                    .ends(order.record.id, atMilliseconds: now, by: "order \(record.id)"))
            }
            // What the files declare would come back, so this order holds until they do no more.
            if left.isEmpty && Self.members(record, of: declared).isEmpty {
                changes.append(.ends(record.id, atMilliseconds: now, by: KeptOrder.removal))
            }
        }
        for change in changes { apply(change) }
        return changes
    }

    /// The members that are still to be drained before they leave.
    func leaving(of cluster: Cluster) -> [MemberKey] {
        orders.filter { $0.isRemoval && $0.record.goneUnixMilliseconds == nil }.flatMap {
            Self.members($0.record, of: cluster)
        }
    }

    /// The places of a server in the services that an order is about.
    private static func members(
        _ record: AdminAPI.OrderRecord, of cluster: Cluster
    ) -> [MemberKey] {
        guard let server = cluster.servers.firstIndex(where: { $0.name == record.server }) else {
            return []
        }
        return cluster.services.flatMap { service in
            service.members.filter {
                $0.server == server && (record.service ?? service.name) == service.name
            }.map { MemberKey(service: service.key, destination: $0.destination) }
        }
    }

    /// No weight, no connection and no entry of persistence, wherever it is to leave.
    private static func isDrained(
        _ record: AdminAPI.OrderRecord, _ table: Table, _ cluster: Cluster,
        _ isGone: (MemberKey) -> Bool
    ) -> Bool {
        members(record, of: cluster).allSatisfy { member in
            // A service that is not there for a moment tells nothing of its servers.
            guard let service = table[service: member.service] else { return false }
            guard let held = service[member.destination] else { return isGone(member) }
            return held.weight == 0 && held.activeConnections == 0
                && held.inactiveConnections == 0 && held.persistentConnections == 0
        }
    }

    private static func isHeld(
        _ record: AdminAPI.OrderRecord, _ table: Table, _ cluster: Cluster
    ) -> Bool {
        guard let service = cluster.services.first(where: { $0.name == record.service }),
            let destination = record.destination.flatMap(DestinationKey.init)
        else { return false }
        return table[service: service.key]?[destination] != nil
    }
}

extension KeptOrder {
    /// What ends the order of a removal.
    static let removal = "its end: the server is removed"

    var isRemoval: Bool { isInForce && record.then == .remove }
    var isAddition: Bool { isInForce && record.action == .add }

    fileprivate func isRemoved(by removal: AdminAPI.OrderRecord) -> Bool {
        record.server == removal.server && (removal.service ?? record.service) == record.service
    }
}
