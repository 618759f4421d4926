// One declared service against the one that the table holds, or holds no longer.

extension Upkeep {
    mutating func tend(
        _ declared: Declaration.Service, _ held: Table.Service?, at now: Instant,
        _ availability: Availability, into pass: inout Pass
    ) {
        var memory = memories.removeValue(forKey: declared.key) ?? Memory()
        defer { memories[declared.key] = memory }
        let wanted = declared.wanted(availability)
        var difference = Difference(isDrift: memory.isSettled)
        if let held {
            difference.compare(declared, wanted, held, &memory, rule)
        } else {
            difference.make(declared, wanted, memory.last)
            memory.missing = []
        }

        pass.plan.steps += difference.steps
        let mends = memory.isSettled ? rule == .reassert : true
        let isPatient = mends && !difference.mends.isEmpty && !memory.mayMend(at: now)
        if mends, !isPatient, !difference.mends.isEmpty {
            memory.mends.append(now)
            pass.plan.steps += difference.mends
        }
        let answer: Drift.Answer =
            switch rule {
            case .reassert: isPatient ? .waits : .mends
            case .yield: .accepts
            case .alert: .alerts
            }
        if held != nil, !difference.isAny { memory.isSettled = true }
        if let held {
            let added = leave(held, wanted, at: now, &memory, &pass)
            difference.drifts += added.map(Drift.destinationAdded)
        }
        if let held { takeOut(declared, held, availability, &pass) }
        for drift in difference.drifts where !memory.told.contains(drift) {
            // What was added is not put back but leaves.
            pass.news.append(Drift.News(service: declared.key, drift: drift, answer: answer))
        }
        memory.told = Set(difference.drifts)
    }

    /// What a check takes out of the table goes at once, as long as others take the clients.
    private func takeOut(
        _ declared: Declaration.Service, _ held: Table.Service, _ availability: Availability,
        _ pass: inout Pass
    ) {
        guard !availability.removed.isEmpty else { return }
        for member in declared.members {
            let key = MemberKey(service: declared.key, destination: member.key)
            guard availability.removed.contains(key), held[member.key] != nil else { continue }
            pass.plan.steps.append(
                .removeDestination(service: declared.key, destination: member.key))
        }
    }
}

extension Declaration.Service {
    /// A destination that is to be in the table, and its place among the members; none of a sorry
    /// server.
    struct Wanted {
        let member: Declaration.Member
        let place: Int?
        /// By a person's order.
        var isDrained = false
    }

    fileprivate func wanted(_ availability: Upkeep.Availability) -> [Wanted] {
        var wanted = members.enumerated().map { Wanted(member: $1, place: $0) }
        if !availability.removed.isEmpty {
            wanted.removeAll {
                availability.removed.contains(MemberKey(service: key, destination: $0.member.key))
            }
        }
        if !availability.drained.isEmpty {
            for index in wanted.indices {
                wanted[index].isDrained = availability.drained.contains(
                    MemberKey(service: key, destination: wanted[index].member.key))
            }
        }
        if let sorry, availability.sorry.contains(key) {
            wanted.append(Wanted(member: sorry, place: nil))
        }
        return wanted
    }

    /// What a destination begins with: the weight it had last, or its share by its capacity; 0 where
    /// it is drained and `others` take the clients.
    fileprivate func weight(
        _ wanted: Wanted, beside held: Table.Service?, last: Table.Service?, others: Bool
    ) -> Weight {
        guard let place = wanted.place else { return Weight(clamping: 1) }
        if wanted.isDrained, others { return Weight(clamping: 0) }
        if let known = last?[wanted.member.key] { return Weight(clamping: known.weight) }
        return held.map { firstWeight(ofMember: place, beside: $0) } ?? firstWeights[place]
    }
}

/// What differs, and the steps that end it.
private struct Difference {
    let isDrift: Bool
    var isAny = false
    var drifts: [Drift] = []
    /// What ends it where it is to end; what somebody wants otherwise may stay so.
    var mends: [Plan.Step] = []
    /// What is done in any case: checks and the operator's own changes of mind.
    var steps: [Plan.Step] = []

    init(isDrift: Bool) { self.isDrift = isDrift }

    private mutating func note(_ drift: Drift, _ step: Plan.Step?) {
        isAny = true
        if isDrift { drifts.append(drift) }
        if let step { mends.append(step) }
    }

    /// The service is not there: all of it at once, with the weights that were there last.
    mutating func make(
        _ declared: Declaration.Service, _ wanted: [Declaration.Service.Wanted],
        _ last: Table.Service?
    ) {
        note(.serviceGone, .makeService(declared.key, declared.setup))
        let others = wanted.contains { !$0.isDrained && last?[$0.member.key]?.weight != 0 }
        for one in wanted {
            mends.append(
                .addDestination(
                    service: declared.key, destination: one.member.key, setup: one.member.setup,
                    weight: declared.weight(one, beside: nil, last: last, others: others)))
        }
    }

    mutating func compare(
        _ declared: Declaration.Service, _ wanted: [Declaration.Service.Wanted],
        _ held: Table.Service, _ memory: inout Upkeep.Memory, _ rule: Drift.Rule
    ) {
        if let setup = held.setup, setup != declared.setup {
            note(.serviceEdited, .editService(declared.key, declared.setup))
        }
        var finder = DestinationFinder(held.destinations)
        var lastFinder = DestinationFinder(memory.last?.destinations ?? [])
        var missing: Set<DestinationKey> = []
        let others = held.destinations.contains { $0.weight > 0 }
        for one in wanted {
            let key = one.member.key
            guard let place = finder.findPlace(key) else {
                let add = Plan.Step.addDestination(
                    service: declared.key, destination: key, setup: one.member.setup,
                    weight: declared.weight(
                        one, beside: held, last: memory.last, others: others))
                // A sorry server, or one that a check gives back.
                if isDrift, lastFinder.find(key) == nil {
                    steps.append(add)
                    continue
                }
                missing.insert(key)
                // A dump may have skipped it.
                let isSure = !isDrift || memory.missing.contains(key)
                note(.destinationGone(key), isSure ? add : nil)
                continue
            }
            if let setup = held.setup(ofDestination: place), setup != one.member.setup {
                note(
                    .destinationEdited(key),
                    .editDestination(
                        service: declared.key, destination: key, setup: one.member.setup))
            }
            guard held.destinations[place].weight == 0 else { continue }
            if let leaving = memory.leaving[key], leaving.drainedAt != nil {
                // It left, and is declared again. One that had a 0 by then gets the least: what keeps
                // it out, such as its check or an order, says so again.
                steps.append(
                    .setWeight(
                        service: declared.key, destination: key, from: 0,
                        to: Weight(clamping: max(1, leaving.weightBefore)), cause: .leaving))
            } else if isDrift, rule == .reassert, let last = lastFinder.find(key), last.weight > 0 {
                drifts.append(.zeroed(key))
                mends.append(
                    .setWeight(
                        service: declared.key, destination: key, from: 0,
                        to: Weight(clamping: last.weight), cause: .drift))
            }
        }
        memory.missing = missing
    }
}
