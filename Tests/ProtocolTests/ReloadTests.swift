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
}

/// Rotation of keys, PROTOCOL.md §2: whatever is done first, reports go on arriving.
@Suite struct RotationTests {
    private static let old = Fixture.agentKey
    private static let new = Fixture.key(from: 60)

    private struct Step {
        var masterLists: [SecretKey]
        var agentHolds: [SecretKey]
    }

    private static let orders: [(name: String, steps: [Step])] = [
        (
            "master first",
            [
                Step(masterLists: [new, old], agentHolds: [old]),
                Step(masterLists: [new, old], agentHolds: [new, old]),
                Step(masterLists: [new], agentHolds: [new, old]),
                Step(masterLists: [new], agentHolds: [new]),
            ]
        ),
        (
            "agent first",
            [
                Step(masterLists: [old], agentHolds: [new, old]),
                Step(masterLists: [new, old], agentHolds: [new, old]),
                Step(masterLists: [new], agentHolds: [new, old]),
                Step(masterLists: [new], agentHolds: [new]),
            ]
        ),
        (
            "the master in one step",
            [
                Step(masterLists: [old], agentHolds: [new, old]),
                Step(masterLists: [new], agentHolds: [new, old]),
                Step(masterLists: [new], agentHolds: [new]),
            ]
        ),
        (
            "half done and rolled back by the master",
            [
                Step(masterLists: [new, old], agentHolds: [old]),
                Step(masterLists: [new, old], agentHolds: [new, old]),
                Step(masterLists: [old], agentHolds: [new, old]),
                Step(masterLists: [old], agentHolds: [old]),
            ]
        ),
        (
            "half done and rolled back by the agent",
            [
                Step(masterLists: [new, old], agentHolds: [new, old]),
                Step(masterLists: [new, old], agentHolds: [old]),
                Step(masterLists: [old], agentHolds: [old]),
            ]
        ),
    ]

    @Test(arguments: orders.indices) func `no report is late in any order`(index: Int) throws {
        let interval = second / 2
        var receiver = try Fixture.receiver(agents: [("s1", [Self.old.publicKey])])
        var session = try Fixture.session(agentKeys: [Self.old])
        var held = [Self.old]
        var now: Int64 = 0
        var appliedAt: Int64 = 0
        var worst: Int64 = 0
        var boot: UInt32 = 100
        for step in [Step(masterLists: [Self.old], agentHolds: [Self.old])]
            + Self.orders[index].steps
        {
            receiver = try Receiver(
                secretKeys: [Fixture.masterKey],
                agents: [("s1", step.masterLists.map(\.publicKey))], continuing: receiver)
            if step.agentHolds != held {
                // The agent takes its keys when it starts.
                held = step.agentHolds
                boot += 1
                session = try Session(
                    agentKeys: held, masterKeys: [Fixture.masterKey.publicKey], boot: boot)
            }
            for _ in 0..<80 {
                now += interval
                if session.tell(to: &receiver, at: now).contains(where: { $0.applied != nil }) {
                    worst = max(worst, now - appliedAt)
                    appliedAt = now
                }
            }
            #expect(appliedAt == now, "\(Self.orders[index].name)")
            let newest = held.first { step.masterLists.contains($0) }
            #expect(session.locator == newest.map { Fixture.keys($0, Fixture.masterKey).locator })
        }
        // Weights are held for 3 intervals and more, so nothing is stale by then.
        #expect(worst <= 3 * interval, "\(Self.orders[index].name): \(worst)")
        #expect(!receiver.isDuplicateIdentity(agent: 0, at: now))
    }

    @Test func `the master's own key rotates without a gap as well`() throws {
        let new = Fixture.key(from: 160)
        var receiver = try Fixture.receiver()
        var session = try Fixture.session(
            masterKeys: [new.publicKey, Fixture.masterKey.publicKey])
        var now: Int64 = 0
        for masterKeys in [[Fixture.masterKey], [new, Fixture.masterKey], [new]] {
            receiver = try Receiver(
                secretKeys: masterKeys, agents: [("s1", [Fixture.agentKey.publicKey])],
                continuing: receiver)
            for _ in 0..<20 {
                now += second / 2
                let taken = session.tell(to: &receiver, at: now)
                #expect(taken.contains { $0.applied != nil }, "at \(now)")
            }
        }
        #expect(session.locator == Fixture.keys(Fixture.agentKey, new).locator)
    }

    @Test func `an agent that uses an old key is told that it retires`() throws {
        var receiver = try Fixture.receiver(agents: [
            ("s1", [Self.new.publicKey, Self.old.publicKey])
        ])
        var session = try Fixture.session(agentKeys: [Self.old])
        session.tell(to: &receiver, at: 0)
        #expect(session.notices == .keyRetiring)
        var renewed = try Fixture.session(agentKeys: [Self.new, Self.old])
        renewed.tell(to: &receiver, at: 0)
        #expect(renewed.notices == [])
    }
}
