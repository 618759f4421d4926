// The part of a decision that follows load: what goes into the law, and what comes of it.

/// What the law said, of those that it was asked of.
struct Followed: Equatable, Sendable {
    fileprivate(set) var outcome: Law.Outcome?
    fileprivate(set) var results: [Law.Result] = []
    /// Where each member's result lies, −1 for none; empty where the law was not asked.
    fileprivate var index: [Int32] = []
    /// Whose results they are.
    fileprivate(set) var places: [Int] = []

    private func index(_ place: Int) -> Int? {
        guard index.indices.contains(place), index[place] >= 0 else { return nil }
        return Int(index[place])
    }

    func result(_ place: Int) -> Law.Result? {
        index(place).map { results[$0] }
    }

    func isNear(_ result: Law.Result, _ kernel: Int) -> Bool {
        outcome?.isNear(result, kernel) ?? (result.weight == kernel)
    }

    func chain(_ place: Int) -> Chain? {
        index(place).flatMap { outcome?.chain($0, results[$0]) }
    }

    /// It is at 0, whatever it would have.
    mutating func takeOut(_ place: Int) {
        guard let index = index(place) else { return }
        results[index].weight = 0
    }

    mutating func mark(_ place: Int, _ limit: Chain.Limit) {
        guard let index = index(place) else { return }
        results[index].limits.insert(limit)
    }
}

extension Deliberation {
    /// Asks the law, and remembers what it said.
    ///
    /// `out` are those that errors keep at 0: they take no share, and are judged all the same.
    mutating func follow(_ takingPart: [Int], out: [Int], of present: [Int]) -> Followed {
        guard !takingPart.isEmpty, let meanWeight = memory.meanWeight else { return Followed() }
        let unit = memory.unit
        let judged = takingPart + out
        let gate = ErrorGate(policy, evidence: judged.map { memory.members[$0].evidence.share })
        guard let median = medianCapacity(judged) else { return Followed() }
        let nominalMean = nominalMean(of: present)

        var followed = Followed()
        var inputs: [Law.Input] = []
        inputs.reserveCapacity(judged.count)
        followed.places.reserveCapacity(judged.count)
        let passed = Estimate.Passed(seconds: elapsedSeconds)
        for (places, isOut) in [(takingPart, false), (out, true)] {
            for place in places {
                let nominal = declared.members[place].nominalCapacity
                let evidence = memory.members[place].evidence.share
                let ownPart = ownPart(place)
                memory.members[place].advance(
                    unit, by: passed, fallback: median * nominal, ownPart: ownPart,
                    isFailing: gate.part(evidence) < Self.teachingGate)
                guard let rates = memory.members[place].slow(unit),
                    let prior = memory.members[place].prior(unit),
                    let share = isOut ? 0 : memory.members[place].share.current
                else { continue }
                let startShare = memory.members[place].share.startShare(within: policy.slowStart)
                inputs.append(
                    Law.Input(
                        rates: rates, prior: prior, previousShare: share, evidence: evidence,
                        othersUse: min(Self.mostOthersUse, rates.utilisation * (1 - ownPart)),
                        resource: memory.members[place].resource(unit),
                        startShare: isOut && policy.slowStart > 0
                            ? ShareMemory.startShare : startShare,
                        nominal: nominal, isOut: isOut))
                followed.places.append(place)
            }
        }
        let followers = followed.places.prefix { destinations[$0]?.weight != 0 }
        guard !followers.isEmpty else { return Followed() }
        let law = Law(
            policy: policy, meanWeight: meanWeight, elapsedSeconds: elapsedSeconds,
            mostWeight: pace.mostWeight, deadband: max(policy.deadband, pace.leastDeadband),
            isCoarse: table.scheduler == .known(.wrr),
            safeguards: fleet.safeguards)
        let serviceLoad = law.serviceLoad(inputs)
        bound(&inputs, followed.places, by: law, gate, nominalMean, serviceLoad, of: present.count)
        let (outcome, results) = law.outcome(
            inputs, shareToGive: shareToGive(to: Array(followers), of: present.count),
            serviceLoad: serviceLoad, wasCommonCause: memory.isCommonCause)
        memory.isCommonCause = outcome.common.isCommonCause
        followed.outcome = outcome
        followed.results = results
        followed.index = Array(repeating: -1, count: declared.members.count)
        for (index, place) in followed.places.enumerated() {
            followed.index[place] = Int32(clamping: index)
            guard !inputs[index].isOut else { continue }
            memory.members[place].share.decide(results[index].limitedShare)
        }
        return followed
    }

    /// The most that load may give each, by the shares that they had up to now: a decision moves none
    /// of it, so that the same knowledge decides the same again.
    private mutating func bound(
        _ inputs: inout [Law.Input], _ places: [Int], by law: Law, _ gate: ErrorGate,
        _ nominalMean: Double, _ serviceLoad: Double, of present: Int
    ) {
        for (index, place) in places.enumerated() {
            let nominal = inputs[index].nominal / nominalMean
            if !inputs[index].isOut, gate.part(inputs[index].evidence) >= Self.teachingGate {
                memory.members[place].share.settle(
                    nominal, bySeconds: elapsedSeconds,
                    isPlausible: Law.isAsBusyAsOthers(inputs[index], serviceLoad))
            }
            inputs[index].shareBound = memory.members[place].share.shareBound(
                nominal, limit: policy.mostShare / table.scheduler.lean, members: present)
        }
    }

    /// Whoever's errors leave it less than this part teaches nothing of what it can carry, and keeps
    /// its base share.
    private static let teachingGate = 0.99

    /// However busy a machine is with other services, so much of it is left.
    private static let mostOthersUse = 0.9

    /// The service's part of its machine's work, by requests: they are all that is counted of each.
    ///
    /// A service that took the whole machine's use for its own would learn nothing from what its
    /// share does, where others keep the machine busy, and its weights would walk.
    private func ownPart(_ place: Int) -> Double {
        let server = declared.members[place].server
        guard fleet.isShared(server) else { return 1 }
        // Where another's requests are not counted, connections are what all can be compared by.
        let isCounted = fleet.countWorkElsewhere(server: server, service: service, memory.unit)
        let unit = isCounted ? memory.unit : .connections
        guard let own = memory.members[place].slow(unit)?.work else { return 1 }
        let others = fleet.workElsewhere(server: server, service: service, unit)
        guard others > 0 else { return 1 }
        let part = own / (own + others)
        // While the service is fuller than its machine, its use is nobody else's.
        return part + (1 - part) * (1 - memory.members[place].machinePart(unit))
    }

    /// What the middle one of them carries for each unit of its nominal capacity; who never said
    /// anything of its own is believed to carry as much.
    private func medianCapacity(_ judged: [Int]) -> Double? {
        let unit = memory.unit
        // Asked for by newcomers only.
        if judged.allSatisfy({ memory.members[$0].prior(unit) != nil }) { return 1 }
        let capacities = judged.compactMap { place in
            (memory.members[place].prior(unit)
                ?? memory.members[place].observedCapacity(unit, ownPart: ownPart(place))).map {
                    $0 / declared.members[place].nominalCapacity
                }
        }.sorted()
        return capacities.isEmpty ? nil : capacities[capacities.count / 2]
    }

    private func nominalMean(of present: [Int]) -> Double {
        let sum = present.exactSum { declared.members[$0].nominalCapacity }
        return sum > 0 ? sum / Double(present.count) : 1
    }

    /// What those that follow load have together.
    ///
    /// While others hold, that is what they had when the first of those began, and changes only by
    /// who begins or ceases to follow. Adding it up anew at each tick would let it shrink, since
    /// shares fall faster than they rise.
    private mutating func shareToGive(to followers: [Int], of present: Int) -> Double {
        guard followers.count < present else {
            memory.followers = nil
            return Double(present)
        }
        let places = Set(followers)
        func sum(_ places: Set<Int>) -> Double {
            places.exactSum { memory.members[$0].share.counted }
        }
        var share = sum(places)
        if let before = memory.followers {
            share =
                before.share + sum(places.subtracting(before.places))
                - sum(before.places.subtracting(places))
        }
        share = max(share, policy.floor)
        memory.followers = ServiceMemory.Followers(places: places, share: share)
        return share
    }

    /// On sh, gives each of the scheduler's places to somebody: it fills the rest from the front.
    func fitPlaces(_ followed: inout Followed, beside verdicts: [Verdict]) {
        let following = followed.results.indices.filter {
            let reason = verdicts[followed.places[$0]].reason
            return reason == .follows || reason == .withinDeadband
        }
        var others = 0
        var ours: Set<Int> = []
        for index in following { ours.insert(followed.places[index]) }
        for place in verdicts.indices where !ours.contains(place) {
            guard let kernel = verdicts[place].kernel else { continue }
            let isWritten = verdicts[place].reason.causeOfStep != nil
            let weight = isWritten ? verdicts[place].weight?.rawValue ?? kernel : kernel
            // A server with 0 takes a place all the same.
            others += max(weight, 1)
        }
        let room = Profile.sourcePlaces - others
        let sum = following.exactSum { followed.results[$0].limitedShare }
        guard room >= following.count, sum > 0 else { return }
        // One place for each, and of the rest what its share comes to, rounded down.
        let free = Double(room - following.count)
        var left = room
        var fractions: [(index: Int, fraction: Double)] = []
        for index in following {
            let exact = followed.results[index].limitedShare / sum * free
            let whole = Int(exact.rounded(.down))
            fractions.append((index, exact - Double(whole)))
            followed.results[index].weight = 1 + whole
            followed.results[index].limits.insert(.places)
            left -= 1 + whole
        }
        fractions.sort { ($1.fraction, $0.index) < ($0.fraction, $1.index) }
        for (index, _) in fractions.prefix(max(0, left)) { followed.results[index].weight += 1 }
    }

    /// Keeps writes apart on schedulers that rebuild a table at each of them.
    mutating func keepPace(_ verdicts: inout [Verdict]) {
        guard pace.seconds > 0 else { return }
        let waits = memory.wroteAt.map { moment.seconds(since: $0) < pace.seconds } ?? false
        let isOverfull =
            table.scheduler == .known(.sh)
            && table.destinations.reduce(0) { $0 + max($1.weight, 1) } > Profile.sourcePlaces
        let isBatch = verdicts.indices.contains { verdicts[$0].reason.causeOfStep == .load }
        for place in verdicts.indices {
            switch verdicts[place].reason {
            case .follows where waits && !isOverfull:
                verdicts[place].reason = .waits
            case .keepsShare(let hold) where waits && !isOverfull,
                .comesBack(let hold) where waits && !isOverfull:
                verdicts[place].reason = .holds(hold)
            case .withinDeadband
            where isBatch && !waits && table.scheduler == .known(.sh)
                && verdicts[place].weight?.rawValue != verdicts[place].kernel:
                // Only all of them together fill the table.
                verdicts[place].reason = .follows
            default: break
            }
        }
    }
}
