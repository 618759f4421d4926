// Lists of agents that cannot be used, and the letters about them.

import Testing

@testable import Protocol

private func error(
    secretKeys: [SecretKey] = [Fixture.masterKey], _ agents: [(String, [PublicKey])]
) -> RosterError? {
    do throws(RosterError) {
        _ = try Roster(
            secretKeys: secretKeys, agents: agents.map { (name: $0.0, publicKeys: $0.1) })
        return nil
    } catch { return error }
}

@Suite struct RosterTests {
    private let one = Fixture.key(from: 1).publicKey
    private let two = Fixture.key(from: 2).publicKey

    @Test func `an empty list and a list of two are fine`() {
        #expect(error([]) == nil)
        #expect(error([("s1", [one]), ("s2", [two])]) == nil)
    }

    @Test func `the master has one or two keys`() {
        let keys = [101, 102, 103].map { Fixture.key(from: $0) }
        #expect(error(secretKeys: [], []) == .masterKeys(count: 0))
        #expect(error(secretKeys: keys, []) == .masterKeys(count: 3))
        #expect(error(secretKeys: [keys[0], keys[0]], [("s1", [one])]) == .sameMasterKey)
    }

    @Test func `an agent has one to four keys`() {
        let keys = (1...5).map { Fixture.key(from: UInt8($0)).publicKey }
        #expect(error([("s1", [])]) == .keyCount(agent: "s1", count: 0))
        #expect(error([("s1", keys)]) == .keyCount(agent: "s1", count: 5))
        #expect(error([("s1", Array(keys.dropLast()))]) == nil)
    }

    @Test func `names and keys belong to one agent each`() {
        #expect(error([("s1", [one]), ("s1", [two])]) == .sameName("s1"))
        #expect(
            error([("s1", [one]), ("s2", [two, one])]) == .sameKey(agent: "s2", other: "s1"))
        #expect(error([("s1", [one, one])]) == .sameKey(agent: "s1", other: "s1"))
    }

    @Test func `a key that belongs to nobody names its agent`() throws {
        let zero = try #require(PublicKey(bytes: [UInt8](repeating: 0, count: 32)))
        #expect(
            error([("s1", [one]), ("s2", [zero])]) == .unacceptableKey(agent: "s2", key: zero))
    }

    @Test func `errors name the agents and the remedy`() {
        #expect(
            error([("s1", [one]), ("s2", [one])])?.description == """
                Agents s2 and s1 have the same public key, so their reports could not be told \
                apart. Make a new pair with `poise-agent keygen` on one of the two servers.
                """)
        let collision = RosterError.sameLocator(agent: "s1", other: "s2").description
        #expect(collision.contains("s1") && collision.contains("s2"))
        #expect(collision.contains("poise-agent keygen"))
    }
}
