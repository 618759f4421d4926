// What may never happen, checked on every plan before it leaves the balancer.

/// Checks of a plan against the table it was made on.
package enum Invariants {
    package enum Violation: Equatable, Sendable {
        /// Load alone never takes a server out: only orders, checks, drains and errors do.
        case zeroByLoad(ServiceKey, DestinationKey)
        /// A 0 that somebody else set is theirs to raise.
        case raisesForeignZero(ServiceKey, DestinationKey)
        /// Nothing takes the last destination that has a weight, but an order that says so.
        case empties(ServiceKey, DestinationKey)
        /// Errors and checks take out a tenth of a service at once, or one, and never more than a
        /// third of it is out, or one.
        case tooManyOut(ServiceKey, DestinationKey)
        /// The step is about a destination that the kernel does not hold.
        case notInTable(ServiceKey, DestinationKey)
        /// The step was made on another weight than the kernel's.
        case madeOnOtherWeight(ServiceKey, DestinationKey)
        /// Two steps of one plan on one destination.
        case doubled(ServiceKey, DestinationKey)

        package var member: MemberKey {
            switch self {
            case .zeroByLoad(let service, let destination),
                .raisesForeignZero(let service, let destination),
                .empties(let service, let destination),
                .tooManyOut(let service, let destination),
                .notInTable(let service, let destination),
                .madeOnOtherWeight(let service, let destination),
                .doubled(let service, let destination):
                MemberKey(service: service, destination: destination)
            }
        }
    }

    /// What is known of zeros, apart from the plan.
    package struct Zeros: Equatable, Sendable {
        /// Where an order, a check, a drain or errors wrote the 0 that the kernel holds.
        package var ours: Set<MemberKey>
        /// Of these, where neither a person nor a server that serves still wants it.
        package var keptOut: Set<MemberKey>
        /// Of which an order may take the last one, or raise somebody else's 0.
        package var forced: Set<MemberKey>
        /// Who went within the last window, and is no further one when it goes again.
        package var counted: Set<MemberKey>
        /// Whose sorry server answers, so that all who fail may go.
        package var relieved: Set<ServiceKey>

        package init(
            ours: Set<MemberKey> = [], keptOut: Set<MemberKey> = [], forced: Set<MemberKey> = [],
            counted: Set<MemberKey> = [], relieved: Set<ServiceKey> = []
        ) {
            (self.ours, self.keptOut, self.forced) = (ours, keptOut, forced)
            (self.counted, self.relieved) = (counted, relieved)
        }
    }

    /// Everything in `plan` that must not be applied to `table`; empty for every plan of ours.
    package static func violations(
        of plan: Plan, on table: Table, zeros: Zeros
    ) -> [Violation] {
        var found: [Violation] = []
        var touched: [ServiceKey: [Plan.Step]] = [:]
        // In the order of the plan, so that the same plan is refused with the same words.
        var order: [ServiceKey] = []
        var rest = plan.steps[...]
        // Steps come service by service, mostly.
        while let service = rest.first?.service {
            let run = rest.prefix { $0.service == service }
            rest = rest[run.endIndex...]
            if touched[service] == nil { order.append(service) }
            touched[service, default: []] += run
        }
        for service in order {
            found += violations(
                of: touched[service] ?? [], on: table[service: service], zeros: zeros)
        }
        return found
    }

    private static func violations(
        of steps: [Plan.Step], on table: Table.Service?, zeros: Zeros
    ) -> [Violation] {
        let destinations = table?.destinations ?? []
        var finder = DestinationFinder(destinations)
        var isSeen = Array(repeating: false, count: destinations.count)
        let isEmptied = isEmptied(table, by: steps)
        let isTooMuch = takesTooMany(steps, of: table, zeros)
        var found: [Violation] = []
        for case .setWeight(let service, let destination, let from, let to, let cause) in steps {
            guard let place = finder.findPlace(destination) else {
                found.append(.notInTable(service, destination))
                continue
            }
            let kernel = destinations[place].weight
            if isSeen[place] { found.append(.doubled(service, destination)) }
            isSeen[place] = true
            let member = MemberKey(service: service, destination: destination)
            let isForced = cause == .order && zeros.forced.contains(member)
            if to.rawValue == 0 {
                if !cause.takesAway { found.append(.zeroByLoad(service, destination)) }
                if isEmptied, !isForced { found.append(.empties(service, destination)) }
                if isTooMuch, cause == .errors || cause == .check {
                    found.append(.tooManyOut(service, destination))
                }
            }
            if kernel == 0 {
                let isOurs = (cause.isEnd || cause == .order) && zeros.ours.contains(member)
                if !isOurs, !isForced { found.append(.raisesForeignZero(service, destination)) }
            }
            if kernel != from { found.append(.madeOnOtherWeight(service, destination)) }
        }
        return found
    }

    /// Whether the service has a destination with a weight, and would have none.
    ///
    /// What the plan raises from 0 does not count: that write may fail.
    private static func isEmptied(_ table: Table.Service?, by steps: [Plan.Step]) -> Bool {
        var zeros: Set<DestinationKey> = []
        for case .setWeight(_, let destination, _, let to, _) in steps where to.rawValue == 0 {
            zeros.insert(destination)
        }
        guard !zeros.isEmpty, let table else { return false }
        return table.destinations.allSatisfy { $0.weight <= 0 || zeros.contains($0.key) }
    }

    private static func takesTooMany(
        _ steps: [Plan.Step], of table: Table.Service?, _ known: Zeros
    ) -> Bool {
        var (byErrors, byChecks, all, again) = (0, 0, 0, 0)
        for case .setWeight(let service, let destination, _, let to, let cause) in steps
        where to.rawValue == 0 {
            all += 1
            if cause == .errors { byErrors += 1 }
            guard cause == .check else { continue }
            byChecks += 1
            let member = MemberKey(service: service, destination: destination)
            if known.counted.contains(member) { again += 1 }
        }
        guard byErrors + byChecks > 0, let table else { return false }
        func count(_ zeros: Set<MemberKey>) -> Int {
            table.destinations.count {
                $0.weight == 0
                    && zeros.contains(MemberKey(service: table.key, destination: $0.key))
            }
        }
        let present = table.destinations.count
        let most = max(1, present / Ejections.Limits.mostAtOnce)
        // Errors respect whoever is out for whatever reason.
        if byErrors > 0, count(known.ours) + all > most { return true }
        guard !known.relieved.contains(table.key) else { return false }
        return byErrors + byChecks - again > max(1, present / Ejections.Limits.mostInWindow)
            || byChecks > 0 && count(known.keptOut) + byErrors + byChecks > most
    }
}
