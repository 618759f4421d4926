// How one service is decided in one tick: who takes part, what the law says, what is to be written.

internal import Protocol

/// One service at one tick.
struct Deliberation {
    let fleet: Fleet
    let declared: Cluster.Service
    var memory: ServiceMemory
    let table: Table.Service
    let moment: Instant
    let elapsedSeconds: Double
    /// Why nothing may move at this tick, whatever the service looks like.
    private let standstill: Hold?

    /// Parallel to the declared members.
    let destinations: [Table.Destination?]

    init(
        _ fleet: Fleet, service: Int, memory: consuming ServiceMemory, table: Table.Service,
        at now: Instant, elapsedSeconds: Double, standstill: Hold?
    ) {
        self.fleet = fleet
        declared = fleet.cluster.services[service]
        policy = fleet.policies[service]
        self.memory = memory
        self.table = table
        moment = now
        self.elapsedSeconds = elapsedSeconds
        self.standstill = standstill
        var finder = DestinationFinder(table.destinations)
        destinations = declared.members.map { finder.find($0.destination) }
    }

    let policy: Policy

    /// The decision, and what is to be remembered for the next.
    mutating func decide() -> (Decision.Service, ServiceMemory) {
        expectMemory()
        countConnections()
        let raised = hearOfDrains()
        let drains = Drains.outcomes(
            memory.members, kernel: destinations.map { $0?.weight },
            live: table.destinations.count { $0.weight > 0 })
        let holds = destinations.enumerated().map { place, destination in
            destination.flatMap {
                drains[place].hold
                    ?? Guard.hold(
                        fleet, memory.members[place], policy,
                        server: declared.members[place].server, kernel: $0.weight, at: moment)
            }
        }
        let present = destinations.indices.filter { (destinations[$0]?.weight ?? 0) > 0 }
        // Never-heard members have no say; those that hold keep the one they had.
        memory.unit =
            present.allSatisfy { memory.members[$0].countsRequests || holds[$0] == .neverHeard }
            ? .requests : .connections
        learnWhetherBusy(present)

        let hold: Hold?
        switch profile(present: present, holds: holds) {
        case .unfit(let why):
            hold = .scheduler(why)
        case .weights(let mean):
            hold =
                standstill
                ?? Guard.hold(
                    fleet, memory, declared, table: table, present: present, holds: holds,
                    at: moment)
            if hold == nil { take(mean) }
        }
        var overridden = lookAtShares(holds: holds, isFollowed: hold == nil)
        for place in raised { overridden[place] = 0 }
        let takingPart = present.filter { hold == nil && holds[$0] == nil }
        let chains = follow(takingPart, of: present)

        let verdicts = declared.members.indices.map { place in
            verdict(
                place, drain: drains[place], chain: chains.isEmpty ? nil : chains[place],
                hold: holds[place] ?? hold,
                isFollowed: hold == nil, overridden: overridden[place])
        }
        return (
            Decision.Service(scheduler: table.scheduler, hold: hold, verdicts: verdicts),
            memory
        )
    }

    /// Asks for what is known of the members: it was last looked at half a second ago.
    private func expectMemory() {
        for place in memory.members.indices {
            memory.members.prefetch(place)
            fleet.hosts.prefetch(declared.members[place].server)
        }
    }

    private mutating func countConnections() {
        var opened: UInt64 = 0
        for (place, destination) in destinations.enumerated() {
            let before = memory.members[place].kernelConnections
            // The count starts anew with the destination.
            if let before, let count = destination?.scheduledConnections, count > before {
                opened += count - before
            }
            memory.members[place].kernelConnections =
                destination?.scheduledConnections
        }
        memory.connectionRate.count(
            opened, at: moment, timeConstant: policy.slowTimeConstant)
    }

    /// Utilisation of the busiest member at which load begins, and ceases, to tell: below that the
    /// quotient of requests and use is noise, and weights would walk.
    private static let busyFrom = 0.10
    private static let busyUntil = 0.05

    private mutating func learnWhetherBusy(_ present: [Int]) {
        let most = present.compactMap { memory.members[$0].slow(memory.unit)?.utilisation }.max()
        guard let most else { return }
        memory.isBusy = most > (memory.isBusy ? Self.busyUntil : Self.busyFrom)
    }

    private func profile(present: [Int], holds: [Hold?]) -> Profile {
        let isSame = memory.scheduler == nil || memory.scheduler == table.scheduler
        // A restarted master takes up the scale that it finds, where that is one of ours.
        let weights = present.compactMap { destinations[$0]?.weight }
        let found = Double(weights.reduce(0, +)) / Double(max(weights.count, 1))
        let wanted = Profile.of(
            table.scheduler, rate: memory.connectionRate.perSecond, members: present.count,
            previousMean: isSame ? memory.meanWeight : nil)
        guard case .weights = wanted, isSame else { return wanted }
        guard let mean = memory.meanWeight else {
            return table.scheduler == .known(.wrr) && Profile.roundRobinMean.contains(found)
                ? .weights(mean: found) : wanted
        }
        // A new mean rewrites every weight, and those that hold are to be left alone.
        return present.contains { holds[$0] != nil } ? .weights(mean: mean) : wanted
    }

    private mutating func take(_ mean: Double) {
        defer { (memory.meanWeight, memory.scheduler) = (mean, table.scheduler) }
        guard let before = memory.meanWeight, before != mean else { return }
        for place in destinations.indices {
            memory.members[place].share.rescale()
        }
    }

    /// Compares every share with what the kernel holds.
    ///
    /// Weights on about our scale are taken as they are, so that a restarted master changes
    /// nothing. On any other scale, such as all 1, only their ratios count.
    /// Returns, for members that somebody else changed, the weight that should have been there.
    private mutating func lookAtShares(holds: [Hold?], isFollowed: Bool) -> [Int: Int] {
        guard let meanWeight = memory.meanWeight else { return [:] }
        let weights = destinations.compactMap { $0?.weight }.filter { $0 > 0 }
        let mean = Double(weights.reduce(0, +)) / Double(max(weights.count, 1))
        let unit = (meanWeight / 2...meanWeight * 2).contains(mean) ? meanWeight : mean
        let isStart = memory.members.allSatisfy { $0.share.current == nil }
        let nominals = declared.members.map(\.nominalCapacity)
        let meanNominal = nominals.reduce(0, +) / Double(max(nominals.count, 1))

        var overridden: [Int: Int] = [:]
        for (place, destination) in destinations.enumerated() {
            guard let kernel = destination?.weight, kernel > 0 else {
                memory.members[place].share.leave()
                continue
            }
            if memory.members[place].share.current != nil {
                overridden[place] = memory.members[place].share
                    .look(kernel: kernel, meanWeight: meanWeight)
            } else if isStart {
                guard isFollowed else { continue }
                memory.members[place].share
                    .start(kernel: kernel, unit: unit, meanWeight: meanWeight)
            } else {
                memory.members[place].share.arrive(
                    kernel: kernel, meanWeight: meanWeight, hold: holds[place],
                    nominal: nominals[place] / meanNominal,
                    isOurs: memory.members[place].drain.isBack)
            }
        }
        return overridden
    }

    private mutating func verdict(
        _ place: Int, drain: DrainOutcome, chain: Chain?, hold: Hold?, isFollowed: Bool,
        overridden: Int?
    ) -> Verdict {
        let member = declared.members[place]
        let kernel = destinations[place]?.weight
        let (weight, reason) = weigh(
            place, kernel: kernel, drain: drain, chain: chain, hold: hold, isFollowed: isFollowed)
        if let kernel {
            memory.members[place].share.expect(
                reason.causeOfStep == nil ? kernel : weight?.rawValue ?? kernel)
        }
        return Verdict(
            server: member.server, destination: member.destination, kernel: kernel, weight: weight,
            reason: reason, chain: chain, overridden: overridden,
            state: fleet.hosts[member.server].said.map {
                Guard.worstState($0.state, memory.members[place].narrowedState)
            })
    }

    private mutating func weigh(
        _ place: Int, kernel: Int?, drain: DrainOutcome, chain: Chain?, hold: Hold?,
        isFollowed: Bool
    ) -> (Weight?, Verdict.Reason) {
        guard let kernel else { return (nil, .absent) }
        switch drain {
        case .drains(let cause):
            if kernel > 0 { keepBeforeDrain(place, kernel: kernel) }
            return (Weight(clamping: 0), .drains(cause))
        case .returns(let cause):
            return (weightAfterDrain(place), .returns(cause))
        case .none, .stays, .overruled: break
        }
        if let chain {
            let weight = Weight(clamping: chain.weight)
            let isNear =
                Double(abs(weight.rawValue - kernel)) <= policy.deadband * Double(kernel)
            return (weight, isNear ? .withinDeadband : .follows)
        }
        let hold = hold ?? .learning
        guard isFollowed, kernel > 0, let meanWeight = memory.meanWeight,
            let kept = memory.members[place].share.weightToKeep(
                kernel: kernel, meanWeight: meanWeight, deadband: policy.deadband)
        else { return (Weight(kernel), .holds(hold)) }
        return (kept, .keepsShare(hold))
    }
}

extension Verdict.Reason {
    /// What the verdict's weight is written for, where it is to be written.
    var causeOfStep: Plan.Cause? {
        switch self {
        case .follows, .keepsShare: .load
        case .drains: .drain
        case .returns: .endOfDrain
        case .ejected: .errors
        case .readmitted: .endOfErrors
        case .withinDeadband, .holds, .absent: nil
        }
    }
}
