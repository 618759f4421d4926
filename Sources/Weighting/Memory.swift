// What is remembered of one member.

internal import Protocol
internal import RealModule

struct MemberMemory: Equatable, Sendable, Codable {
    /// In requests, as the agent counts them.
    private(set) var byAgent = Estimate()
    /// In connections, as the kernel counts them.
    private(set) var byKernel = Estimate()
    /// Whether the agent counts requests.
    ///
    /// One that did and now does not (its metrics page fails) says nothing of load for a while,
    /// for connections are not requests.
    private(set) var countsRequests = false
    /// Agents ask pages, files and programs every few reports, and one may answer late: for so long
    /// the last count still tells, or for longer where counts come less often; in 0.1 ms of the
    /// agent's clock.
    private static let leastTolerance: UInt32 = 50_000
    private static let mostTolerance: UInt32 = 1_500_000
    /// A minute, in the same unit: then the agent does not count any more.
    private static let patience: UInt32 = 600_000
    /// What the agent said with its newest count.
    private var countedStatement: Statement?
    /// How long the newest count came after the one before it.
    private var countGap: UInt32 = 0
    /// The first that it said without a count since, in its present boot.
    private var uncountedSince: Statement?
    /// Whether the newest reports could be used for load.
    private(set) var hasLoad = false

    /// As of the newest tick.
    var kernelConnections: UInt64?

    /// The state of the service on its server, where the agent told it apart.
    private(set) var narrowed: DrainMemory.Said?
    var narrowedState: HostState? { narrowed?.state }
    /// Of the newest report that was heard: its boot and the agent's clock.
    private var heardStatement: Statement?
    /// Of the newest full datagram that did not name the service, and how many such statements
    /// came since one did.
    private var passedStatement: Statement?
    private var passedCount = 0
    /// So many, and the datagrams beside them were not lost: the agent says nothing of the service.
    private static let patienceStatements = 4

    // What a report changes comes before this, and what only decisions change behind it.
    var share = ShareMemory()
    var drain = DrainMemory()
    var check = CheckMemory.unknown

    init() {}

    /// What the kernel shows of a member outlives its name; what an agent told does not.
    init(otherNameOf before: MemberMemory) {
        (kernelConnections, share, drain) = (before.kernelConnections, before.share, before.drain)
        check = before.check
    }

    private static let changedByteCount =
        MemoryLayout.offset(of: \MemberMemory.share) ?? MemoryLayout<MemberMemory>.size

    /// Asks for what a report changes; see ``Balancer/expectMembers(ofServer:)``.
    static func prefetch(_ members: [MemberMemory], _ place: Int) {
        members.prefetch(place, byteCount: changedByteCount)
    }

    /// What one agent said at one moment; more services than a datagram holds make several.
    private struct Statement: Equatable, Codable {
        let boot: UInt32
        let clock: UInt32
    }

    /// Its check found something new; true when that changes whether it is to serve.
    mutating func hear(_ checked: Checked, _ safeguards: Safeguards) -> Bool {
        let wasFailing = drain.isFailing
        check.hear(checked, safeguards)
        // Where it waits for having failed too often, decisions see that its time is over.
        if !checked.isUp { drain.fail(true) }
        return checked.isUp ? wasFailing : !wasFailing
    }

    /// Nobody checks it any more.
    mutating func forgetChecks() {
        check = .unknown
        drain.fail(false)
    }

    /// A report of this member's agent arrived; true when it changes whether its service is to serve.
    @discardableResult
    mutating func hear(
        _ report: borrowing Report, _ heard: Event.Heard, service: ServiceID,
        stalled: Stalls.Shares = Stalls.Shares(), policy: Policy
    ) -> Bool {
        let asked = narrowed?.asksForDrain ?? false
        take(report, heard, service: service, stalled: stalled, policy: policy)
        return (narrowed?.asksForDrain ?? false) != asked
    }

    @inline(__always)
    private mutating func take(
        _ report: borrowing Report, _ heard: Event.Heard, service: ServiceID,
        stalled: Stalls.Shares, policy: Policy
    ) {
        let named = report.services.first { $0.id == service }
        let isNamed = named != nil || report.requests.contains { $0.id == service }
        let statement = Statement(boot: heard.boot, clock: report.clockTenthsOfMillisecond)
        if isNamed {
            passedCount = 0
        } else if report.services.count >= Report.serviceLimit {
            // A full datagram may have another beside it, which names this one.
            if statement != passedStatement {
                passedStatement = statement
                passedCount = min(passedCount + 1, Self.patienceStatements + 1)
            }
            guard passedCount > Self.patienceStatements else { return }
        }
        // The rest of a statement says nothing of this service, and what is sent again nothing new.
        guard statement != heardStatement else { return }
        heardStatement = statement
        narrowed = named.map { DrainMemory.Said(state: $0.state, reason: $0.reason) }
        // A stale sample says how the server was, not how it is: its state counts, its load not.
        guard
            let sample = CounterSample(
                report, boot: heard.boot, service: service, kernel: kernelConnections),
            !report.isSampleStale
        else {
            hasLoad = false
            return
        }
        learnWhetherCounted(statement, hasCount: sample.requests != nil)
        guard let further = policy.resources.use(report, named, stalled: stalled) else {
            hasLoad = false
            // A gauge may vanish for the very reason that requests fail.
            byAgent.hearErrors(sample, policy: policy)
            return
        }
        hasLoad = countsRequests ? isCounted(by: statement) : sample.connections != nil
        if sample.requests != nil {
            byAgent.hear(sample, further: further, counting: .requests, policy: policy)
        }
        if sample.connections != nil {
            byKernel.hear(sample, further: further, counting: .connections, policy: policy)
        }
    }

    private mutating func learnWhetherCounted(_ statement: Statement, hasCount: Bool) {
        if hasCount {
            if let counted = countedStatement, counted.boot == statement.boot {
                countGap = statement.clock &- counted.clock
            }
            (countedStatement, uncountedSince, countsRequests) = (statement, nil, true)
            return
        }
        guard let since = uncountedSince, since.boot == statement.boot else {
            uncountedSince = statement
            return
        }
        if statement.clock &- since.clock >= max(Self.patience, tolerance) {
            countsRequests = false
            // Nobody counts errors any more, so nothing would ever clear what was counted.
            byAgent.forgetErrors()
        }
    }

    /// Two and a half times what lay between the last two counts: one that is late or lost is no
    /// news.
    private var tolerance: UInt32 {
        min(max(countGap / 2 &* 5, Self.leastTolerance), Self.mostTolerance)
    }

    /// Whether a count came not long before what the agent says now.
    private func isCounted(by statement: Statement) -> Bool {
        guard let counted = countedStatement, counted.boot == statement.boot else { return false }
        return statement.clock &- counted.clock < tolerance
    }

    /// The averages in that unit; nothing before two reports that compare.
    func slow(_ unit: Unit) -> Rates? {
        switch unit {
        case .requests: byAgent.slow
        case .connections: byKernel.slow
        }
    }

    /// The fullest in its newest reports.
    func resource(_ unit: Unit) -> Resource {
        switch unit {
        case .requests: byAgent.resource
        case .connections: byKernel.resource
        }
    }

    /// See ``Estimate/machinePart``.
    func machinePart(_ unit: Unit) -> Double {
        switch unit {
        case .requests: byAgent.machinePart
        case .connections: byKernel.machinePart
        }
    }

    /// What it is believed to carry when it is idle, in that unit.
    func prior(_ unit: Unit) -> Double? {
        switch unit {
        case .requests: byAgent.prior
        case .connections: byKernel.prior
        }
    }

    /// What it carried for each unit of its use, in that unit; see
    /// ``Estimate/observedCapacity(ownPart:)``.
    func observedCapacity(_ unit: Unit, ownPart: Double) -> Double? {
        switch unit {
        case .requests: byAgent.observedCapacity(ownPart: ownPart)
        case .connections: byKernel.observedCapacity(ownPart: ownPart)
        }
    }

    /// Time passed; see ``Estimate/advance(by:fallback:ownPart:isFailing:)``.
    mutating func advance(
        _ unit: Unit, by passed: Estimate.Passed, fallback: Double, ownPart: Double, isFailing: Bool
    ) {
        switch unit {
        case .requests:
            byAgent.advance(
                by: passed, fallback: fallback, ownPart: ownPart, isFailing: isFailing)
        case .connections:
            byKernel.advance(
                by: passed, fallback: fallback, ownPart: ownPart, isFailing: isFailing)
        }
    }

    mutating func forgetErrors(above most: Double) { byAgent.forgetErrors(above: most) }

    /// What its agent tells of errors, whatever counts as work.
    var evidence: ErrorEvidence { byAgent.evidence }

    /// The estimate in that unit.
    subscript(_ unit: Unit) -> Estimate {
        switch unit {
        case .requests: byAgent
        case .connections: byKernel
        }
    }
}

/// What is counted as work: one unit for all members of a service, or they would not compare.
enum Unit: UInt8, Sendable, Codable {
    case requests
    case connections
}

/// How many connections a second the kernel gives out in one service.
struct ConnectionRate: Equatable, Sendable, Codable {
    private(set) var perSecond = 0.0
    private var countedAt: Instant?
    private var isMeasured = false

    /// `opened` connections since the call before.
    mutating func count(_ opened: UInt64, at now: Instant, timeConstant: Double) {
        defer { countedAt = now }
        guard let countedAt else { return }
        let seconds = now.seconds(since: countedAt)
        guard seconds > 0 else { return }
        let newest = Double(opened) / seconds
        guard isMeasured else {
            (perSecond, isMeasured) = (newest, true)
            return
        }
        perSecond += Estimate.step(seconds, timeConstant) * (newest - perSecond)
    }
}
