// What became of a datagram at the master.

/// The end of the steps of PROTOCOL.md §7.
package enum Outcome: Equatable, Sendable {
    /// The report may be believed.
    case applied(Applied)
    /// It is authentic and not proven to be of now; nothing may be taken from it.
    case challenged(agent: Int)
    case refused(Refusal)
}

/// Whose report was applied, and what is to be known of it beside what it says.
package struct Applied: Equatable, Sendable {
    /// Index into ``Receiver/agentNames``.
    package let agent: Int
    package let header: Header
    package let remarks: Remarks
    /// No report of this boot was applied before: counters start anew, differences are void.
    package let isNewBoot: Bool
    /// More boots were adopted within a minute than one process can have: two use one key.
    package let isDuplicateIdentity: Bool
    /// The way there and back, when this report answers the last probe.
    package let probeRoundTripNanoseconds: Int64?
}
