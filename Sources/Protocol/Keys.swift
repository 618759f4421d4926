// The key pairs of agents and masters, and their text form.

/// A private key: its holder is the agent, or the master, that the public key names.
package struct SecretKey: Equatable, Sendable {
    let bytes: [UInt8]
    package let publicKey: PublicKey

    /// Any 32 bytes are a private key; `nil` for another number of them.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Cryptography.keyByteCount else { return nil }
        self.init(checked: bytes)
    }

    /// Reads `poise-sk1-…`; space around it is ignored.
    package init(text: String) throws(KeyTextError) {
        self.init(checked: try KeyText.decode(text, as: .secret))
    }

    private init(checked bytes: [UInt8]) {
        self.bytes = bytes
        publicKey = PublicKey(checked: Cryptography.publicKey(of: bytes))
    }

    /// A new key from the system's random numbers.
    package static func generate() -> SecretKey { SecretKey(checked: Cryptography.randomKey()) }

    /// `poise-sk1-…`: for the key file only, never for a log.
    package var text: String { KeyText.encode(bytes, as: .secret) }

    package static func == (one: SecretKey, other: SecretKey) -> Bool {
        one.publicKey == other.publicKey
    }
}

extension SecretKey: CustomStringConvertible {
    /// Names the key by its public half, so that a log line cannot leak it.
    package var description: String { "private key of \(publicKey.text)" }
}

/// A public key: what operators copy between agents and masters.
package struct PublicKey: Hashable, Sendable {
    let bytes: [UInt8]

    /// Any 32 bytes, of which some are no acceptable key (see ``SessionKeys``); else `nil`.
    package init?(bytes: [UInt8]) {
        guard bytes.count == Cryptography.keyByteCount else { return nil }
        self.init(checked: bytes)
    }

    /// Reads `poise-pk1-…`; space around it is ignored.
    package init(text: String) throws(KeyTextError) {
        self.init(checked: try KeyText.decode(text, as: .public))
    }

    fileprivate init(checked bytes: [UInt8]) { self.bytes = bytes }

    /// `poise-pk1-…`.
    package var text: String { KeyText.encode(bytes, as: .public) }
}

extension PublicKey: CustomStringConvertible {
    package var description: String { text }
}
