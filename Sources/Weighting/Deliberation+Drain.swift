// The part of a decision that agents ask for: what becomes of drains, and of weights after them.

extension Deliberation {
    /// Brings every member's drain up to now; where somebody else raised our 0.
    ///
    /// What the agent asked for last stands while it is silent, and while nobody knows which of two
    /// processes speaks for it.
    mutating func hearOfDrains() -> [Int] {
        destinations.indices.filter { place in
            let server = declared.members[place].server
            if let said = fleet.hosts[server].said,
                !fleet.hosts[server].isDuplicate
                    || !fleet.isFresh(server: server, policy, at: moment)
            {
                memory.members[place].drain
                    .hear(host: said, service: memory.members[place].narrowed, at: moment)
            }
            return memory.members[place].drain.look(
                kernel: destinations[place]?.weight,
                awaitsCheck: declared.hasChecks && memory.members[place].check == .unknown)
        }
    }

    /// Remembers what a member had that begins to drain.
    mutating func keepBeforeDrain(_ place: Int, kernel: Int) {
        let share = memory.members[place].share.current ?? Double(kernel) / meanOfWeights
        memory.members[place].drain.keep(
            DrainMemory.Before(weight: kernel, share: share, scheduler: table.scheduler))
    }

    /// Where the service was followed, the share counts; elsewhere the weight that there was or,
    /// after a restart of this master, the least of the others.
    ///
    /// `slowly` begins with a newcomer's part of it, which grows while the service is followed.
    func weightAfterDrain(_ place: Int, slowly: Bool) -> Weight {
        let drain = memory.members[place].drain
        if let meanWeight = memory.meanWeight, memory.scheduler == table.scheduler {
            let nominals = declared.members.map(\.nominalCapacity)
            let nominal = nominals[place] * Double(nominals.count) / nominals.reduce(0, +)
            let share = memory.members[place].share
                .afterDrain(fallback: drain.before?.share ?? nominal)
            let part =
                slowly && policy.slowStart > 0 && fleet.safeguards.hold(.slowStart)
                ? max(share * ShareMemory.startShare, policy.floor) : share
            return Weight(nearest: part * meanWeight, atLeast: 1)
        }
        if let before = drain.before, before.scheduler == table.scheduler {
            return Weight(nearest: Double(before.weight), atLeast: 1)
        }
        let others = table.destinations.map(\.weight).filter { $0 > 0 }
        return Weight(nearest: Double(others.min() ?? 1), atLeast: 1)
    }
}
