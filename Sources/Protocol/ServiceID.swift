// The two bytes that stand for a service's name in a datagram.

/// A service as datagrams name it: 1 to 65535, derived from the name on both sides.
package struct ServiceID: Hashable, Sendable {
    package let rawValue: UInt16

    /// For a number from the wire; 0 is no service.
    package init?(rawValue: UInt16) {
        guard rawValue != 0 else { return nil }
        self.rawValue = rawValue
    }

    /// The id of a service's name (PROTOCOL.md §4.1).
    ///
    /// Two names may share an id: whoever loads a configuration refuses it then.
    package init(name: String) {
        let hash = Cryptography.hash(Array(name.utf8))
        var id: UInt16 = 0
        for pair in stride(from: 0, to: hash.count, by: 2) where id == 0 {
            id = UInt16(hash[pair]) << 8 | UInt16(hash[pair + 1])
        }
        rawValue = max(id, 1)
    }
}
