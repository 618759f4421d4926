// What stands between load and the kernel: when a weight must be left as it is.

internal import Protocol

/// Reasons to hold, asked before the law is.
enum Guard {
    /// A tick that comes later than this after its time decides nothing: reports may wait unread.
    static let latenessSeconds = 0.2
    /// More than this share of a service falling silent together is more likely the path or the
    /// director than the servers; one server alone never is "many".
    static let silentShare = 0.2
    /// So many missing reports are silence; one or two are loss.
    static let silentReports = 3

    /// Why one member holds, if it does; by its place, since a member handed over is copied whole.
    static func hold(
        _ fleet: Fleet, _ members: [MemberMemory], _ place: Int, _ policy: Policy, server: Int,
        kernel: Int, at now: Instant
    ) -> Hold? {
        if kernel == 0 { return .foreignZero }
        guard let said = fleet.hosts[server].said else { return .neverHeard }
        // Of two processes with one key nobody knows which one speaks for the server. What the
        // newest report was said with counts no longer than the report itself.
        let isFresh = fleet.isFresh(server: server, policy, at: now)
        if isFresh, fleet.hosts[server].isDuplicate, fleet.safeguards.hold(.duplicatesHold) {
            return .duplicateIdentity
        }
        let state = worstState(said.state, members[place].narrowedState)
        switch state {
        case .draining, .down, .leaving: return .agentSays(state.name)
        case .unknown, .up, .degraded, .warming: break
        }
        guard isFresh || !fleet.safeguards.hold(.silenceHolds) else { return .stale }
        guard members[place].hasLoad else { return .noLoadInReports }
        guard members[place].slow(members[place].countsRequests ? .requests : .connections) != nil
        else { return .learning }
        return fleet.misses(1, server: server, at: now) && fleet.safeguards.hold(.silenceHolds)
            ? .late : nil
    }

    /// Why a whole service holds, if it does.
    ///
    /// `holds` are those of its members, `present` the members that the kernel gives connections to.
    static func hold(
        _ fleet: Fleet, _ memory: ServiceMemory, _ declared: Cluster.Service,
        table: Table.Service, present: [Int], holds: [Hold?], at now: Instant
    ) -> Hold? {
        // A destination that nobody declared would be starved, or starve the others, when the
        // weights beside it change their scale.
        let undeclared = Self.undeclared(declared, table)
        guard undeclared.isEmpty || !fleet.safeguards.hold(.undeclaredHolds) else {
            return .undeclaredDestinations(undeclared)
        }

        let usable = present.places { holds[$0] == nil || holds[$0] == .late }
        guard !usable.isEmpty,
            usable.count * 2 >= present.count || !fleet.safeguards.hold(.fewFreshHold)
        else { return .fewerThanHalfFresh }
        let fallingSilent = usable.count {
            fleet.misses(silentReports, server: declared.members[$0].server, at: now)
        }
        guard
            fallingSilent < 2 || !fleet.safeguards.hold(.silenceOfManyHolds)
                || Double(fallingSilent) <= silentShare * Double(present.count)
        else { return .manyFallSilent }
        return memory.isBusy ? nil : .tooIdle
    }

    private static func undeclared(
        _ declared: Cluster.Service, _ table: Table.Service
    ) -> [DestinationKey] {
        // Where both have the same in the same order, as they mostly do, no set is made.
        let areSame = declared.members.lazy.map(\.destination).elementsEqual(
            table.destinations.lazy.map(\.key))
        guard !areSame else { return [] }
        let keys = Set(declared.members.map(\.destination) + (declared.sorry.map { [$0] } ?? []))
        return table.destinations.filter { $0.weight > 0 && !keys.contains($0.key) }.map(\.key)
    }

    /// The host's state and the service's own: the worse of the two wins (PROTOCOL.md §4).
    static func worstState(_ host: HostState, _ narrowed: HostState?) -> HostState {
        narrowed.map { HostState.worse(host, $0) } ?? host
    }
}
