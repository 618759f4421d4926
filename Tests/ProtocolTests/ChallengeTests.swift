// Freshness: who was challenged proves that a report is of now.

import Testing

@testable import Protocol

private let second: Int64 = 1_000_000_000

@Suite struct ChallengeTests {
    @Test func `a hello is challenged, and the cookie of the answer proves the next report`() throws
    {
        var receiver = try Fixture.receiver()
        let hello = receiver.take(Fixture.seal(sequence: 1))
        let acknowledgement = try #require(hello.acknowledgement)
        let header = try Header(datagram: hello.reply.span.bytes)

        #expect(hello.isChallenged)
        #expect(hello.reply.count == Acknowledgement.leastDatagramByteCount)
        #expect(acknowledgement.isChallenge)
        #expect(acknowledgement.echoedBoot == Fixture.boot)
        #expect(acknowledgement.echoedSequence == 1)
        #expect(header.type == .acknowledgement)
        #expect(header.instance == Fixture.identity.instance)
        #expect(header.sequence == 1)
        #expect(header.cookie == Fixture.cookie())
        #expect(
            receiver.take(Fixture.seal(sequence: 2, cookie: header.cookie)).applied != nil)
    }

    @Test func `a cookie is good for the epoch it was granted in and the next one`() throws {
        let cookie = Fixture.cookie(at: 0)
        let good: [(Int64, Bool)] = [
            (0, true), (8 * second, true), (16 * second - 1, true), (16 * second, false),
        ]
        for (now, isGood) in good {
            var receiver = try Fixture.receiver()
            let taken = receiver.take(Fixture.seal(sequence: 1, cookie: cookie), at: now)
            #expect((taken.applied != nil) == isGood, "at \(now)")
            #expect(taken.isChallenged != isGood)
        }
    }

    @Test func `a cookie is worth nothing to another boot, generation, pair or process`() throws {
        var receiver = try Fixture.receiver()
        #expect(
            receiver.take(Fixture.seal(sequence: 1, cookie: Fixture.cookie(boot: 8))).isChallenged)
        #expect(
            receiver.take(Fixture.seal(sequence: 1, cookie: Fixture.cookie(generation: 2)))
                .isChallenged)
        let other = Freshness(MasterIdentity(secret: (1, 3), instance: 1))
        let foreign = other.cookie(
            boot: Fixture.boot, generation: 1, locator: Fixture.keys.locator, at: 0)
        #expect(receiver.take(Fixture.seal(sequence: 1, cookie: foreign)).isChallenged)
        let elsewhere = Freshness(Fixture.identity).cookie(
            boot: Fixture.boot, generation: 1, locator: Locator(rawValue: 1), at: 0)
        #expect(receiver.take(Fixture.seal(sequence: 1, cookie: elsewhere)).isChallenged)
        #expect(receiver.total.applied == 0)
    }

    @Test func `a superseded boot is challenged, and its recordings never apply again`() throws {
        var receiver = try Fixture.receiver()
        let first = Fixture.seal(sequence: 1, cookie: Fixture.cookie())
        let unsent = Fixture.seal(sequence: 2, cookie: Fixture.cookie())
        let second = Fixture.seal(
            sequence: 1, boot: 9, cookie: Fixture.cookie(boot: 9, generation: 2))
        #expect(receiver.take(first).applied != nil)
        #expect(receiver.take(second).applied?.isNewBoot == true)
        #expect(receiver.take(first).isChallenged)
        #expect(receiver.take(unsent).isChallenged)
        #expect(receiver.take(second).refusal == .duplicate)
    }

    @Test func `a challenge moves nothing`() throws {
        var receiver = try Fixture.receiver()
        #expect(receiver.take(Fixture.seal(sequence: 900)).isChallenged)
        #expect(receiver.take(Fixture.seal(sequence: 1, cookie: Fixture.cookie())).applied != nil)
        #expect(receiver.take(Fixture.seal(sequence: 900, cookie: 5)).isChallenged)
        #expect(receiver.take(Fixture.seal(sequence: 2, cookie: Fixture.cookie())).applied != nil)
    }

    @Test func `four boots in a minute are two processes with one key, and it ends with calm`()
        throws
    {
        var receiver = try Fixture.receiver()
        var found: [Bool] = []
        for boot: UInt32 in 1...5 {
            let now = Int64(boot) * 10 * second
            let cookie = Fixture.cookie(boot: boot, generation: boot, at: now)
            let taken = receiver.take(
                Fixture.seal(sequence: 1, boot: boot, cookie: cookie), at: now)
            found.append(taken.applied?.isDuplicateIdentity ?? false)
        }
        #expect(found == [false, false, false, true, true])
        #expect(receiver.total.duplicateIdentity == 2)
        let challenge = receiver.take(Fixture.seal(sequence: 1, boot: 6), at: 50 * second)
        #expect(challenge.acknowledgement?.notices == .duplicateIdentity)
        // The fourth boot from the end was adopted at 20 s.
        #expect(receiver.isDuplicateIdentity(agent: 0, at: 80 * second - 1))
        #expect(!receiver.isDuplicateIdentity(agent: 0, at: 80 * second))
    }
}
