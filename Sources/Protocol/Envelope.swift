// A datagram whole: header, body, and the tag that proves who wrote both.

/// Seals what is sent and proves what came (PROTOCOL.md §2 and §3).
package enum Envelope {
    package static let tagByteCount = Cryptography.tagByteCount
    /// Header and tag around an empty body.
    package static let leastByteCount = Header.byteCount + tagByteCount
    /// Small enough never to be fragmented on its way.
    package static let mostByteCount = 1200

    /// The datagram: header, body, and the tag over both.
    package static func seal(_ header: Header, body: [UInt8], key: AuthenticationKey) -> [UInt8] {
        var datagram: [UInt8] = []
        datagram.reserveCapacity(leastByteCount + body.count)
        header.append(to: &datagram)
        datagram += body
        datagram += Cryptography.hash(datagram, key: key.bytes)
        return datagram
    }

    /// Whether the datagram's tag is right for this key.
    package static func verify(_ datagram: RawSpan, key: AuthenticationKey) -> Bool {
        Cryptography.isAuthentic(datagram, key: key.bytes)
    }
}
