// Where the kernel's table is no longer as it was declared, by somebody else's hand.

/// One difference that came after the service had been as declared.
package enum Drift: Hashable, Sendable {
    case serviceGone
    /// Scheduler, flags or persistence.
    case serviceEdited
    case destinationGone(DestinationKey)
    /// Forwarding method, tunnel or thresholds.
    case destinationEdited(DestinationKey)
    case destinationAdded(DestinationKey)
    case zeroed(DestinationKey)

    /// What the operator wants done about it.
    package enum Rule: Sendable, CaseIterable {
        /// Put back what was declared.
        case reassert
        /// Take it as it is.
        case yield
        /// Take it as it is, and keep saying so.
        case alert
    }

    /// What Poise does about it.
    package enum Answer: Equatable, Sendable {
        case mends
        case accepts
        case alerts
        /// It was mended again and again: somebody else wants it otherwise.
        case waits
    }

    /// Of one service, when it begins.
    package struct News: Equatable, Sendable {
        package let service: ServiceKey
        package let drift: Drift
        package let answer: Answer
    }
}

extension Drift {
    /// For people: who did what.
    package var text: String {
        switch self {
        case .serviceGone: "somebody removed the service from the table"
        case .serviceEdited: "somebody changed the scheduler, the flags or the persistence"
        case .destinationGone(let key): "somebody removed \(key)"
        case .destinationEdited(let key):
            "somebody changed how \(key) is reached, or its thresholds"
        case .destinationAdded(let key): "somebody added \(key), which is not declared"
        case .zeroed(let key): "somebody set the weight of \(key) to 0"
        }
    }
}

extension Drift.Answer {
    package var text: String {
        switch self {
        case .mends: "it is put back"
        case .accepts: "it stays so (drift: yield)"
        case .alerts: "it stays so until you change it (drift: alert)"
        case .waits:
            "it was put back \(Upkeep.mostMends) times in a minute and changed again, so it waits "
                + "for a minute: find out who else writes this table"
        }
    }
}
