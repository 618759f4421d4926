// What people and programs are shown when they ask.

internal import Checks
internal import Protocol
internal import Weighting

extension ControlLoop {
    /// A snapshot serves everyone who asks within this time, so that asking stops nothing.
    private static let snapshotSeconds = 0.25

    /// What there is to show; nothing before the first tick.
    mutating func snapshot(at now: Instant) -> Snapshot? {
        if case .nothing = newest { return nil }
        if let made, now.seconds(since: made.at) < Self.snapshotSeconds { return made.snapshot }
        let maker = maker(at: now)
        var services = services(by: maker)
        shadow?.show(in: &services, of: balancer.cluster)
        clock.show(in: &services, of: balancer.cluster)
        orders.show(in: &services)
        let snapshot = maker.snapshot(services, master: master(at: now))
        made = (snapshot, now)
        return snapshot
    }

    func maker(at now: Instant) -> SnapshotMaker {
        let agents = reception.agentNames.enumerated().map { index, name in
            SnapshotMaker.Agent(
                name: name, tally: reception.tally(ofAgent: index), server: servers[index],
                isDuplicate: reception.isDuplicateIdentity(agent: index, at: now),
                keyInUse: reception.keyInUse(agent: index),
                probes: reception.probes(toAgent: index))
        }
        return SnapshotMaker(
            balancer: balancer, now: now, agents: agents, total: reception.total, meter: meter,
            checks: checks?.standings ?? [:])
    }

    private func services(by maker: SnapshotMaker) -> [Snapshot.Service] {
        switch newest {
        case .nothing: []
        case .unread: []
        case .before(let maker, let tick): maker.services(tick)
        case .tick(let tick): maker.services(tick)
        }
    }
}
