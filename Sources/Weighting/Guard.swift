// What stands between load and the kernel: when a weight must be left as it is.

internal import Protocol

/// Reasons to hold, asked before the law is.
enum Guard {
    /// Why a whole service holds, if it does.
    static func hold(
        _ service: Table.Service, declared: Cluster.Service, memory: Fleet.ServiceMemory,
        memberHolds: [Hold?]
    ) -> Hold? {
        // A destination that nobody declared would be starved, or starve the others, when the
        // weights beside it change their scale.
        let declaredKeys = Set(declared.members.map(\.destination))
        let undeclared = service.destinations
            .filter { $0.weight > 0 && !declaredKeys.contains($0.key) }
            .map(\.key)
        guard undeclared.isEmpty else { return .undeclaredDestinations(undeclared) }

        let present = declared.members.indices.filter { place in
            service[declared.members[place].destination] != nil
                && memberHolds[place] != .foreignZero
        }
        let usable = present.filter { memberHolds[$0] == nil || memberHolds[$0] == .late }
        guard !usable.isEmpty, usable.count * 2 >= present.count else { return .fewerThanHalfFresh }
        guard usable.contains(where: { memory.members[$0].estimate.observedCapacity != nil })
        else { return .noTrafficYet }
        return nil
    }

    /// Why one member holds, if it does.
    static func hold(_ fleet: Fleet, service: Int, place: Int, kernel: Int, at now: Instant)
        -> Hold?
    {
        let member = fleet.services[service].members[place]
        let server = fleet.cluster.services[service].members[place].server
        if kernel == 0 { return .foreignZero }
        guard let report = fleet.hosts[server].lastReport else { return .neverHeard }
        let state = worstState(report, service: fleet.services[service].id)
        switch state {
        case .draining, .down, .leaving: return .agentSays(state.name)
        case .unknown, .up, .degraded, .warming: break
        }
        guard fleet.isFresh(server: server, at: now) else { return .stale }
        guard member.hasLoad else { return .noLoadInReports }
        guard member.estimate.slow != nil else { return .learning }
        return fleet.isLate(server: server, at: now) ? .late : nil
    }

    /// The host's state and the service's own: the worse of the two wins (PROTOCOL.md §4).
    static func worstState(_ report: Report, service: ServiceID) -> HostState {
        guard let narrowed = report.services.first(where: { $0.id == service })
        else { return report.state }
        return HostState.worse(report.state, narrowed.state)
    }
}

extension Table.Service {
    package subscript(_ key: DestinationKey) -> Table.Destination? {
        destinations.first { $0.key == key }
    }
}
