// What checks make of who is in the table at all, where Poise makes the services.

extension Balancer {
    /// Who is out of the table and whose sorry server is in, as an earlier master left it; before the
    /// first decision.
    ///
    /// Whose check has not decided yet stays as it is: a server that was out may fail still.
    package func availability(left table: Table) -> Upkeep.Availability {
        var found = Upkeep.Availability()
        for declared in cluster.services {
            guard let held = table[service: declared.key],
                held.destinations.contains(where: { $0.weight > 0 })
            else { continue }
            if let sorry = declared.sorry, held[sorry] != nil { found.sorry.insert(declared.key) }
            guard declared.onFailure == .remove, declared.hasChecks else { continue }
            for member in declared.members where held[member.destination] == nil {
                found.removed.insert(
                    MemberKey(service: declared.key, destination: member.destination))
            }
        }
        return found
    }

    /// The members that people's orders drain now.
    package var drainedByOrder: Set<MemberKey> {
        guard !fleet.orders.isEmpty else { return [] }
        var found: Set<MemberKey> = []
        for (declared, memory) in zip(cluster.services, fleet.services) {
            for entry in memory.ordered where entry.order.isDrain {
                found.insert(
                    MemberKey(
                        service: declared.key,
                        destination: declared.members[entry.place].destination))
            }
        }
        return found
    }

    /// Who is out of the table from now on, and whose sorry server is in, by the newest decision.
    ///
    /// A member goes when its 0 is written, so that never more go than checks may take out, and it
    /// stays out until its check passes or nobody believes the checks any more.
    package func availability(
        after decision: Decision, before: Upkeep.Availability
    ) -> Upkeep.Availability {
        var found = Upkeep.Availability()
        for (index, (declared, decided)) in zip(cluster.services, decision.services).enumerated() {
            if declared.sorry != nil, decided.isBelowQuorum { found.sorry.insert(declared.key) }
            guard declared.onFailure == .remove, decided.alarm != .panic else { continue }
            for (place, verdict) in decided.verdicts.enumerated() {
                let key = MemberKey(service: declared.key, destination: verdict.destination)
                let memory = fleet.services[index].members[place]
                let isOut =
                    before.removed.contains(key)
                    ? memory.drain.isFailing || declared.hasChecks && memory.check == .unknown
                    : verdict.isOutByCheck
                if isOut { found.removed.insert(key) }
            }
        }
        return found
    }
}

extension Verdict {
    fileprivate var isOutByCheck: Bool {
        guard case .failsCheck = reason else { return false }
        return kernel == 0
    }
}
