// The ordered steps from the table to the verdicts. The executor decides nothing.

/// What to write, in the order to write it.
package struct Plan: Equatable, Sendable {
    package var steps: [Step]

    package init(steps: [Step] = []) { self.steps = steps }

    package enum Step: Equatable, Sendable {
        /// Read the destination, change its weight, write it back whole.
        ///
        /// `from` is the weight that the decision was made on: a table that holds another one by
        /// now was changed by somebody else, and the step is refused.
        case setWeight(
            service: ServiceKey, destination: DestinationKey, from: Int, to: Weight,
            cause: Cause = .load)
        /// A service without destinations, which the table does not hold.
        case makeService(ServiceKey, ServiceSetup)
        /// Sets up a service anew, whole; its destinations stay.
        case editService(ServiceKey, ServiceSetup)
        /// With all its destinations.
        case removeService(ServiceKey)
        case addDestination(
            service: ServiceKey, destination: DestinationKey, setup: DestinationSetup,
            weight: Weight)
        /// Sets up a destination anew, whole; its weight stays.
        case editDestination(
            service: ServiceKey, destination: DestinationKey, setup: DestinationSetup)
        case removeDestination(service: ServiceKey, destination: DestinationKey)

        package var service: ServiceKey {
            switch self {
            case .setWeight(let service, _, _, _, _), .makeService(let service, _),
                .editService(let service, _), .removeService(let service),
                .addDestination(let service, _, _, _), .editDestination(let service, _, _),
                .removeDestination(let service, _):
                service
            }
        }

        /// Nothing where the step is about the service itself.
        package var destination: DestinationKey? {
            switch self {
            case .setWeight(_, let destination, _, _, _), .addDestination(_, let destination, _, _),
                .editDestination(_, let destination, _), .removeDestination(_, let destination):
                destination
            case .makeService, .editService, .removeService: nil
            }
        }

        package var member: MemberKey? {
            destination.map { MemberKey(service: service, destination: $0) }
        }

        /// Nothing where the step sets no weight of what is there.
        var cause: Cause? {
            if case .setWeight(_, _, _, _, let cause) = self { cause } else { nil }
        }
    }

    /// What a weight is written for.
    ///
    /// Of the weights that follow load, only orders, checks, drains and errors take one to 0, and
    /// only their end from there; the last two are of ``Upkeep``.
    package enum Cause: Equatable, Sendable, CaseIterable {
        case load
        case drain
        case endOfDrain
        /// Too many of its requests fail.
        case errors
        case endOfErrors
        /// The director's own check fails.
        case check
        case endOfCheck
        /// A person ordered it.
        case order
        case endOfOrder
        /// It is no longer declared, and its connections end before it goes; or it is again.
        case leaving
        /// Somebody else took it to 0, and the operator wants what was declared.
        case drift

        /// Whether it takes a weight away, for a while, that is to be remembered.
        var takesAway: Bool {
            switch self {
            case .drain, .errors, .check, .order: true
            case .load, .endOfDrain, .endOfErrors, .endOfCheck, .endOfOrder, .leaving, .drift:
                false
            }
        }

        /// Whether it ends a 0 of ours.
        var isEnd: Bool {
            switch self {
            case .endOfDrain, .endOfErrors, .endOfCheck, .endOfOrder: true
            case .load, .drain, .errors, .check, .order, .leaving, .drift: false
            }
        }
    }
}
