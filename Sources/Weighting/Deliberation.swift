// How one service is decided in one tick: who takes part, what the law says, what is to be written.

internal import Protocol

/// One service at one tick.
struct Deliberation {
    let fleet: Fleet
    /// Index into the cluster's services.
    let service: Int
    let declared: Cluster.Service
    var memory: ServiceMemory
    let table: Table.Service
    let moment: Instant
    let elapsedSeconds: Double
    let policy: Policy
    let pace: Pace
    /// Why nothing may move at this tick, whatever the service looks like.
    private let standstill: Hold?
    /// Whether this master was late, so that it doubts what it found.
    var isLate: Bool { standstill == .masterLate }

    /// Parallel to the declared members.
    let destinations: [Table.Destination?]

    init(
        _ fleet: Fleet, service: Int, memory: consuming ServiceMemory, table: Table.Service,
        at now: Instant, elapsedSeconds: Double, standstill: Hold?
    ) {
        self.fleet = fleet
        self.service = service
        declared = fleet.cluster.services[service]
        policy = fleet.policies[service]
        pace = Pace.of(table.scheduler)
        self.memory = memory
        self.table = table
        moment = now
        self.elapsedSeconds = elapsedSeconds
        self.standstill = standstill
        var finder = DestinationFinder(table.destinations)
        destinations = declared.members.map { finder.find($0.destination) }
    }

    /// The decision, and what is to be remembered for the next.
    mutating func decide() -> (Decision.Service, ServiceMemory) {
        countConnections()
        let raised = hearOfDrains()
        let availability = availability()
        let drains = availability.outcomes
        let holds = destinations.indices.map { place in
            destinations[place].flatMap {
                self.hold(drains[place], place)
                    ?? Guard.hold(
                        fleet, memory.members, place, policy,
                        server: declared.members[place].server, kernel: $0.weight, at: moment)
            }
        }
        let present = destinations.indices.places { (destinations[$0]?.weight ?? 0) > 0 }
        // Never-heard members have no say; those that hold keep the one they had.
        memory.unit =
            present.allSatisfy {
                memory.members[$0].countsRequests || holds[$0] == .neverHeard
                    || drains[$0].isOrdered
            }
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
                    fleet, memory, declared, table: table,
                    present: memory.ordered.isEmpty
                        ? present : present.filter { !drains[$0].isOrdered },
                    holds: holds, at: moment)
            if hold == nil { take(mean) }
        }
        var overridden = lookAtShares(holds: holds, hold: hold)
        for place in raised { overridden[place] = 0 }
        for (place, weight) in availability.overridden { overridden[place] = weight }
        for entry in memory.ordered where drains[entry.place].isOrdered {
            guard let kernel = destinations[entry.place]?.weight, kernel > 0,
                let meanWeight = memory.meanWeight
            else { continue }
            memory.members[entry.place].share.fix(kernel: kernel, meanWeight: meanWeight)
        }

        let takingPart = hold == nil ? present.places { holds[$0] == nil } : []
        let out = outForErrors(drains)
        var followed = follow(takingPart, out: hold == nil ? out : [], of: present)
        let ejections = judgeErrors(
            &followed, drains: drains, holds: holds, present: present, out: out, hold: hold)

        // A constant: one that could change would be copied for each verdict.
        let scene = Scene(
            drains: drains, holds: holds, hold: hold, followed: followed, ejections: ejections)
        // Made where they stay: what is written in small parts and at once copied in large ones
        // makes the processor wait, 25 ns for each.
        var verdicts = [Verdict](unsafeUninitializedCapacity: declared.members.count) {
            for place in declared.members.indices {
                $0.initializeElement(
                    at: place,
                    to: verdict(
                        place, scene, overridden: overridden.isEmpty ? nil : overridden[place]))
            }
            $1 = declared.members.count
        }
        if table.scheduler == .known(.sh), !followed.places.isEmpty {
            fitPlaces(&followed, beside: verdicts)
            let fitted = scene.with(followed)
            for place in followed.places where verdicts[place].reason.followsLoad {
                verdicts[place] = verdict(place, fitted, overridden: overridden[place])
            }
        }
        keepPace(&verdicts)
        for place in verdicts.indices {
            // A copy of each verdict of thousands would take a millisecond.
            expect(
                place, verdicts[place].weight, for: verdicts[place].reason.causeOfStep)
        }
        settleFreed(verdicts)
        learnQuorum(verdicts)
        return (
            Decision.Service(
                scheduler: table.scheduler, hold: hold, verdicts: verdicts,
                alarm: alarm(availability, ejections), isBelowQuorum: memory.isBelowQuorum,
                followed: followed),
            memory
        )
    }

    /// What was found out of the members before their verdicts.
    struct Scene {
        let drains: [DrainOutcome]
        let holds: [Hold?]
        let hold: Hold?
        let followed: Followed
        let ejections: Ejections

        func with(_ followed: Followed) -> Scene {
            Scene(
                drains: drains, holds: holds, hold: hold, followed: followed, ejections: ejections)
        }
    }

    private mutating func countConnections() {
        var opened: UInt64 = 0
        for place in destinations.indices {
            let now = destinations[place]?.scheduledConnections
            // The count starts anew with the destination.
            if let before = memory.members[place].kernelConnections, let now, now > before {
                opened += now - before
            }
            memory.members[place].kernelConnections = now
        }
        memory.connectionRate.count(
            opened, at: moment, timeConstant: policy.slowTimeConstant)
    }

    /// Utilisation of the busiest member at which load begins, and ceases, to tell: below that the
    /// quotient of requests and use is noise, and weights would walk.
    private static let busyFrom = 0.10
    private static let busyUntil = 0.05

    private mutating func learnWhetherBusy(_ present: [Int]) {
        var most: Double?
        for place in present {
            guard let use = memory.members[place].slow(memory.unit)?.utilisation else { continue }
            most = max(most ?? 0, use)
        }
        guard let most else { return }
        memory.isBusy =
            most > (memory.isBusy ? Self.busyUntil : Self.busyFrom)
            || !fleet.safeguards.hold(.idleHolds)
    }

    private mutating func verdict(_ place: Int, _ scene: Scene, overridden: Int?) -> Verdict {
        let member = declared.members[place]
        let (weight, reason) = weigh(place, scene, scene.followed.result(place))
        return Verdict(
            server: member.server, destination: member.destination,
            kernel: destinations[place]?.weight, weight: weight, reason: reason,
            overridden: overridden,
            state: fleet.hosts[member.server].said.map {
                Guard.worstState($0.state, memory.members[place].narrowedState)
            })
    }

    @inline(__always)
    private mutating func weigh(
        _ place: Int, _ scene: Scene, _ result: Law.Result?
    ) -> (Weight?, Verdict.Reason) {
        guard let kernel = destinations[place]?.weight else { return (nil, .absent) }
        switch scene.drains[place] {
        case .drains(let cause):
            return (Weight(clamping: 0), .drains(cause))
        case .returns(let cause):
            // With a cause it is the only one that is left.
            let isNewcomer = scene.hold == nil && cause == nil
            return (weightAfterDrain(place, slowly: isNewcomer), .returns(cause))
        case .out:
            guard scene.ejections.returning.contains(place)
            else { return (Weight(clamping: 0), .ejected) }
            return (weightAfterErrors(place, result?.weight), .readmitted)
        case .none, .stays, .overruled, .lastForOrder, .contested, .endures: break
        case .orderedOut(let index), .orderedWeight(let index):
            let entry = memory.ordered[index]
            return (entry.weight, .ordered(entry.order))
        case .released:
            return (weightAfterDrain(place, slowly: scene.hold == nil), .released)
        case .freed where result == nil:
            guard let weight = weightBeforeOrder(place) else { break }
            return (weight, .released)
        case .freed: break
        case .fails:
            let check = memory.members[place].check
            return (Weight(clamping: 0), check.isUp ? .waitsForCheck : .failsCheck(check.text))
        case .passes:
            return (weightAfterDrain(place, slowly: scene.hold == nil), .passesCheck)
        case .neededAgain:
            return (
                weightAfterDrain(place, slowly: false),
                .neededAgain(memory.members[place].check.text)
            )
        }
        if !scene.ejections.leaving.isEmpty, scene.ejections.leaving.contains(place) {
            return (Weight(clamping: 0), .ejected)
        }
        if let result {
            return (
                Weight(clamping: result.weight),
                isNear(result, kernel, scene) ? .withinDeadband : .follows
            )
        }
        let hold = scene.holds[place] ?? scene.hold ?? .learning
        let comesBack = memory.members[place].share.isOnItsWay
        guard scene.hold == nil || comesBack && newcomersGoOn(in: scene.hold), kernel > 0,
            let meanWeight = memory.meanWeight,
            let kept = memory.members[place].share.weightToKeep(
                kernel: kernel, meanWeight: meanWeight,
                deadband: max(policy.deadband, pace.leastDeadband))
        else { return (Weight(kernel), .holds(hold)) }
        return (kept, comesBack ? .comesBack(hold) : .keepsShare(hold))
    }

    private func isNear(_ result: Law.Result, _ kernel: Int, _ scene: Scene) -> Bool {
        guard fleet.safeguards.hold(.deadband) else { return result.weight == kernel }
        return scene.followed.isNear(result, kernel)
    }

    /// Remembers what the kernel should hold when the next tick comes, and what it held.
    private mutating func expect(_ place: Int, _ weight: Weight?, for cause: Plan.Cause?) {
        guard let kernel = destinations[place]?.weight else { return }
        if kernel > 0, cause?.takesAway == true, weight?.rawValue != kernel, !isKept(place) {
            keepBeforeDrain(place, kernel: kernel)
        }
        if kernel == 0, cause != nil, let weight, weight.rawValue > 0 {
            memory.members[place].drain.give(weight.rawValue)
        }
        memory.members[place].share.expect(
            cause == nil ? kernel : weight?.rawValue ?? kernel)
    }
}

extension Verdict.Reason {
    fileprivate var followsLoad: Bool { self == .follows || self == .withinDeadband }

    /// What the verdict's weight is written for, where it is to be written.
    var causeOfStep: Plan.Cause? {
        switch self {
        case .follows, .keepsShare, .comesBack: .load
        case .drains: .drain
        case .returns: .endOfDrain
        case .ejected: .errors
        case .readmitted: .endOfErrors
        case .ordered: .order
        case .released: .endOfOrder
        case .failsCheck, .waitsForCheck: .check
        case .passesCheck, .neededAgain: .endOfCheck
        case .withinDeadband, .waits, .holds, .absent: nil
        }
    }
}
