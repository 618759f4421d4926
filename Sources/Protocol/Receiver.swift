// The master's side: from any bytes to a report that is whole, authentic and new.

/// A report that may be believed, and whose it is.
package struct Verified: Equatable, Sendable {
    /// Index into ``Receiver/agentNames``.
    package let agent: Int
    package let header: Header
    package let report: Report
    package let remarks: Remarks
    /// No report of this boot was applied before: counters start anew, differences are void.
    package let isNewBoot: Bool
}

/// Takes datagrams in the steps of PROTOCOL.md §7, and counts what becomes of them.
package struct Receiver: Sendable {
    private struct Agent {
        let name: String
        let publicKeys: [PublicKey]
        var sequence = SequenceCheck()
        var appliedBoot: UInt32?
        var tally = Tally()
    }

    private let pairs: [Locator: Roster.Pair]
    private var agents: [Agent]
    /// All datagrams.
    package private(set) var total = Tally()

    /// - Parameters:
    ///   - secretKeys: the master's own, 1 or, while they rotate, 2.
    ///   - agents: names and, while they rotate, up to 4 keys each.
    ///   - previous: the receiver before a change of the configuration. Agents that kept their name
    ///     and one of their keys keep what was known of them, so that nothing old becomes new.
    /// - Throws: what in the list cannot be used.
    package init(
        secretKeys: [SecretKey], agents: [(name: String, publicKeys: [PublicKey])],
        continuing previous: Receiver? = nil
    ) throws(RosterError) {
        pairs = try Roster.pairs(secretKeys: secretKeys, agents: agents)
        self.agents = agents.map { Agent(name: $0.name, publicKeys: $0.publicKeys) }
        guard let previous else { return }
        total = previous.total
        var known: [String: Agent] = [:]
        for agent in previous.agents { known[agent.name] = agent }
        for index in self.agents.indices {
            let agent = self.agents[index]
            guard let old = known[agent.name],
                old.publicKeys.contains(where: agent.publicKeys.contains)
            else { continue }
            self.agents[index].sequence = old.sequence
            self.agents[index].appliedBoot = old.appliedBoot
            self.agents[index].tally = old.tally
        }
    }

    package var agentNames: [String] { agents.map { $0.name } }

    /// The counters of one agent: of the datagrams whose locator is one of its own.
    package func tally(ofAgent index: Int) -> Tally { agents[index].tally }

    /// Takes one datagram as it came.
    ///
    /// - Throws: why it was dropped, which is counted too.
    package mutating func open(_ datagram: RawSpan) throws(Refusal) -> Verified {
        var agent: Int?
        do throws(Refusal) {
            let verified = try step(datagram, agent: &agent)
            total.countApplied(verified.remarks)
            agents[verified.agent].tally.countApplied(verified.remarks)
            return verified
        } catch {
            total.count(error)
            if let agent { agents[agent].tally.count(error) }
            throw error
        }
    }

    private mutating func step(_ datagram: RawSpan, agent: inout Int?) throws(Refusal) -> Verified {
        guard datagram.byteCount >= Envelope.leastByteCount else { throw .tooShort }
        guard datagram.byteCount <= Envelope.mostByteCount else { throw .tooLong }
        let header = try Header(datagram: datagram)
        guard header.type == .report else { throw .type }
        guard datagram.byteCount >= Report.leastDatagramByteCount else { throw .tooShort }

        guard let pair = pairs[header.locator] else { throw .unknownLocator }
        agent = pair.agent

        let sequence = agents[pair.agent].sequence
        if let refusal = sequence.refusal(boot: header.instance, sequence: header.sequence) {
            throw refusal
        }
        guard Envelope.verify(datagram, key: pair.key) else { throw .badMAC }
        agents[pair.agent].sequence.record(boot: header.instance, sequence: header.sequence)

        var remarks: Remarks = []
        let body = datagram.extracting(
            Header.byteCount..<(datagram.byteCount - Envelope.tagByteCount))
        let report = try Report(body: body, remarks: &remarks)
        let isNewBoot = agents[pair.agent].appliedBoot != header.instance
        agents[pair.agent].appliedBoot = header.instance
        return Verified(
            agent: pair.agent, header: header, report: report, remarks: remarks,
            isNewBoot: isNewBoot)
    }
}
