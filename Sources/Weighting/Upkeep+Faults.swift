// What upkeep may never do, checked on every plan of it before it leaves.

extension Upkeep {
    package enum Fault: Equatable, Sendable {
        /// It takes the last destination that has a weight from a declared service.
        case empties(ServiceKey)
        /// It removes a service that is declared, or that somebody else made.
        case removesService(ServiceKey)
        /// It removes a destination that still takes connections, or is declared.
        case cuts(ServiceKey, DestinationKey)
        /// It removes more services than may go unconfirmed.
        case removesTooMany(ServiceKey)

        package var service: ServiceKey {
            switch self {
            case .empties(let service), .removesService(let service), .cuts(let service, _),
                .removesTooMany(let service):
                service
            }
        }

        package var text: String {
            switch self {
            case .empties(let service): "it would leave \(service) without a destination"
            case .removesService(let service): "it would remove \(service), which stays"
            case .cuts(let service, let destination):
                "it would remove \(destination) from \(service) while it takes connections"
            case .removesTooMany(let service): "it would remove \(service) and too many others"
            }
        }
    }

    static func faults(
        of plan: Plan, on held: [ServiceKey: Table.Service], _ declaration: Declaration,
        _ availability: Availability, _ isRemovalConfirmed: Bool
    ) -> [Fault] {
        guard plan.steps.contains(where: \.takesAway) else { return [] }
        let declared = Dictionary(
            declaration.services.map { ($0.key, Set($0.members.map(\.key))) },
            uniquingKeysWith: { first, _ in first })
        var faults: [Fault] = []
        var taken: [ServiceKey: Set<DestinationKey>] = [:]
        var removedServices: [ServiceKey] = []
        for step in plan.steps where step.takesAway {
            if case .removeService(let key) = step {
                if declared[key] != nil { faults.append(.removesService(key)) }
                removedServices.append(key)
            }
            guard let destination = step.destination else { continue }
            taken[step.service, default: []].insert(destination)
            guard case .removeDestination = step else { continue }
            let isOut = availability.removed.contains(
                MemberKey(service: step.service, destination: destination))
            let isDeclared = declared[step.service]?.contains(destination) == true
            let weight = held[step.service]?[destination]?.weight ?? 0
            if !isOut, isDeclared || weight > 0 {
                faults.append(.cuts(step.service, destination))
            }
        }
        if removedServices.count > mostServicesRemoved, !isRemovalConfirmed {
            faults += removedServices.map(Fault.removesTooMany)
        }
        for service in declaration.services {
            let key = service.key
            guard let gone = taken[key] else { continue }
            let open = (held[key]?.destinations ?? []).filter { $0.weight > 0 }
            if !open.isEmpty, open.allSatisfy({ gone.contains($0.key) }) {
                faults.append(.empties(key))
            }
        }
        return faults
    }
}

extension Plan.Step {
    /// Whether somebody has less after it.
    fileprivate var takesAway: Bool {
        switch self {
        case .removeService, .removeDestination: true
        case .setWeight(_, _, _, let to, _): to.rawValue == 0
        case .makeService, .editService, .addDestination, .editDestination: false
        }
    }
}
