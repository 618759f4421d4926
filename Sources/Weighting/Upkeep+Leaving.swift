// What is no longer declared goes: not before it is sure, and not before its connections end.

extension Upkeep {
    /// The destinations of a declared service that are not wanted in it.
    ///
    /// - Returns: those that somebody else added, and that stay.
    func leave(
        _ held: Table.Service, _ wanted: [Declaration.Service.Wanted], at now: Instant,
        _ memory: inout Memory, _ pass: inout Pass
    ) -> [DestinationKey] {
        // The usual case costs no set: every destination is the wanted one at its place.
        if memory.leaving.isEmpty, held.destinations.count == wanted.count,
            zip(held.destinations, wanted).allSatisfy({ $0.key == $1.member.key })
        {
            return []
        }
        let names = Set(wanted.map(\.member.key))
        var (added, present): ([DestinationKey], Set<DestinationKey>) = ([], [])
        for destination in held.destinations where !names.contains(destination.key) {
            let isOurs = holdings.holds(destination.key, in: held.key)
            if !isOurs { added.append(destination.key) }
            guard isOurs || rule == .reassert else { continue }
            present.insert(destination.key)
            var leaving = memory.leaving[destination.key] ?? Leaving(seenAt: now)
            leaving.audits += 1
            if leaving.isSure(at: now) {
                pass.plan.steps += steps(
                    for: destination, in: held, wanted: names, &leaving, at: now)
            }
            memory.leaving[destination.key] = leaving
        }
        if !memory.leaving.isEmpty {
            // One that is declared again is done with once it has its weight back.
            memory.leaving = memory.leaving.filter { key, leaving in
                present.contains(key)
                    || names.contains(key) && leaving.drainedAt != nil && held[key]?.weight == 0
            }
        }
        return added
    }

    private func steps(
        for destination: Table.Destination, in held: Table.Service,
        wanted: Set<DestinationKey>, _ leaving: inout Leaving, at now: Instant
    ) -> [Plan.Step] {
        guard destination.weight <= 0 else {
            // The last one that takes clients stays until another one does.
            let isNeeded = !held.destinations.contains {
                $0.weight > 0 && wanted.contains($0.key)
            }
            guard !isNeeded else { return [] }
            leaving.weightBefore = destination.weight
            leaving.drainedAt = now
            return [
                .setWeight(
                    service: held.key, destination: destination.key, from: destination.weight,
                    to: Weight(clamping: 0), cause: .leaving)
            ]
        }
        let since = leaving.drainedAt ?? now
        leaving.drainedAt = since
        guard destination.isIdle || now.seconds(since: since) >= leaveSeconds else { return [] }
        return [.removeDestination(service: held.key, destination: destination.key)]
    }

    /// A service that Poise made and nobody declares any more.
    mutating func dismiss(
        _ key: ServiceKey, _ held: Table.Service?, at now: Instant, into pass: inout Pass
    ) {
        guard let held else {
            holdings.forget(key)
            memories[key] = nil
            return
        }
        guard !isRemovalHeld else { return }
        var memory = memories.removeValue(forKey: key) ?? Memory()
        defer { memories[key] = memory }
        var leaving = memory.farewell ?? Leaving(seenAt: now)
        leaving.audits += 1
        defer { memory.farewell = leaving }
        guard leaving.isSure(at: now) else { return }
        let open = held.destinations.filter { $0.weight > 0 }
        guard open.isEmpty else {
            pass.plan.steps += open.map {
                .setWeight(
                    service: key, destination: $0.key, from: $0.weight, to: Weight(clamping: 0),
                    cause: .leaving)
            }
            leaving.drainedAt = now
            return
        }
        let since = leaving.drainedAt ?? now
        leaving.drainedAt = since
        if held.destinations.allSatisfy(\.isIdle) || now.seconds(since: since) >= leaveSeconds {
            pass.plan.steps.append(.removeService(key))
        }
    }
}

extension Upkeep.Leaving {
    fileprivate func isSure(at now: Instant) -> Bool {
        audits >= Upkeep.leastAudits && now.seconds(since: seenAt) >= Upkeep.leastAbsenceSeconds
    }
}

extension Table.Destination {
    /// Whether no connection of it is known, and no client is bound to it.
    fileprivate var isIdle: Bool {
        activeConnections == 0 && inactiveConnections == 0 && persistentConnections == 0
    }
}
