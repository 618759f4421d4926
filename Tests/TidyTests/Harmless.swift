// What looks in the decoders as if it trapped, and why it does not.

enum Harmless {
    typealias Part = (part: String, why: String)

    /// Files that do not see a datagram's bytes themselves, yet reckon with numbers out of them.
    static let reckoning: Set = [
        "AgentSlot.swift", "Freshness.swift", "Limiter.swift", "LocatorTable.swift",
        "MiniFloat16.swift", "Prober.swift", "Receiver+Reply.swift", "SequenceCheck.swift",
    ]

    /// By file: a part of its code, and the reason.
    static let parts: [String: [Part]] = [
        "AcknowledgementCodec.swift": tlvs + [
            ("offset + 2", "the offset is inside a datagram"),
            ("limit - Envelope.tagByteCount", "the limit is the length of a datagram"),
            ("count + 2 + byteCount", "a count of bytes in memory and two small numbers"),
            ("UInt8(byteCount)", "1, 4 or 8"),
        ],
        "AgentSlot.swift": [
            ("adoptions[nextAdoption]", "always within its four places: see the next"),
            ("nextAdoption + 1", "at most 3"),
            ("% adoptions.count", "by 4"),
            ("now - oldest", "two times of one monotonic clock"),
            ("sentSequence + 1", "the greatest number goes another way"),
            ("few[place] = id.rawValue", "a place out of its own indices"),
            ("now - probe.sentAt - hold * 1_000", "an mf16 is below 2⁴³, times 1000 below 2⁵³"),
        ],
        "BigEndian.swift": [
            ("byteCount - MemoryLayout<Integer>.size", "two small numbers"),
            ("unsafeLoadUnaligned", "behind the guard that is the point of this file"),
            ("UInt8(value >> 8)", "16 bits less 8"),
            ("UInt8(value & 0xFF)", "8 bits are left"),
            ("UInt16(value >> 16)", "32 bits less 16"),
            ("UInt16(value & 0xFFFF)", "16 bits are left"),
        ],
        "Cryptography.swift": [
            ("withUnsafe", "libsodium takes pointers; each goes with the count of its own span"),
            ("baseAddress", "of the same"),
            ("assumingMemoryBound", "bytes are bytes"),
            ("UInt64(message.count)", "a count is never negative"),
            ("UInt64(count)", "a count is never negative"),
            ("datagram.byteCount - tagByteCount", "the guard before it compares them"),
            ("start + covered", "an address inside the datagram"),
            ("covered + tagByteCount", "two small numbers"),
            ("precondition(", "our own sizes, and whether the system has randomness at the start"),
        ],
        "Envelope.swift": [
            ("Header.byteCount + tagByteCount", "constants"),
            ("mostByteCount - leastByteCount", "constants"),
            ("leastByteCount + body.count", "a count of bytes in memory"),
            ("datagram += body", "puts arrays together"),
            ("0..<tagByteCount", "a constant"),
            ("Header.byteCount..<(count - tagByteCount)", "callers refuse less than both before"),
        ],
        "Freshness.swift": [
            ("UInt64(max(now, 0) / epochNanoseconds)", "never negative, and by 8 s"),
            ("epoch - 1", "above 0"),
            ("UInt64(boot)", "widens"), ("UInt64(generation)", "widens"),
        ],
        "Header.swift": [
            ("UInt64(locatorHigh)", "widens"), ("UInt64(locatorLow)", "widens"),
            ("UInt16(locator.rawValue >> 32)", "a locator has 48 bits"),
            ("UInt32(locator.rawValue & 0xFFFF_FFFF)", "32 bits are left"),
        ],
        "Limiter.swift": [
            ("1_000_000_000 / Int64(max(perSecond, 1))", "at least 1, and a rule is our own"),
            ("Int64(burst)", "widens"),
            ("settledAt - now", "times of one monotonic clock"),
            ("owed + rule.periodNanoseconds", "at most burst and one periods, from our own rules"),
            (
                "(rule.burst - reserve) * rule.periodNanoseconds",
                "about a second, as 1000 · 1 ms is"
            ),
            ("max(settledAt, now) + rule.periodNanoseconds", "a time and at most a second"),
        ],
        "LocatorTable.swift": [
            ("2 * count", "pairs of the configuration"), ("size *= 2", "the same"),
            ("size - 1", "at least 16"),
            ("Int(pair32)", "widens"), ("Int(agent32)", "widens"),
            ("places[self.place(of: locator)]", "masked to the size"),
            ("places[place]", "masked to the size"),
            ("place + 1", "below the size"),
        ],
        "MiniFloat16.swift": [
            ("UInt64.bitWidth - value.leadingZeroBitCount", "64 and 0 to 64"),
            ("significant - mantissaBits", "0 to 64 and 11"),
            ("UInt16(exponent)", "0 to 30"),
            ("UInt16(value >> exponent)", "11 bits are left"),
            ("UInt64(pattern & 0x07FF)", "widens"),
            ("UInt64(pattern >> mantissaBits)", "widens"),
        ],
        "Prober.swift": [
            ("promises[index]", "the master's own index of an agent"),
            ("asked[index]", "the same"),
            ("old.promises[$0]", "an index that the receiver gave, which had as many"),
            ("old.asked[$0]", "the same"),
            (
                "promise.heardAt + Int64(promise.intervalMilliseconds) * 1_500_000",
                "widens 16 bits: a time and at most 100 s"
            ),
            ("newestAt + span", "a time and at most 10 s"),
            ("(first + step) % promises.count", "two small numbers, and there is an agent"),
            ("(index + 1) % promises.count", "the same"),
            ("left -= 1", "above 0"),
            (".inVain + 1", "at most ten before"), ("UInt8(Self.patience)", "ten"),
        ],
        "Receiver.swift": [
            ("services[$0]", "out of its own indices"), ("requests[$0]", "out of its own indices"),
            ("custom[$0]", "out of its own indices"),
            (
                "roster.publicKeys[agent][roster.pairs[pair].rank]",
                "the agent's own pair, whose rank is the place of its key in that list"
            ),
            ofAgent("slots[agent]"), ofAgent("tallies[agent]"), ofAgent("entitlements[agent]"),
            ofAgent("standings[agent]"), ofAgent("roster.pairs[pair]"),
            ("places[next.names[index]]", "a dictionary, and an index of that list"),
            ("roster.publicKeys[old]", "the dictionary has the indices of that list"),
            ("next.publicKeys[index]", "as many as names"),
            ("adopted.slots[index]", "one for each name"),
            ("= slots[old]", "one for each name before"),
            ("adopted.tallies[index]", "one for each name"),
            ("= tallies[old]", "one for each name before"),
            ("tallies[index]", "the master's own index of an agent"),
            ("2 * count", "agents of the configuration"),
            envelopeBody,
        ],
        "Receiver+Reply.swift": [
            ofAgent("slots[agent]"), ofAgent("slots[applied.agent]"),
            ofAgent("standings[applied.agent]"), ofAgent("roster.pairs[trigger.pair]"),
        ],
        "ReportDecoder.swift": tlvs + [
            ("offset + ReportTLV.headByteCount", "the offset is inside a datagram")
        ],
        "Roster.swift": [
            ("$0 + $1.publicKeys.count", "keys of the configuration"),
            ("* masterKeys.count", "keys of the configuration"),
            ("agents[other]", "an index of this list"),
            ("masterKeys[masterRank]", "an index of this list"),
            ("known[parties]", "a dictionary"),
            ("table[keys.locator]", "a subscript that answers nil"),
            ("table[locator]", "a subscript that answers nil"),
            ("+= keys.toMaster.bytes + keys.toAgent.bytes", "puts arrays together"),
            ("2 * pair * Cryptography.keyByteCount", "a pair of the configuration"),
            ("first + Int(turn) % (publicKeys[agent].count", "an agent that has a pair has keys"),
            ("pair += 1", "pairs of the configuration"),
            ("(2 * pair + 1) * Cryptography.keyByteCount", "a pair of the configuration"),
            (
                "keys.span.bytes.extracting(start..<(start + Cryptography.keyByteCount))",
                "each pair put two keys there"
            ),
            ("start + Cryptography.keyByteCount", "keys of the configuration"),
            ("middle + Cryptography.keyByteCount", "keys of the configuration"),
            ("agreements[Parties", "a dictionary"),
            ("keys[start..<middle]", "each pair put two keys there"),
            ("keys[middle..<end]", "each pair put two keys there"),
        ],
        "SequenceCheck.swift": [
            ("let distance = highest - sequence", "the guard before it compares them"),
            ("UInt64(distance)", "widens"),
            ("? sequence - highest", "where the sequence is higher"),
            ("UInt64(step)", "widens"),
        ],
        "Session+Receive.swift": [
            ("pairs[pair]", "an index that was found in them"),
            ("pairs[index]", "from its own indices"),
            ("sent[body.echoedSequence]", "a subscript that answers nil"),
            ("now - entry.at - hold * 1_000", "an mf16 is below 2⁴³, times 1000 below 2⁵³"),
            ("standings[place]", "an index that was found in them"),
            ("Report.mostParts * Report.serviceLimit", "constants"),
            ("Int(Self.count)", "a constant"),
            ("entries[place(of: entry.sequence)]", "when all 64 places are there"),
            ("entries[place]", "the guard compares with the count"),
            ("Int((sequence &- 1) % Self.count)", "0 to 63"),
            envelopeBody,
        ],
    ]

    /// The loop over TLVs, which is the same for reports and ACKs.
    private static let tlvs: [Part] = [
        ("offset + 1", "the offset is inside a datagram"),
        ("start + Int(length)", "at most 1200 and 255"),
        ("extracting(start..<end)", "the guard before it compares the end with the count"),
    ]

    private static let envelopeBody: Part = (
        "extracting(Envelope.body(ofByteCount: datagram.byteCount))",
        "refused before when it is shorter than header and tag"
    )

    private static func ofAgent(_ part: String) -> Part {
        (part, "an index that the roster gave, which has as many places")
    }
}
