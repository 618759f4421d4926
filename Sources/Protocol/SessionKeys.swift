// What one key pair of an agent and one of a master agree on: a key each way, and a name.

/// The key of one direction between an agent and a master.
package struct AuthenticationKey: Sendable {
    let bytes: [UInt8]
}

/// Names a pair of keys in every datagram: 48 bits that only its two holders can compute.
package struct Locator: Hashable, Sendable {
    package let rawValue: UInt64

    /// Takes the low 48 bits.
    package init(rawValue: UInt64) { self.rawValue = rawValue & 0xFFFF_FFFF_FFFF }
}

/// All that an agent's pair and a master's pair have in common (PROTOCOL.md §2).
package struct SessionKeys: Sendable {
    package let toMaster: AuthenticationKey
    package let toAgent: AuthenticationKey
    package let locator: Locator

    /// The agent's side; `nil` when X25519 does not accept the master's public key.
    package init?(agent: SecretKey, master: PublicKey) {
        let keys = Cryptography.sessionKeys(
            .agent, publicKey: agent.publicKey.bytes, secretKey: agent.bytes, peer: master.bytes)
        guard let keys else { return nil }
        self.init(toMaster: keys.sending, toAgent: keys.receiving)
    }

    /// The master's side; `nil` when X25519 does not accept the agent's public key.
    package init?(master: SecretKey, agent: PublicKey) {
        let keys = Cryptography.sessionKeys(
            .master, publicKey: master.publicKey.bytes, secretKey: master.bytes, peer: agent.bytes)
        guard let keys else { return nil }
        self.init(toMaster: keys.receiving, toAgent: keys.sending)
    }

    init(toMaster: [UInt8], toAgent: [UInt8]) {
        self.toMaster = AuthenticationKey(bytes: toMaster)
        self.toAgent = AuthenticationKey(bytes: toAgent)
        let name = Cryptography.hash(Array("poise locator 1".utf8), key: toMaster)
        locator = Locator(rawValue: name.prefix(6).reduce(0) { $0 << 8 | UInt64($1) })
    }
}
