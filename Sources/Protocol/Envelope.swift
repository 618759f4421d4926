// A datagram whole: header, body, and the tag that proves who wrote both.

/// Seals what is sent and proves what came (PROTOCOL.md §2 and §3).
package enum Envelope {
    package static let tagByteCount = Cryptography.tagByteCount
    /// Header and tag around an empty body.
    package static let leastByteCount = Header.byteCount + tagByteCount
    /// Small enough never to be fragmented on its way.
    package static let mostByteCount = 1200
    static let mostBodyByteCount = mostByteCount - leastByteCount

    /// The datagram: header, body, and the tag over both.
    package static func seal(_ header: Header, body: [UInt8], key: AuthenticationKey) -> [UInt8] {
        var datagram: [UInt8] = []
        datagram.reserveCapacity(leastByteCount + body.count)
        header.append(to: &datagram)
        datagram += body
        appendTag(to: &datagram, key: key.bytes.span.bytes)
        return datagram
    }

    /// Ends a datagram that holds header and body.
    static func appendTag(to datagram: inout [UInt8], key: RawSpan) {
        let covered = datagram.count
        for _ in 0..<tagByteCount { datagram.append(0) }
        Cryptography.writeTag(over: covered, of: &datagram, key: key)
    }

    /// Where the body lies in a datagram of at least ``leastByteCount``.
    static func body(ofByteCount count: Int) -> Range<Int> {
        Header.byteCount..<(count - tagByteCount)
    }
}
