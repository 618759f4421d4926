// What may never happen, checked on every plan before it leaves the balancer.

/// Checks of a plan against the table it was made on.
package enum Invariants {
    package enum Violation: Equatable, Sendable {
        /// Load alone never takes a server out; only an agent's drain does.
        case zeroByLoad(ServiceKey, DestinationKey)
        /// A 0 that somebody else set is theirs to raise.
        case raisesForeignZero(ServiceKey, DestinationKey)
        /// A drain never takes the last destination that has a weight.
        case empties(ServiceKey, DestinationKey)
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
                .notInTable(let service, let destination),
                .madeOnOtherWeight(let service, let destination),
                .doubled(let service, let destination):
                MemberKey(service: service, destination: destination)
            }
        }
    }

    /// Everything in `plan` that must not be applied to `table`; empty for every plan of ours.
    ///
    /// `ourZeros` is where a drain wrote the 0 that the kernel holds.
    package static func violations(
        of plan: Plan, on table: Table, ourZeros: Set<MemberKey>
    ) -> [Violation] {
        var seen: Set<MemberKey> = []
        let touched = Set(plan.steps.map(\.member.service))
        let held = Dictionary(
            table.services.filter { touched.contains($0.key) }.flatMap { service in
                service.destinations.map {
                    (MemberKey(service: service.key, destination: $0.key), $0.weight)
                }
            }, uniquingKeysWith: { first, _ in first })
        let emptied = servicesEmptied(by: plan, on: table)

        return plan.steps.flatMap { step -> [Violation] in
            switch step {
            case .setWeight(let service, let destination, let from, let to, let cause):
                let place = step.member
                guard let kernel = held[place] else { return [.notInTable(service, destination)] }
                var found: [Violation] = []
                if !seen.insert(place).inserted { found.append(.doubled(service, destination)) }
                if to.rawValue == 0 {
                    if cause != .drain { found.append(.zeroByLoad(service, destination)) }
                    if emptied.contains(service) { found.append(.empties(service, destination)) }
                }
                if kernel == 0, cause != .endOfDrain || !ourZeros.contains(place) {
                    found.append(.raisesForeignZero(service, destination))
                }
                if kernel != from { found.append(.madeOnOtherWeight(service, destination)) }
                return found
            }
        }
    }

    /// Services that had a destination with a weight, and would have none.
    ///
    /// What the plan raises from 0 does not count: that write may fail.
    private static func servicesEmptied(by plan: Plan, on table: Table) -> Set<ServiceKey> {
        var drained: [ServiceKey: Set<DestinationKey>] = [:]
        for case .setWeight(let service, let destination, _, let to, _) in plan.steps
        where to.rawValue == 0 {
            drained[service, default: []].insert(destination)
        }
        return Set(
            drained.filter { service, destinations in
                table[service: service]?.destinations
                    .allSatisfy { $0.weight <= 0 || destinations.contains($0.key) } ?? false
            }.keys)
    }
}
