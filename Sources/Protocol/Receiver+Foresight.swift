// Memory that the next datagrams need is asked for while the processor works on others.
//
// Of ten thousand agents none is in its caches when its report comes. One after the other each access
// would be waited for, which took as long as all else together (docs/decisions/0009-looking-ahead.md).

extension Receiver {
    /// Asks for what it takes to find the agent of a datagram.
    package func expect(_ datagram: RawSpan) {
        guard let locator = Header.locator(in: datagram) else { return }
        roster.expect(locator)
    }

    /// The agent whose a datagram claims to be, after asking for what is known of it; nothing for
    /// a stranger's.
    package func agentExpected(by datagram: RawSpan) -> Int? {
        guard let locator = Header.locator(in: datagram),
            let entry = roster.entry(of: locator)
        else { return nil }
        roster.expect(pair: entry.pair)
        slots.prefetch(entry.agent)
        // Most reports are only counted as applied, which is the first.
        tallies.prefetch(entry.agent, byteCount: MemoryLayout<UInt64>.size)
        return entry.agent
    }
}
