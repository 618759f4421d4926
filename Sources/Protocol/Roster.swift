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

enum Roster {
    static let allowedMasterKeys = 1...2
    static let allowedAgentKeys = 1...4

    /// What a locator stands for: the index of an agent, and the key its reports are sealed with.
    struct Pair {
        let agent: Int
        let key: AuthenticationKey
    }

    /// Every pair of a master's key and an agent's.
    static func pairs(
        secretKeys: [SecretKey], agents: [(name: String, publicKeys: [PublicKey])]
    ) throws(RosterError) -> [Locator: Pair] {
        guard allowedMasterKeys.contains(secretKeys.count) else {
            throw .masterKeys(count: secretKeys.count)
        }
        guard Set(secretKeys.map { $0.publicKey }).count == secretKeys.count else {
            throw .sameMasterKey
        }
        var names: Set<String> = []
        var holders: [PublicKey: Int] = [:]
        var pairs: [Locator: Pair] = [:]
        for (index, agent) in agents.enumerated() {
            guard names.insert(agent.name).inserted else { throw .sameName(agent.name) }
            guard allowedAgentKeys.contains(agent.publicKeys.count) else {
                throw .keyCount(agent: agent.name, count: agent.publicKeys.count)
            }
            for publicKey in agent.publicKeys {
                if let other = holders.updateValue(index, forKey: publicKey) {
                    throw .sameKey(agent: agent.name, other: agents[other].name)
                }
                for secretKey in secretKeys {
                    guard let keys = SessionKeys(master: secretKey, agent: publicKey) else {
                        throw .unacceptableKey(agent: agent.name, key: publicKey)
                    }
                    if let other = pairs.updateValue(
                        Pair(agent: index, key: keys.toMaster), forKey: keys.locator)
                    {
                        throw .sameLocator(agent: agent.name, other: agents[other.agent].name)
                    }
                }
            }
        }
        return pairs
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
