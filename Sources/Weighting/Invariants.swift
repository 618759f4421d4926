// What may never happen, checked on every plan before it leaves the balancer.

/// Checks of a plan against the table it was made on.
package enum Invariants {
    package enum Violation: Equatable, Sendable {
        /// Load alone never takes a server out; only an agent's drain or errors do.
        case zeroByLoad(ServiceKey, DestinationKey)
        /// A 0 that somebody else set is theirs to raise.
        case raisesForeignZero(ServiceKey, DestinationKey)
        /// Nothing takes the last destination that has a weight.
        case empties(ServiceKey, DestinationKey)
        /// Errors take out a tenth of a service at once, or one, and never more than a third of it
        /// is out, or one.
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

    /// Everything in `plan` that must not be applied to `table`; empty for every plan of ours.
    ///
    /// `ourZeros` is where a drain or errors wrote the 0 that the kernel holds.
    package static func violations(
        of plan: Plan, on table: Table, ourZeros: Set<MemberKey>
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
                of: touched[service] ?? [], on: table[service: service], ourZeros: ourZeros)
        }
        return found
    }

    private static func violations(
        of steps: [Plan.Step], on table: Table.Service?, ourZeros: Set<MemberKey>
    ) -> [Violation] {
        let destinations = table?.destinations ?? []
        var finder = DestinationFinder(destinations)
        var isSeen = Array(repeating: false, count: destinations.count)
        let isEmptied = isEmptied(table, by: steps)
        let isTooMuch = takesTooMany(steps, of: table, ourZeros: ourZeros)
        var found: [Violation] = []
        for case .setWeight(let service, let destination, let from, let to, let cause) in steps {
            guard let place = finder.findPlace(destination) else {
                found.append(.notInTable(service, destination))
                continue
            }
            let kernel = destinations[place].weight
            if isSeen[place] { found.append(.doubled(service, destination)) }
            isSeen[place] = true
            if to.rawValue == 0 {
                if cause != .drain, cause != .errors {
                    found.append(.zeroByLoad(service, destination))
                }
                if isEmptied { found.append(.empties(service, destination)) }
                if isTooMuch, cause == .errors { found.append(.tooManyOut(service, destination)) }
            }
            if kernel == 0 {
                let isEnd = cause == .endOfDrain || cause == .endOfErrors
                let member = MemberKey(service: service, destination: destination)
                if !isEnd || !ourZeros.contains(member) {
                    found.append(.raisesForeignZero(service, destination))
                }
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
        _ steps: [Plan.Step], of table: Table.Service?, ourZeros: Set<MemberKey>
    ) -> Bool {
        var (byErrors, zeros) = (0, 0)
        for case .setWeight(_, _, _, let to, let cause) in steps where to.rawValue == 0 {
            zeros += 1
            if cause == .errors { byErrors += 1 }
        }
        guard byErrors > 0, let table else { return false }
        let out = table.destinations.count {
            $0.weight == 0
                && ourZeros.contains(MemberKey(service: table.key, destination: $0.key))
        }
        let present = table.destinations.count
        return byErrors > max(1, present / Ejections.Limits.mostInWindow)
            || out + zeros > max(1, present / Ejections.Limits.mostAtOnce)
    }
}
