// What agents are told of their own services: the kernel's weight, and how many are connected.

internal import IPVS
internal import Protocol
internal import Weighting

/// Keeps what every server was told last, so that only changes cost work.
struct Standings {
    /// Parallel to the cluster's servers.
    private var told: [[ServiceStanding]]
    /// How many services of a server this tick came by, and whether any differs.
    private var seen: [(count: Int, differs: Bool)]
    private let identifiers: [ServiceID]

    init(_ cluster: Cluster) {
        told = cluster.servers.map { _ in [] }
        seen = cluster.servers.map { _ in (0, false) }
        identifiers = cluster.services.map { ServiceID(name: $0.name) }
    }

    /// Calls `tell` for each server whose services changed at this tick.
    mutating func update(
        _ decision: Decision, _ table: Table, _ outcomes: [StepOutcome], in cluster: Cluster,
        tell: (_ server: Int, [ServiceStanding]) -> Void
    ) {
        var written: [MemberKey: Int] = [:]
        for outcome in outcomes where outcome.result == .done {
            guard case .setWeight(_, _, _, let weight, _) = outcome.step,
                let member = outcome.step.member
            else { continue }
            written[member] = weight.rawValue
        }
        let held = Dictionary(
            table.services.enumerated().map { ($1.key, $0) },
            uniquingKeysWith: { first, _ in first })
        for (index, (declared, decided)) in zip(cluster.services, decision.services).enumerated() {
            // A service that the kernel does not hold gives nobody connections: its servers hear
            // that, or they would wait for the end of a drain for ever.
            var finder = held[declared.key].map {
                DestinationFinder(table.services[$0].destinations)
            }
            for place in decided.verdicts.indices {
                let key = decided.verdicts[place].destination
                let destination = finder?.find(key)
                let newWeight =
                    written.isEmpty
                    ? nil : written[MemberKey(service: declared.key, destination: key)]
                let drain = decided.verdicts[place].reason.drain
                let server = decided.verdicts[place].server
                // The kernel's list may leave one out while another is removed: absent is who is
                // missing twice, and who waits for the end of a drain goes on waiting.
                if destination == nil, finder != nil, missOnce(of: server) { continue }
                note(
                    ServiceStanding(
                        id: identifiers[index],
                        weight: (newWeight ?? destination?.weight).map { UInt16(clamping: $0) },
                        admin: drain == nil ? .ready : .drain,
                        reason: drain?.reason.rawValue ?? 0,
                        // Between the reading and a 0 connections may have come: who waits for
                        // the end of a drain is not to take the older count for it.
                        activeConnections: newWeight == 0
                            ? nil : destination.map { UInt64(clamping: $0.activeConnections) }),
                    of: server)
            }
        }
        for server in told.indices {
            if seen[server].count < told[server].count {
                told[server].removeSubrange(seen[server].count...)
                seen[server].differs = true
            }
            if seen[server].differs { tell(server, told[server]) }
            seen[server] = (0, false)
        }
    }

    /// Keeps what a server was told of this service, but for its connections, which nobody knows;
    /// false when that was so before.
    private mutating func missOnce(of server: Int) -> Bool {
        let place = seen[server].count
        guard told[server].indices.contains(place), told[server][place].weight != nil,
            told[server][place].activeConnections != nil
        else { return false }
        told[server][place].activeConnections = nil
        seen[server] = (place + 1, true)
        return true
    }

    private mutating func note(_ standing: ServiceStanding, of server: Int) {
        let place = seen[server].count
        // More go into no datagram.
        guard place < Report.serviceLimit else { return }
        seen[server].count += 1
        if place == told[server].count {
            told[server].append(standing)
        } else if told[server][place] != standing {
            told[server][place] = standing
        } else {
            return
        }
        seen[server].differs = true
    }
}

extension Verdict.Reason {
    fileprivate var drain: DrainCause? {
        guard case .drains(let cause) = self else { return nil }
        return cause
    }
}
