// The master's side: from any bytes to a report that is whole, authentic and of now.

/// Takes datagrams in the steps of PROTOCOL.md §7, answers what it must, and counts all of it.
///
/// Holds no clock: times are nanoseconds of the caller's monotonic clock. In a steady state nothing
/// here allocates.
package struct Receiver: Sendable {
    let identity: MasterIdentity
    var freshness: Freshness
    let roster: Roster
    var slots: [AgentSlot]
    var tallies: [Tally]
    var standings: [[ServiceStanding]]
    /// The services an agent may speak for; `nil` for any.
    private var entitlements: [[ServiceID]?]
    /// All datagrams.
    package internal(set) var total = Tally()
    var allReplies = Limiter()
    let allRepliesRule: Limiter.Rule
    /// What the next agent that is not known yet begins with: no cookie of an agent that was taken
    /// off the list and put on it again is worth anything.
    private let firstGeneration: UInt32

    /// A master that starts.
    ///
    /// - Parameters:
    ///   - secretKeys: the master's own, the newest first: 1 or, while they rotate, 2.
    ///   - agents: names and, the newest first, 1 or, while they rotate, up to 4 keys each.
    ///   - identity: see ``MasterIdentity/generate()``; drawn once for each start of the process.
    /// - Throws: what in the list cannot be used.
    package init(
        secretKeys: [SecretKey], agents: [(name: String, publicKeys: [PublicKey])],
        identity: MasterIdentity
    ) throws(RosterError) {
        self.init(
            try Roster(secretKeys: secretKeys, agents: agents), identity: identity)
    }

    /// The same with keys that agreed already.
    package init(_ roster: Roster, identity: MasterIdentity) {
        self.init(roster, identity: identity, firstGeneration: 0)
    }

    /// A master that reads its configuration again, see ``adopt(_:)``.
    package init(
        secretKeys: [SecretKey], agents: [(name: String, publicKeys: [PublicKey])],
        continuing previous: Receiver
    ) throws(RosterError) {
        self = previous
        _ = adopt(
            try Roster(secretKeys: secretKeys, agents: agents, reusing: previous.roster))
    }

    /// Takes the keys of another configuration.
    ///
    /// Agents that keep their name and one of their keys keep what was known of them, so that
    /// nothing old becomes new and nothing fresh has to prove itself again. Services, standings,
    /// entitlements and directives are to be set anew.
    ///
    /// - Returns: of each agent the index it had before, when it keeps what was known of it.
    package mutating func adopt(_ next: Roster) -> [Int?] {
        let highest = slots.map { $0.sequence.generation }.max() ?? 0
        var adopted = Receiver(
            next, identity: identity, firstGeneration: max(highest, firstGeneration) &+ 1)
        adopted.freshness = freshness
        adopted.total = total
        adopted.allReplies = allReplies
        let places = Dictionary(
            roster.names.enumerated().map { ($1, $0) }, uniquingKeysWith: { one, _ in one })
        var kept: [Int?] = []
        kept.reserveCapacity(next.names.count)
        for index in next.names.indices {
            guard let old = places[next.names[index]],
                roster.publicKeys[old].contains(where: next.publicKeys[index].contains)
            else {
                kept.append(nil)
                continue
            }
            adopted.slots[index] = slots[old]
            adopted.tallies[index] = tallies[old]
            kept.append(old)
        }
        self = adopted
        return kept
    }

    private init(_ roster: Roster, identity: MasterIdentity, firstGeneration: UInt32) {
        self.roster = roster
        self.identity = identity
        self.firstGeneration = firstGeneration
        freshness = Freshness(identity)
        let count = roster.names.count
        slots = Array(repeating: AgentSlot(generation: firstGeneration), count: count)
        tallies = Array(repeating: Tally(), count: count)
        standings = Array(repeating: [], count: count)
        entitlements = Array(repeating: nil, count: count)
        let perSecond = max(1_000, 2 * count)
        allRepliesRule = Limiter.Rule(perSecond: perSecond, burst: perSecond)
    }

    package var agentNames: [String] { roster.names }

    /// The counters of one agent: of the datagrams whose locator is one of its own.
    package func tally(ofAgent index: Int) -> Tally { tallies[index] }

    /// Says which services an agent may speak for; what it says of others is left out and counted.
    package mutating func entitle(agent: Int, to services: [ServiceID]) {
        entitlements[agent] = services
        slots[agent].entitled = AgentSlot.Entitled(services)
    }

    /// Says what the next ACKs tell an agent of its services.
    package mutating func setStandings(agent: Int, _ standings: [ServiceStanding]) {
        self.standings[agent] = standings
    }

    /// Says how often an agent is to report; each change takes another version, and 0 is for none.
    ///
    /// An agent forgets what it follows when another process of the master answers it.
    package mutating func setDirective(agent: Int, _ directive: Directive?, version: UInt8) {
        slots[agent].directive = version == 0 ? nil : directive
        slots[agent].directiveVersion = directive == nil ? 0 : version
    }

    /// Whether two processes use this agent's key: it ends by itself when they stop doing so.
    package func isDuplicateIdentity(agent: Int, at now: Int64) -> Bool {
        slots[agent].isDuplicateIdentity(at: now)
    }

    /// The agent's key that its newest applied report came by; nothing when none did, or when the
    /// key is not listed any more.
    package func keyInUse(agent: Int) -> PublicKey? {
        guard let pair = pairInUse(agent: agent) else { return nil }
        return roster.publicKeys[agent][roster.pairs[pair].rank]
    }

    /// The same as the index of a pair.
    func pairInUse(agent: Int) -> Int? {
        // After a reload the key may be another agent's.
        guard let pair = slots[agent].locator.flatMap(roster.pair),
            roster.pairs[pair].agent == agent
        else { return nil }
        return pair
    }

    /// Takes one datagram as it came.
    ///
    /// - Parameters:
    ///   - datagram: outside input, of any length.
    ///   - now: when it came.
    ///   - report: what it says, if it is applied; anything else is left half read.
    ///   - reply: emptied; holds afterwards what is to be sent to where the datagram came from, if
    ///     anything. Never longer than the datagram.
    /// - Returns: whether the report may be used.
    package mutating func take(
        _ datagram: RawSpan, at now: Int64, into report: inout Report, reply: inout [UInt8]
    ) -> Outcome {
        reply.removeAll(keepingCapacity: true)
        var agent: Int?
        do throws(Refusal) {
            return try step(datagram, at: now, &agent, &report, &reply)
        } catch {
            total.count(error)
            if let agent { tallies[agent].count(error) }
            return .refused(error)
        }
    }

    private mutating func step(
        _ datagram: RawSpan, at now: Int64, _ known: inout Int?, _ report: inout Report,
        _ reply: inout [UInt8]
    ) throws(Refusal) -> Outcome {
        guard datagram.byteCount >= Envelope.leastByteCount else { throw .tooShort }
        guard datagram.byteCount <= Envelope.mostByteCount else { throw .tooLong }
        let header = try Header(datagram: datagram)
        guard header.type == .report else { throw .type }
        guard datagram.byteCount >= Report.leastDatagramByteCount else { throw .tooShort }

        guard let entry = roster.entry(of: header.locator) else { throw .unknownLocator }
        let (pair, agent) = (entry.pair, entry.agent)
        known = agent

        let boot = header.instance
        if let refusal = slots[agent].sequence.refusal(boot: boot, sequence: header.sequence) {
            throw refusal
        }
        guard roster.isAuthentic(datagram, pair: pair) else { throw .badMAC }
        let trigger = Trigger(header: header, pair: pair, byteCount: datagram.byteCount)

        let generation = slots[agent].sequence.generation(of: boot)
        guard
            freshness.isFresh(
                header.cookie, boot: boot, generation: generation, locator: header.locator, at: now)
        else {
            count(.challenged, agent)
            challenge(trigger, at: now, into: &reply)
            return .challenged(agent: agent)
        }
        if slots[agent].sequence.record(boot: boot, sequence: header.sequence) {
            slots[agent].recordAdoption(at: now)
            if slots[agent].isDuplicateIdentity(at: now) { count(.duplicateIdentity, agent) }
        }

        var remarks: Remarks = []
        try report.decode(
            body: datagram.extracting(Envelope.body(ofByteCount: datagram.byteCount)),
            remarks: &remarks)
        leaveOutWhatIsNotEntitled(agent, &report, &remarks)
        let applied = Applied(
            agent: agent, header: header, remarks: remarks,
            isNewBoot: slots[agent].appliedBoot != boot,
            isDuplicateIdentity: slots[agent].isDuplicateIdentity(at: now),
            probeRoundTripNanoseconds: report.probeEcho.flatMap {
                slots[agent].roundTrip($0, at: now)
            })
        slots[agent].appliedBoot = boot
        slots[agent].locator = header.locator
        total.countApplied(remarks)
        tallies[agent].countApplied(remarks)
        if report.flags.contains(.acknowledgementRequested)
            || report.directiveVersion != slots[agent].directiveVersion
        {
            acknowledge(trigger, applied, held: report.directiveVersion, at: now, into: &reply)
        }
        return .applied(applied)
    }

    private func leaveOutWhatIsNotEntitled(
        _ agent: Int, _ report: inout Report, _ remarks: inout Remarks
    ) {
        guard !report.isOnly(of: slots[agent].entitled.names),
            let entitled = entitlements[agent], !report.isOnly(of: entitled.contains)
        else { return }
        remarks.insert(.notEntitled)
        report.services.removeAll { !entitled.contains($0.id) }
        report.requests.removeAll { !entitled.contains($0.id) }
        report.custom.removeAll { $0.service.map { !entitled.contains($0) } ?? false }
    }

    mutating func count(_ event: Tally.Event, _ agent: Int) {
        total.count(event)
        tallies[agent].count(event)
    }
}

extension Report {
    /// Whether it speaks of no service but such.
    fileprivate func isOnly(of isOne: (ServiceID) -> Bool) -> Bool {
        // By index, for each element would be copied.
        services.indices.allSatisfy { isOne(services[$0].id) }
            && requests.indices.allSatisfy { isOne(requests[$0].id) }
            && custom.indices.allSatisfy { custom[$0].service.map(isOne) ?? true }
    }
}
