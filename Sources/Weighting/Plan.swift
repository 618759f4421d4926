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

        package var member: MemberKey {
            switch self {
            case .setWeight(let service, let destination, _, _, _):
                MemberKey(service: service, destination: destination)
            }
        }

        var cause: Cause {
            switch self {
            case .setWeight(_, _, _, _, let cause): cause
            }
        }
    }

    /// What a weight is written for: only orders, checks, drains and errors take it to 0, and only
    /// their end from there.
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

        /// Whether it takes a weight away, for a while, that is to be remembered.
        var takesAway: Bool {
            switch self {
            case .drain, .errors, .check, .order: true
            case .load, .endOfDrain, .endOfErrors, .endOfCheck, .endOfOrder: false
            }
        }

        /// Whether it ends a 0 of ours.
        var isEnd: Bool {
            switch self {
            case .endOfDrain, .endOfErrors, .endOfCheck, .endOfOrder: true
            case .load, .drain, .errors, .check, .order: false
            }
        }
    }
}
