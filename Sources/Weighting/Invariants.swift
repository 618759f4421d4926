// What may never happen, checked on every plan before it leaves the balancer.

/// Checks of a plan against the table it was made on.
package enum Invariants {
    package enum Violation: Equatable, Sendable {
        /// Load alone never takes a server out.
        case zeroByLoad(ServiceKey, DestinationKey)
        /// A 0 that somebody else set is theirs to raise.
        case raisesForeignZero(ServiceKey, DestinationKey)
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
                .notInTable(let service, let destination),
                .madeOnOtherWeight(let service, let destination),
                .doubled(let service, let destination):
                MemberKey(service: service, destination: destination)
            }
        }
    }

    /// Everything in `plan` that must not be applied to `table`; empty for every plan of ours.
    package static func violations(of plan: Plan, on table: Table) -> [Violation] {
        var seen: Set<MemberKey> = []
        let held = Dictionary(
            table.services.flatMap { service in
                service.destinations.map {
                    (MemberKey(service: service.key, destination: $0.key), $0.weight)
                }
            }, uniquingKeysWith: { first, _ in first })

        return plan.steps.flatMap { step -> [Violation] in
            switch step {
            case .setWeight(let service, let destination, let from, let to):
                let place = step.member
                guard let kernel = held[place] else { return [.notInTable(service, destination)] }
                var found: [Violation] = []
                if !seen.insert(place).inserted { found.append(.doubled(service, destination)) }
                if to.rawValue == 0 { found.append(.zeroByLoad(service, destination)) }
                if kernel == 0 { found.append(.raisesForeignZero(service, destination)) }
                if kernel != from { found.append(.madeOnOtherWeight(service, destination)) }
                return found
            }
        }
    }
}
