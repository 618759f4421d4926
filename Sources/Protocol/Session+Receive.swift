// What an agent takes from a master: acknowledgements, challenges and probes, and never a command.

/// What became of a datagram at an agent.
package enum Receipt: Equatable, Sendable {
    case acknowledged(Acknowledgement)
    /// The report was not applied; the master has the proof it wants with the next one.
    case challenged(wantsReport: Bool)
    case probed(wantsReport: Bool)
    case refused(Refusal)

    /// Whether the newest report is to be sealed again and sent at once.
    package var wantsReport: Bool {
        switch self {
        case .challenged(let wantsReport), .probed(let wantsReport): wantsReport
        case .acknowledged, .refused: false
        }
    }
}

extension Session {
    /// Takes one datagram as it came, whoever sent it.
    package mutating func receive(_ datagram: RawSpan, at now: Int64) -> Receipt {
        do throws(Refusal) {
            return try step(datagram, at: now)
        } catch {
            return .refused(error)
        }
    }

    private mutating func step(_ datagram: RawSpan, at now: Int64) throws(Refusal) -> Receipt {
        guard datagram.byteCount >= Envelope.leastByteCount else { throw .tooShort }
        guard datagram.byteCount <= Envelope.mostByteCount else { throw .tooLong }
        let header = try Header(datagram: datagram)
        guard header.type != .report else { throw .type }
        guard let pair = pairs.firstIndex(where: { $0.keys.locator == header.locator }) else {
            throw .unknownLocator
        }
        let key = pairs[pair].keys.toAgent.bytes
        guard Cryptography.isAuthentic(datagram, key: key.span.bytes) else { throw .badMAC }
        guard header.instance != 0, header.sequence != 0 else { throw .range }
        if header.type == .probe {
            try follow(probe: header, of: pair)
            // The master asks by another pair than the one in use when it does not list that one
            // any more: reports go by every pair until one is answered.
            if inUse != pair { for index in pairs.indices { pairs[index].isProven = false } }
            echo = (header.cookie, now)
            return .probed(wantsReport: Self.take(from: &probePrompts, at: now))
        }
        let body = try Acknowledgement(
            body: datagram.extracting(Envelope.body(ofByteCount: datagram.byteCount)))
        return try take(body, header, by: pair, at: now)
    }

    /// A probe counts once, and of the master that answered last only: a recording is `late`.
    private mutating func follow(probe header: Header, of pair: Int) throws(Refusal) {
        guard masterInstance ?? header.instance == header.instance else { throw .late }
        if let last = pairs[pair].probe, last.instance == header.instance {
            guard header.sequence > last.sequence else { throw .late }
        }
        pairs[pair].probe = (header.instance, header.sequence)
    }

    private mutating func take(
        _ body: Acknowledgement, _ header: Header, by pair: Int, at now: Int64
    ) throws(Refusal) -> Receipt {
        guard body.echoedBoot == boot, body.echoedSequence > pairs[pair].echoed,
            let entry = sent[body.echoedSequence], entry.pair == pair
        else { throw .late }
        pairs[pair].echoed = body.echoedSequence
        pairs[pair].cookie = header.cookie
        // It was granted after the report was sent, so it is younger than that report is.
        pairs[pair].cookieFrom = entry.at
        pairs[pair].isProven = true
        heardAt = now
        unanswered = 0
        unansweredSince = nil
        if masterInstance != header.instance {
            // The versions of another process of the master are not this one's.
            directive = nil
            directiveVersion = 0
        }
        masterInstance = header.instance
        notices = body.notices
        let hold = Int64(clamping: body.holdMicroseconds ?? 0)
        roundTripNanoseconds = max(now - entry.at - hold * 1_000, 0)
        guard !body.isChallenge else {
            return .challenged(wantsReport: Self.take(from: &challengePrompts, at: now))
        }

        acknowledgedAt = now
        if let first = unconfirmedFrom, body.echoedSequence >= first { unconfirmedFrom = nil }
        if let first = goodbyeFrom, body.echoedSequence >= first { isGoodbyeAcknowledged = true }
        follow(body)
        for standing in body.standings { remember(standing) }
        return .acknowledged(body)
    }

    private mutating func follow(_ body: Acknowledgement) {
        if body.directiveVersion == 0 {
            directive = nil
            directiveVersion = 0
        } else if let directive = body.directive {
            self.directive = directive.clamped
            directiveVersion = body.directiveVersion
        }
    }

    private mutating func remember(_ standing: ServiceStanding) {
        if let place = standings.firstIndex(where: { $0.id == standing.id }) {
            standings[place] = standing
        } else if standings.count < Report.mostParts * Report.serviceLimit {
            standings.append(standing)
        }
    }

    private static func take(from prompts: inout Limiter, at now: Int64) -> Bool {
        guard prompts.allows(promptRule, at: now) else { return false }
        prompts.take(promptRule, at: now)
        return true
    }
}

/// When the last 64 datagrams were sent, and by which pair.
struct SentWindow: Sendable {
    struct Entry: Sendable {
        let sequence: UInt32
        let at: Int64
        let pair: Int
    }

    static let count: UInt32 = 64
    private var entries: [Entry] = []

    mutating func record(_ entry: Entry) {
        if entries.count < Int(Self.count) {
            entries.append(entry)
        } else {
            entries[place(of: entry.sequence)] = entry
        }
    }

    /// The datagram of this sequence, if it is among the last 64.
    subscript(sequence: UInt32) -> Entry? {
        let place = place(of: sequence)
        guard place < entries.count, entries[place].sequence == sequence else { return nil }
        return entries[place]
    }

    /// Sequences begin at 1, and so does the first place.
    private func place(of sequence: UInt32) -> Int { Int((sequence &- 1) % Self.count) }
}
