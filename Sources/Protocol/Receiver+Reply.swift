// What a master sends: acknowledgements, challenges and probes.

extension Receiver {
    /// The datagram that is answered.
    struct Trigger {
        let header: Header
        let pair: Int
        let byteCount: Int
    }

    /// For each agent; PROTOCOL.md §5.
    private static let repliesRule = Limiter.Rule(perSecond: 4, burst: 8)
    /// Of those eight, what only the boot that is followed may use: a stranger who replays
    /// recordings of other boots can make the master answer them, and must not use up its answers.
    private static let reserveOfKnownBoot: Int64 = 4

    /// Answers a report that is authentic and may be old: the cookie of the answer proves the next.
    mutating func challenge(_ trigger: Trigger, at now: Int64, into reply: inout [UInt8]) {
        let agent = roster.pairs[trigger.pair].agent
        let header = trigger.header
        let body = Acknowledgement(
            echoedBoot: header.instance, echoedSequence: header.sequence, isChallenge: true,
            directiveVersion: slots[agent].directiveVersion,
            notices: notices(of: trigger, agent, at: now))
        let isKnown = header.instance == slots[agent].sequence.boot
        send(
            body, to: trigger, reserve: isKnown ? 0 : Self.reserveOfKnownBoot, at: now, into: &reply
        )
    }

    /// Answers a report that was applied.
    mutating func acknowledge(
        _ trigger: Trigger, _ applied: Applied, held directiveVersion: UInt8, at now: Int64,
        into reply: inout [UInt8]
    ) {
        let slot = slots[applied.agent]
        var notices = notices(of: trigger, applied.agent, at: now)
        if applied.remarks.contains(.notEntitled) { notices.insert(.notEntitled) }
        let body = Acknowledgement(
            echoedBoot: trigger.header.instance, echoedSequence: trigger.header.sequence,
            directiveVersion: slot.directiveVersion,
            directive: directiveVersion == slot.directiveVersion ? nil : slot.directive,
            notices: notices, standings: standings[applied.agent])
        send(body, to: trigger, reserve: 0, at: now, into: &reply)
    }

    private func notices(of trigger: Trigger, _ agent: Int, at now: Int64) -> Notices {
        var notices: Notices = roster.pairs[trigger.pair].isNewest ? [] : .keyRetiring
        if slots[agent].isDuplicateIdentity(at: now) { notices.insert(.duplicateIdentity) }
        return notices
    }

    private mutating func send(
        _ body: Acknowledgement, to trigger: Trigger, reserve: Int64, at now: Int64,
        into reply: inout [UInt8]
    ) {
        let agent = roster.pairs[trigger.pair].agent
        guard slots[agent].replies.allows(Self.repliesRule, at: now, reserve: reserve),
            allReplies.allows(allRepliesRule, at: now)
        else {
            count(.repliesLimited, agent)
            return
        }
        slots[agent].replies.take(Self.repliesRule, at: now)
        allReplies.take(allRepliesRule, at: now)
        count(.replies, agent)

        let boot = trigger.header.instance
        let header = Header(
            type: .acknowledgement, locator: trigger.header.locator, instance: identity.instance,
            sequence: slots[agent].nextSentSequence(),
            cookie: freshness.cookie(
                boot: boot, generation: slots[agent].sequence.generation(of: boot),
                locator: trigger.header.locator, at: now))
        header.append(to: &reply)
        body.append(to: &reply, limit: trigger.byteCount)
        roster.appendTag(to: &reply, pair: trigger.pair)
    }

    /// Makes a PROBE (PROTOCOL.md §6); whom to send it to is the caller's to know.
    ///
    /// It is sealed with the pair of the newest applied report. When that is not listed any more,
    /// the agent's other pairs take turns: it cannot know yet that its own way is closed.
    ///
    /// - Parameters:
    ///   - agent: its index.
    ///   - nonce: random; the answer to an earlier probe is not taken any more.
    ///   - now: when it will be sent.
    ///   - datagram: emptied, then filled.
    /// - Returns: false when nothing is known of the agent: it was never heard with a key that it
    ///   still had at the next reload.
    package mutating func probe(
        agent: Int, nonce: UInt32, at now: Int64, into datagram: inout [UInt8]
    ) -> Bool {
        datagram.removeAll(keepingCapacity: true)
        guard slots[agent].locator != nil else { return false }
        let sequence = slots[agent].nextSentSequence()
        guard let pair = pairInUse(agent: agent) ?? roster.pair(of: agent, turn: sequence)
        else { return false }
        slots[agent].probe = AgentSlot.Probe(nonce: nonce, sentAt: now)
        let header = Header(
            type: .probe, locator: roster.locator(ofPair: pair), instance: identity.instance,
            sequence: sequence, cookie: nonce)
        header.append(to: &datagram)
        roster.appendTag(to: &datagram, pair: pair)
        return true
    }
}
