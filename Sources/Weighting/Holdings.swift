// What in the kernel's table is ours, over restarts: only that may ever be removed.

/// The services that Poise made, and the destinations that were declared.
package struct Holdings: Equatable, Sendable {
    /// Services that somebody else made are never removed.
    package private(set) var made: Set<ServiceKey>
    /// By service; of a destination that is not declared any more it is known that it was.
    package private(set) var members: [ServiceKey: Set<DestinationKey>]

    package init(
        made: Set<ServiceKey> = [], members: [ServiceKey: Set<DestinationKey>] = [:]
    ) {
        self.made = made
        self.members = members
    }

    package func holds(_ destination: DestinationKey, in service: ServiceKey) -> Bool {
        members[service]?.contains(destination) == true
    }

    mutating func declare(_ declaration: Declaration) {
        for service in declaration.services {
            members[service.key, default: []].formUnion(service.members.map(\.key))
            if let sorry = service.sorry { members[service.key, default: []].insert(sorry.key) }
        }
    }

    /// The same with the services that a plan is to make: to be written before it is carried out, or
    /// who is killed in between leaves a service that is nobody's.
    package func expecting(_ plan: Plan) -> Holdings {
        var expected = self
        for case .makeService(let key, _) in plan.steps { expected.made.insert(key) }
        return expected
    }

    /// The table took a step.
    mutating func took(_ step: Plan.Step) {
        switch step {
        case .makeService(let key, _): made.insert(key)
        case .removeService(let key): forget(key)
        case .removeDestination(let service, let destination):
            members[service]?.remove(destination)
        case .setWeight, .editService, .addDestination, .editDestination: break
        }
    }

    mutating func forget(_ service: ServiceKey) {
        made.remove(service)
        members[service] = nil
    }
}
