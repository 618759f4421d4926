// What was decided of a member, with the whole chain of its reason as data.

package import Protocol

/// The weight a member should have, what came of it, and why.
package struct Verdict: Equatable, Sendable {
    /// Index into ``Cluster/servers``.
    package let server: Int
    package let destination: DestinationKey
    /// What the kernel held when this was decided; nothing when it did not hold the destination.
    package let kernel: Int?
    /// What it should hold: nothing where Poise has no say, or the destination is absent.
    package let weight: Weight?
    package var reason: Reason
    /// The weight that should have been in the kernel, when somebody else changed it meanwhile.
    package let overridden: Int?
    /// What the agent says of the service here; nothing before it said anything.
    package let state: HostState?

    package init(
        server: Int, destination: DestinationKey, kernel: Int?, weight: Weight?, reason: Reason,
        overridden: Int? = nil, state: HostState? = nil
    ) {
        self.server = server
        self.destination = destination
        self.kernel = kernel
        self.weight = weight
        self.reason = reason
        self.overridden = overridden
        self.state = state
    }

    /// The closed list of reasons.
    package enum Reason: Equatable, Sendable {
        /// The weight follows load and is to be written.
        case follows
        /// The weight follows load; the kernel's is near enough.
        case withinDeadband
        /// The weight follows load; the scheduler's table is not rebuilt that often.
        case waits
        /// The weight stays as it is.
        case holds(Hold)
        /// The share stays as it is; the weight is rewritten, since the service's mean changed.
        case keepsShare(Hold)
        /// The share of a newcomer grows with time to what it had; nothing else of it changes.
        case comesBack(Hold)
        /// The agent asked for a drain: the weight is, or goes to, 0.
        case drains(DrainCause)
        /// Our 0 ends: the agent says that it serves or, with a cause, no other member would.
        case returns(DrainCause?)
        /// Too many of its requests fail: the weight is, or goes to, 0.
        case ejected
        /// Our 0 ends: its errors are forgotten, or are those of all, or no other has a weight.
        case readmitted
        /// A person ordered it: the weight is, or becomes, 0 or what was ordered.
        indirect case ordered(Order)
        /// No order is left: our 0, or an ordered weight, ends.
        case released
        /// The director's check fails, for this: the weight is, or goes to, 0.
        case failsCheck(String)
        /// The check passes, and failed so often lately that this is not believed yet.
        case waitsForCheck
        /// Our 0 ends: the check passes.
        case passesCheck
        /// Our 0 ends, although the check fails, for this: too few would serve.
        case neededAgain(String)
        /// The kernel does not hold the destination, and making it is not ours.
        case absent
    }
}

/// Why a weight is left as the kernel holds it.
package enum Hold: Equatable, Hashable, Sendable {
    // Of one member.
    /// No report since this master started.
    case neverHeard
    /// The report that was promised by now is missing; this member waits for the next.
    case late
    /// The newest report is older than the policy's `silence`. Silence is not death.
    case stale
    /// Reports arrive, and two that compare have not arrived yet.
    case learning
    /// Reports carry no CPU time, or neither the agent nor the kernel counts requests.
    case noLoadInReports
    /// Two processes report with this member's key, each with loads of its own.
    case duplicateIdentity
    /// The agent restarts, or the like, and its server goes on.
    case agentSays(String)
    /// The agent asks for a drain, and too many members drain, or no other has a weight.
    case lastOnes(DrainCause)
    /// The agent asks for a drain, and somebody else raised the weight since.
    case overruled(DrainCause)
    /// Somebody else set the weight to 0: that is not ours to raise.
    case foreignZero

    /// A person ordered what its weight is.
    case ordered(String)
    /// A person ordered a drain, and no other member would have a weight.
    case lastForOrder(String)
    /// Somebody else changed again what a person ordered; it is written again within a minute.
    case orderContested(String)
    /// Its check fails, and without those that fail less than half of the service would be left.
    case panic(String)
    /// Its check fails, with so many others at once that something else may be at fault.
    case manyFailAtOnce(String)
    /// Its check fails, and no more members may be taken out, or no other has a weight.
    case noRoomToFail(String)
    /// Its check fails, and somebody else raised the weight since.
    case failureOverruled(String)

    // Of a whole service.
    /// The kernel does not hold the service.
    case serviceAbsent
    /// Load weights mean nothing, or something else, to this scheduler.
    case scheduler(String)
    /// Fewer than half of the members have a fresh report.
    case fewerThanHalfFresh
    /// Several members fell silent within the same few seconds: the fault may be ours.
    case manyFallSilent
    /// The tick came late: what was heard may be old.
    case masterLate
    /// No member is busy enough for its load to tell anything.
    case tooIdle
    /// The service has destinations that the configuration does not name.
    case undeclaredDestinations([DestinationKey])
}

/// The arithmetic from a member's load to its weight, in the order it is done.
///
/// Every field can be recomputed from those above it; a test does.
package struct Chain: Equatable, Sendable, Codable {
    // What was heard, averaged over the policy's slow time constant.
    package var requestsPerSecond: Double
    package var errorsPerSecond: Double
    package var utilisation: Double
    package var load: Double

    /// Requests a second that it is believed to carry at full use, from the last half minute.
    package var prior: Double
    /// How far the prior counts, in units of utilisation.
    package var priorShare: Double
    /// Requests a second at full use.
    ///
    /// min(3 × prior, (requests − errors + priorShare × prior)
    /// ÷ (utilisation − othersUse + priorShare)) × (1 − othersUse)
    package var capacity: Double

    /// Of the requests, those that failed; above the bound it gets no raise.
    package var errorShare: Double
    package var errorBound: Double

    /// Load of the whole service: mean of `load`, weighted by capacity.
    package var serviceLoad: Double
    package var gain: Double
    /// How far the trim may raise: e¹, or not at all on wrr, and where errorShare exceeds errorBound.
    package var mostExponent: Double
    /// The pull toward equal load.
    ///
    /// exp(clip(gain × ln((serviceLoad + 0.05) ÷ (load + 0.05)), −1.5…mostExponent))
    package var trim: Double

    /// The sum of capacity × gate × trim over the members that follow load and stay within their
    /// base share.
    package var sumOfShares: Double
    /// What those members have together: their number, less what the others hold or keep.
    package var shareToGive: Double
    /// The mean weight of a service on this scheduler.
    package var meanWeight: Double
    /// Its part of the service, 1 the mean.
    ///
    /// capacity × gate × trim × shareToGive ÷ sumOfShares
    package var share: Double

    /// The least share, from the policy.
    package var floor: Double
    /// The share before, and the span within which it may move in one step; no raise with errors.
    package var previousShare: Double
    package var leastShare: Double
    /// Nothing for one that comes back from 0 at once.
    package var mostShare: Double?
    /// `share` within its bound, floor and span, and the limits that bit.
    package var limitedShare: Double
    package var limits: Limits
    /// What is fullest in the newest reports, and so the utilisation; it lies here since there is
    /// room.
    package var resource = Resource.cpu

    /// The product limitedShare × meanWeight, rounded, at least 1; 0 where it is out.
    ///
    /// On wrr less `heldBack` before it is rounded.
    package var weight: Int
    package var deadband: Double
    package var heldBack = 0.0

    /// The part of its utilisation that is other services', by their part of its requests.
    package var othersUse = 0.0

    // The error gate, which comes before the trim.
    /// Of its requests, those that failed, as far as enough were seen; forgotten with time.
    package var evidence = 0.0
    /// The policy's tolerance, or twice the lower median of the members.
    package var evidenceBound = 0.02
    /// So much beyond it leaves nothing: from the policy, or all that there is beyond it.
    package var ejection = 0.3
    /// The part of its share that its errors leave it.
    ///
    /// max(0, 1 − max(0, evidence − evidenceBound) ÷ ejection)², or 1 with a common cause
    package var gate = 1.0

    // Bounds of the share beside floor and span.
    /// The most that its base share allows.
    package var shareBound: Double?
    /// What it would get by its prior alone: prior × shareToGive ÷ sumOfShares.
    package var fairShare = 1.0
    /// How much of that a newcomer may have by now; 1 for others.
    package var startShare = 1.0
    /// The weight that it comes to when nothing changes: `share` within its bound and floor.
    package var goal: Int?
}
