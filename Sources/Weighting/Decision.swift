// What one tick came to.

/// The verdicts of one tick, and the plan that makes the kernel follow them.
package struct Decision: Equatable, Sendable {
    package let at: Instant
    /// Parallel to ``Cluster/services``.
    package let services: [Service]
    package let plan: Plan
    /// Faults found in the plan as first made; a service with one of them has no steps in `plan`.
    package let violations: [Invariants.Violation]

    package struct Service: Equatable, Sendable {
        /// Nothing when the kernel does not hold the service.
        package let scheduler: Scheduler?
        /// Why the whole service holds, if it does.
        package let hold: Hold?
        /// Parallel to ``Cluster/Service/members``.
        package let verdicts: [Verdict]
        /// What a person should look at, although the weights go on.
        package var alarm: Alarm?
        /// Whether fewer are up than its quorum, so that its sorry server is to be there.
        package var isBelowQuorum = false
        var followed = Followed()

        /// How load led to a member's weight; nothing where load was not asked.
        package func chain(_ place: Int) -> Chain? { followed.chain(place) }

        /// ``Chain/limitedShare`` of its chain, without making one.
        package func limitedShare(_ place: Int) -> Double? {
            followed.result(place)?.limitedShare
        }
    }
}

/// What is wrong with a service beyond what its weights can mend.
package enum Alarm: Equatable, Sendable, CaseIterable {
    /// Requests fail on members with more than half of the capacity.
    case commonCause
    /// More members fail than may be taken out.
    case tooManyFail
    /// Without those whose checks fail less than half of the capacity would be left.
    case panic
    /// Checks of more than a fifth of the members failed within the same half minute.
    case manyFailAtOnce
    /// Fewer members are up than the service's quorum.
    case belowQuorum
}
