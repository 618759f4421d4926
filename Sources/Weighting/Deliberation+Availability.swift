// The part of a decision that comes before load: what orders, checks and agents make of each member.
//
// Orders go before checks, checks before what agents ask for, and that before errors and load.

/// What was found of the members before load was looked at.
struct Availability {
    /// Parallel to the members.
    var outcomes: [DrainOutcome]
    /// What a person should look at.
    var alarm: Alarm?
    /// Where somebody else changed what was ordered: the weight that should have been there.
    var overridden: [Int: Int] = [:]
}

extension Deliberation {
    /// Decides what becomes of each member, whatever its load is.
    mutating func availability() -> Availability {
        var found = Availability(
            outcomes: Array(repeating: .none, count: memory.members.count))
        // As mostly: nobody asks for anything, and no 0 is ours.
        let isAsked =
            memory.members.indices.contains { memory.members[$0].drain.isOfNote }
            || !memory.ordered.isEmpty || !memory.released.isEmpty
        guard isAsked || !fleet.safeguards.hold(.foreignZeros) else {
            memory.isPanic = false
            return found
        }
        let kernel = destinations.map { $0?.weight }
        var live = table.destinations.count { $0.weight > 0 }
        live -= obeyOrders(&found, kernel, live)
        live -= judgeChecks(&found, kernel, live)
        Drains.decide(
            &found.outcomes, memory.members, kernel: kernel, live: live, fleet.safeguards)
        if live <= 0 { keepOne(&found, kernel) }
        for place in found.outcomes.indices {
            switch found.outcomes[place] {
            case .orderedOut: memory.members[place].drain.serve(.order)
            case .fails: memory.members[place].drain.serve(.check)
            case .drains: memory.members[place].drain.serve(.drain)
            default: break
            }
        }
        return found
    }

    /// Orders, the oldest first; how many members with a weight they take out now.
    private mutating func obeyOrders(
        _ found: inout Availability, _ kernel: [Int?], _ live: Int
    ) -> Int {
        for place in memory.released where kernel[place] ?? 0 > 0 { found.outcomes[place] = .freed }
        var going = 0
        let byAge = memory.ordered.indices.sorted {
            (memory.ordered[$0].order.id, $0) < (memory.ordered[$1].order.id, $1)
        }
        for index in byAge {
            let entry = memory.ordered[index]
            let place = entry.place
            guard let held = kernel[place] else {
                // What comes back is another destination, which nobody changed.
                memory.ordered[index].isConfirmed = false
                if entry.order.isDrain { memory.members[place].drain.claim() }
                continue
            }
            let outcome: DrainOutcome =
                entry.order.isDrain ? .orderedOut(index) : .orderedWeight(index)
            guard held != entry.weight.rawValue else {
                memory.ordered[index].confirm()
                found.outcomes[place] = outcome
                continue
            }
            if held == 0, !entry.order.isForced, memory.members[place].drain.zero != .ours {
                // Somebody else's, and a weight is no word about that.
                continue
            }
            if entry.order.isDrain, !entry.order.isForced, live - going < 2,
                fleet.safeguards.hold(.lastOneForOrders)
            {
                found.outcomes[place] = .lastForOrder(index)
                continue
            }
            if entry.isConfirmed {
                found.overridden[place] = entry.weight.rawValue
                let isTooSoon =
                    entry.rewroteAt.map { moment.seconds(since: $0) < MemberOrder.paceSeconds }
                    ?? false
                if isTooSoon, fleet.safeguards.hold(.orderPace) {
                    found.outcomes[place] = .contested(index)
                    continue
                }
                (memory.ordered[index].isConfirmed, memory.ordered[index].rewroteAt) =
                    (false, moment)
            }
            if entry.order.isDrain { going += 1 }
            found.outcomes[place] = outcome
        }
        return going
    }

    /// Nobody would have a weight, and no person wants that: the one of those out by checks that
    /// failed last comes back.
    ///
    /// Errors and agents have their own such rules.
    private mutating func keepOne(_ found: inout Availability, _ kernel: [Int?]) {
        let isServed = found.outcomes.indices.contains {
            switch found.outcomes[$0] {
            case .returns, .released, .passes, .neededAgain, .freed: true
            case .orderedWeight(let index): memory.ordered[index].weight.rawValue > 0
            default: false
            }
        }
        guard !isServed else { return }
        let last = found.outcomes.indices.filter { found.outcomes[$0] == .fails && kernel[$0] == 0 }
            .max { failedAt($0) < failedAt($1) }
        if let last { found.outcomes[last] = .neededAgain }
    }

    func failedAt(_ place: Int) -> (Instant, Int) {
        (memory.members[place].check.changedAt ?? Instant(nanoseconds: 0), place)
    }

    /// What a member holds for as far as load is concerned.
    @inline(__always)
    func hold(_ outcome: DrainOutcome, _ place: Int) -> Hold? {
        if case .none = outcome { return nil }
        return holdOfNote(outcome, place)
    }

    private func holdOfNote(_ outcome: DrainOutcome, _ place: Int) -> Hold? {
        func order(_ index: Int) -> String { memory.ordered[index].order.text }
        let text = memory.members[place].check.text
        return switch outcome {
        case .orderedOut(let index), .orderedWeight(let index): .ordered(order(index))
        case .lastForOrder(let index): .lastForOrder(order(index))
        case .contested(let index): .orderContested(order(index))
        case .endures(.panic): .panic(text)
        case .endures(.tooManyAtOnce): .manyFailAtOnce(text)
        case .endures(.noRoom): .noRoomToFail(text)
        case .endures(.overruled): .failureOverruled(text)
        default: outcome.hold
        }
    }

    /// Whether what it had before its orders is remembered: what it has now is none of that.
    func isKept(_ place: Int) -> Bool {
        !memory.ordered.isEmpty && memory.ordered.contains { $0.place == place && $0.isObeyed }
    }

    /// Whose ordered weight ended, and who follows load again or has what it had before.
    mutating func settleFreed(_ verdicts: [Verdict]) {
        guard !memory.released.isEmpty else { return }
        memory.released.removeAll { place in
            guard verdicts[place].reason == .released else { return true }
            return verdicts[place].weight?.rawValue == verdicts[place].kernel
        }
    }

    /// The worst that a person should look at.
    func alarm(_ availability: Availability, _ ejections: Ejections) -> Alarm? {
        if let alarm = availability.alarm { return alarm }
        if memory.isCommonCause { return .commonCause }
        if ejections.isFull { return .tooManyFail }
        return declared.quorum != nil && memory.isBelowQuorum ? .belowQuorum : nil
    }

    /// What a weight that was ordered leaves behind: what the member had before.
    func weightBeforeOrder(_ place: Int) -> Weight? {
        guard let before = memory.members[place].drain.before else { return nil }
        if let meanWeight = memory.meanWeight, memory.scheduler == table.scheduler {
            return Weight(nearest: before.share * meanWeight, atLeast: 1)
        }
        return before.scheduler == table.scheduler
            ? Weight(nearest: Double(before.weight), atLeast: 1) : nil
    }
}
