// Which key pairs a master takes reports from; a list that is not clear is refused whole.

/// Why a list of agents cannot be used.
///
/// Names are those of the configuration.
package enum RosterError: Error, Equatable, Sendable {
    case masterKeys(count: Int)
    case sameMasterKey
    case sameName(String)
    case keyCount(agent: String, count: Int)
    case unacceptableKey(agent: String, key: PublicKey)
    case sameKey(agent: String, other: String)
    case sameLocator(agent: String, other: String)
}

/// Every pair of a key of the master and one of an agent.
///
/// Making one takes a key agreement for each pair, so it is made where nobody waits for it.
package struct Roster: Sendable {
    static let allowedMasterKeys = 1...2
    static let allowedAgentKeys = 1...4

    /// What a locator stands for.
    struct Pair {
        let agent: Int
        /// The place of the agent's key in its list.
        let rank: Int
        /// Whether both its keys are the first of their lists.
        let isNewest: Bool
    }

    package let names: [String]
    /// Of each agent, the newest first.
    package let publicKeys: [[PublicKey]]
    private let masterKeys: [PublicKey]
    private var table: LocatorTable
    private(set) var pairs: [Pair] = []
    /// Of each pair the key to the master and the key to the agent; one piece of memory for all.
    private var keys: [UInt8] = []

    /// - Parameters:
    ///   - secretKeys: the master's own, the newest first.
    ///   - agents: names, and of each the public keys, the newest first.
    ///   - previous: a roster whose pairs need not agree on their keys once more.
    /// - Throws: what in the list cannot be used.
    package init(
        secretKeys: [SecretKey], agents: [(name: String, publicKeys: [PublicKey])],
        reusing previous: Roster? = nil
    ) throws(RosterError) {
        guard Self.allowedMasterKeys.contains(secretKeys.count) else {
            throw .masterKeys(count: secretKeys.count)
        }
        masterKeys = secretKeys.map { $0.publicKey }
        guard Set(masterKeys).count == masterKeys.count else { throw .sameMasterKey }
        names = agents.map { $0.name }
        publicKeys = agents.map { $0.publicKeys }
        table = LocatorTable(
            count: agents.reduce(0) { $0 + $1.publicKeys.count } * masterKeys.count)

        let known = previous?.agreements ?? [:]
        var seen: Set<String> = []
        var holders: [PublicKey: Int] = [:]
        for (index, agent) in agents.enumerated() {
            guard seen.insert(agent.name).inserted else { throw .sameName(agent.name) }
            guard Self.allowedAgentKeys.contains(agent.publicKeys.count) else {
                throw .keyCount(agent: agent.name, count: agent.publicKeys.count)
            }
            for (rank, publicKey) in agent.publicKeys.enumerated() {
                if let other = holders.updateValue(index, forKey: publicKey) {
                    throw .sameKey(agent: agent.name, other: agents[other].name)
                }
                for (masterRank, secretKey) in secretKeys.enumerated() {
                    let parties = Parties(master: masterKeys[masterRank], agent: publicKey)
                    guard
                        let keys = known[parties]
                            ?? SessionKeys(master: secretKey, agent: publicKey)
                    else { throw .unacceptableKey(agent: agent.name, key: publicKey) }
                    guard
                        table.insert(
                            keys.locator,
                            LocatorTable.Entry(pair: pairs.count, agent: index))
                    else {
                        let other = table[keys.locator]?.agent ?? index
                        throw .sameLocator(agent: agent.name, other: agents[other].name)
                    }
                    pairs.append(
                        Pair(agent: index, rank: rank, isNewest: rank == 0 && masterRank == 0))
                    self.keys += keys.toMaster.bytes + keys.toAgent.bytes
                }
            }
        }
    }

    /// The index of a locator's pair.
    func pair(of locator: Locator) -> Int? { table[locator]?.pair }

    /// The pair and the agent of a locator.
    func entry(of locator: Locator) -> LocatorTable.Entry? { table[locator] }

    /// Asks for the memory that ``entry(of:)`` takes.
    func expect(_ locator: Locator) { table.expect(locator) }

    /// Asks for the memory that ``isAuthentic(_:pair:)`` takes.
    func expect(pair: Int) {
        keys.prefetch(
            2 * pair * Cryptography.keyByteCount, byteCount: Cryptography.keyByteCount)
    }

    /// One of an agent's pairs: those of its newest key first, and round and round.
    func pair(of agent: Int, turn: UInt32) -> Int? {
        guard let first = pairs.firstIndex(where: { $0.agent == agent }) else { return nil }
        return first + Int(turn) % (publicKeys[agent].count * masterKeys.count)
    }

    /// The way back from ``pair(of:)``.
    func locator(ofPair pair: Int) -> Locator { agreement(ofPair: pair).locator }

    /// Whether the tag of a datagram is right for the key to the master.
    func isAuthentic(_ datagram: RawSpan, pair: Int) -> Bool {
        let start = 2 * pair * Cryptography.keyByteCount
        return Cryptography.isAuthentic(
            datagram,
            key: keys.span.bytes.extracting(start..<(start + Cryptography.keyByteCount)))
    }

    /// Ends a datagram to the agent with its tag.
    func appendTag(to datagram: inout [UInt8], pair: Int) {
        let start = (2 * pair + 1) * Cryptography.keyByteCount
        Envelope.appendTag(
            to: &datagram,
            key: keys.span.bytes.extracting(start..<(start + Cryptography.keyByteCount)))
    }

    private struct Parties: Hashable {
        let master: PublicKey
        let agent: PublicKey
    }

    /// What each two keys agreed on; for ten thousand agents that is a third of a second of work.
    private var agreements: [Parties: SessionKeys] {
        var agreements: [Parties: SessionKeys] = [:]
        agreements.reserveCapacity(pairs.count)
        var pair = 0
        for publicKey in publicKeys.joined() {
            for master in masterKeys {
                agreements[Parties(master: master, agent: publicKey)] = agreement(ofPair: pair)
                pair += 1
            }
        }
        return agreements
    }

    private func agreement(ofPair pair: Int) -> SessionKeys {
        let start = 2 * pair * Cryptography.keyByteCount
        let middle = start + Cryptography.keyByteCount
        let end = middle + Cryptography.keyByteCount
        return SessionKeys(
            toMaster: Array(keys[start..<middle]), toAgent: Array(keys[middle..<end]))
    }
}

extension Roster: Equatable {
    /// Whether both are of the same keys and names, in the same order.
    package static func == (one: Roster, other: Roster) -> Bool {
        one.masterKeys == other.masterKeys && one.names == other.names
            && one.publicKeys == other.publicKeys
    }
}

extension RosterError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .masterKeys(let count):
            "The master has \(count) private keys of its own; it takes 1, or 2 while they rotate."
        case .sameMasterKey:
            "The master lists one private key of its own twice. Remove one of the two."
        case .sameName(let name):
            "Two agents are named \(name). Rename one of them."
        case .keyCount(let agent, let count):
            "Agent \(agent) has \(count) public keys; it takes 1, and up to 4 while they rotate."
        case .unacceptableKey(let agent, let key):
            "The public key \(key) of agent \(agent) is one that no private key belongs to. "
                + "Make a new pair with `poise-agent keygen` on that server."
        case .sameKey(let agent, let other) where agent == other:
            "Agent \(agent) lists one public key twice. Remove one of the lines."
        case .sameKey(let agent, let other):
            "Agents \(agent) and \(other) have the same public key, so their reports could not be "
                + "told apart. Make a new pair with `poise-agent keygen` on one of the two servers."
        case .sameLocator(let agent, let other):
            "The keys of agents \(agent) and \(other) lead to the same locator, which happens by "
                + "chance once in 10¹⁴ pairs. Make a new pair with `poise-agent keygen` on one of "
                + "the two servers."
        }
    }
}
