// What steps make of a table: as the kernel takes them, on a value.

extension Plan.Step {
    /// What became of a step that no error kept from being taken.
    package enum Effect: Equatable, Sendable {
        case done
        /// The table was so before, and nothing was written.
        case alreadyThere
        /// Somebody else set another weight since the decision, and nothing was written.
        case changedMeanwhile(found: Int)
        case serviceGone
        case destinationGone
    }
}

extension Table {
    /// Takes all steps, in their order.
    package mutating func apply(_ steps: some Sequence<Plan.Step>) -> [Plan.Step.Effect] {
        // Steps come service by service, mostly.
        var newest = 0
        return steps.map { step in
            if !services.indices.contains(newest) || services[newest].key != step.service {
                newest = services.firstIndex { $0.key == step.service } ?? services.count
            }
            return apply(step, at: newest)
        }
    }

    /// `place` is that of the step's service, or behind the last one.
    private mutating func apply(_ step: Plan.Step, at place: Int) -> Plan.Step.Effect {
        if case .makeService(let key, let setup) = step {
            guard place == services.count else { return .alreadyThere }
            services.append(Service(key: key, setup: setup))
            return .done
        }
        guard place < services.count else { return .serviceGone }
        switch step {
        case .makeService: return .alreadyThere
        case .editService(_, let setup): services[place].set(setup)
        case .removeService: services.remove(at: place)
        case .setWeight, .addDestination, .editDestination, .removeDestination:
            return services[place].apply(step)
        }
        return .done
    }
}

extension Table.Service {
    /// Takes a step that is about one of its destinations.
    fileprivate mutating func apply(_ step: Plan.Step) -> Plan.Step.Effect {
        let place = destinations.firstIndex { $0.key == step.destination }
        switch (step, place) {
        case (.addDestination(_, let key, let setup, let weight), nil):
            append(
                Table.Destination(key: key, weight: weight.rawValue), Table.Detail(setup: setup))
        case (.addDestination, .some):
            return .alreadyThere
        case (.setWeight(_, _, let from, let to, _), let place?):
            let held = destinations[place].weight
            if held == to.rawValue { return .alreadyThere }
            if held != from { return .changedMeanwhile(found: held) }
            destinations[place].weight = to.rawValue
        case (.editDestination(_, _, let setup), let place?):
            if details.indices.contains(place) { details[place].setup = setup }
        case (.removeDestination, let place?):
            remove(at: place)
        default:
            return .destinationGone
        }
        return .done
    }
}
