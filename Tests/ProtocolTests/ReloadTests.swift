// A configuration that is loaded again: what goes on, and what ends at once.

import Testing

@testable import Protocol

private let second: Int64 = 1_000_000_000

@Suite struct ReloadTests {
    private let newAgentKey = Fixture.key(from: 60)

    private func reloaded(
        _ old: Receiver, _ keys: [PublicKey], masterKeys: [SecretKey] = [Fixture.masterKey]
    ) throws -> Receiver {
        try Receiver(secretKeys: masterKeys, agents: [("s1", keys)], continuing: old)
    }

    @Test func `an agent that keeps name and key keeps its sequence and its counters`() throws {
        var old = try Fixture.receiver()
        let cookie = Fixture.cookie()
        let seen = Fixture.seal(sequence: 1, cookie: cookie)
        #expect(old.take(seen).applied != nil)

        var new = try Receiver(
            secretKeys: [Fixture.masterKey],
            agents: [
                ("s0", [Fixture.key(from: 62).publicKey]),
                ("s1", [Fixture.key(from: 61).publicKey, Fixture.agentKey.publicKey]),
            ],
            continuing: old)

        #expect(new.take(seen).refusal == .duplicate)
        let next = new.take(Fixture.seal(sequence: 2, cookie: cookie))
        #expect(next.applied?.isNewBoot == false)
        #expect(new.tally(ofAgent: 1).applied == 2)
        #expect(new.tally(ofAgent: 0).applied == 0)
        #expect(new.total.applied == 2)
    }

    @Test func `the key in use is an agent's own, whoever has it after a reload`() throws {
        var old = try reloaded(
            try Fixture.receiver(), [newAgentKey.publicKey, Fixture.agentKey.publicKey])
        #expect(old.keyInUse(agent: 0) == nil)
        #expect(old.take(Fixture.seal(sequence: 1, cookie: Fixture.cookie())).applied != nil)
        #expect(old.keyInUse(agent: 0) == Fixture.agentKey.publicKey)
        let third = Fixture.key(from: 62).publicKey
        let new = try Receiver(
            secretKeys: [Fixture.masterKey],
            agents: [
                ("s1", [newAgentKey.publicKey]), ("s2", [third, Fixture.agentKey.publicKey]),
            ], continuing: old)
        #expect(new.keyInUse(agent: 0) == nil)
        #expect(new.keyInUse(agent: 1) == nil)
    }

    @Test func `a key that was removed is refused at once`() throws {
        var old = try Fixture.receiver()
        #expect(old.take(Fixture.seal(sequence: 1, cookie: Fixture.cookie())).applied != nil)
        var new = try reloaded(old, [newAgentKey.publicKey])
        #expect(
            new.take(Fixture.seal(sequence: 2, cookie: Fixture.cookie())).refusal
                == .unknownLocator)
        #expect(new.tally(ofAgent: 0) == Tally())
    }

    @Test func `recordings of an agent that was off the list for a while stay worthless`() throws {
        var receiver = try Fixture.receiver()
        let seen = Fixture.seal(sequence: 1, cookie: Fixture.cookie())
        #expect(receiver.take(seen).applied != nil)
        receiver = try reloaded(receiver, [newAgentKey.publicKey])
        receiver = try reloaded(receiver, [Fixture.agentKey.publicKey])
        #expect(receiver.take(seen).isChallenged)
        receiver = try reloaded(receiver, [newAgentKey.publicKey])
        receiver = try reloaded(receiver, [newAgentKey.publicKey])
        receiver = try reloaded(receiver, [Fixture.agentKey.publicKey])
        #expect(receiver.take(seen).isChallenged)
    }

    @Test func `the keys that pairs agreed on are the same after a reload`() throws {
        let masterKeys = [Fixture.masterKey, Fixture.key(from: 160)]
        let old = try Fixture.receiver(
            secretKeys: masterKeys,
            agents: [("s1", [newAgentKey.publicKey, Fixture.agentKey.publicKey])])
        var new = try reloaded(
            old, [Fixture.agentKey.publicKey, newAgentKey.publicKey],
            masterKeys: masterKeys.reversed())
        var now: Int64 = 0
        for agentKey in [Fixture.agentKey, newAgentKey] {
            for masterKey in masterKeys {
                now += 10 * second
                var session = try Session(
                    agentKeys: [agentKey], masterKeys: [masterKey.publicKey],
                    boot: Session.randomBoot())
                let taken = session.tell(to: &new, at: now)
                #expect(taken.contains { $0.acknowledgement != nil })
            }
        }
    }

    @Test func `a probe is sealed for the agent that it is for, whoever has its old key`() throws {
        let (first, third) = (Fixture.agentKey, Fixture.key(from: 62))
        var old = try reloaded(
            try Fixture.receiver(), [newAgentKey.publicKey, first.publicKey])
        #expect(old.take(Fixture.seal(sequence: 1, cookie: Fixture.cookie())).applied != nil)
        var new = try Receiver(
            secretKeys: [Fixture.masterKey],
            agents: [
                ("s1", [newAgentKey.publicKey]), ("s2", [third.publicKey, first.publicKey]),
            ], continuing: old)
        var probe: [UInt8] = []
        #expect(new.probe(agent: 0, nonce: 1, at: second, into: &probe))
        // Only who has the new key can read it.
        var session = try Fixture.session(agentKeys: [newAgentKey])
        #expect(session.receive(probe, at: second) == .probed(wantsReport: true))
        var stranger = try Fixture.session(agentKeys: [first])
        #expect(stranger.receive(probe, at: second) == .refused(.unknownLocator))
        #expect(!new.probe(agent: 1, nonce: 1, at: second, into: &probe))
    }

    @Test func `of the pairs that are left each is probed in turn`() throws {
        let keys = [newAgentKey, Fixture.key(from: 62), Fixture.key(from: 63)]
        var old = try Fixture.receiver(agents: [
            ("s1", keys.map(\.publicKey) + [Fixture.agentKey.publicKey])
        ])
        #expect(old.take(Fixture.seal(sequence: 1, cookie: Fixture.cookie())).applied != nil)
        var new = try reloaded(old, keys.map(\.publicKey))
        var locators: Set<Locator> = []
        for nonce: UInt32 in 1...3 {
            var probe: [UInt8] = []
            #expect(new.probe(agent: 0, nonce: nonce, at: second, into: &probe))
            locators.insert(try Header(datagram: probe.span.bytes).locator)
        }
        #expect(locators == Set(keys.map { Fixture.keys($0, Fixture.masterKey).locator }))
    }

    @Test func `an agent that uses an old key is told that it retires`() throws {
        let (old, new) = (Fixture.agentKey, newAgentKey)
        var receiver = try Fixture.receiver(agents: [("s1", [new.publicKey, old.publicKey])])
        var session = try Fixture.session(agentKeys: [old])
        session.tell(to: &receiver, at: 0)
        #expect(session.notices == .keyRetiring)
        var renewed = try Fixture.session(agentKeys: [new, old])
        renewed.tell(to: &receiver, at: 0)
        #expect(renewed.notices == [])
    }
}
