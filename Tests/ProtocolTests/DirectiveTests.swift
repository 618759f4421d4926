// How often agents report because a master asks: told, changed, ended, and forgotten in time.

import Testing

@testable import Protocol

private let second: Int64 = 1_000_000_000

@Suite struct DirectiveTests {
    private let slow = Directive(intervalMilliseconds: 1_000, jitterMilliseconds: 50)
    private let fast = Directive(intervalMilliseconds: 250, jitterMilliseconds: 0)

    @Test func `each change reaches the agent with its next report`() throws {
        var receiver = try Fixture.receiver()
        var session = try Fixture.session()
        session.tell(to: &receiver, at: 0)
        var now: Int64 = 0
        let changes: [(Directive?, UInt8)] = [(slow, 1), (fast, 2), (nil, 3), (slow, 4), (nil, 5)]
        for (directive, version) in changes {
            receiver.setDirective(agent: 0, directive, version: version)
            now += second
            session.tell(to: &receiver, at: now)
            #expect(session.directive == directive)
            #expect(session.directiveVersion == (directive == nil ? 0 : version))
        }
    }

    @Test func `a reload with the same directive tells nothing again`() throws {
        var receiver = try Fixture.receiver()
        var session = try Fixture.session()
        receiver.setDirective(agent: 0, slow, version: 1)
        session.tell(to: &receiver, at: 0)
        session.tell(to: &receiver, at: 1)
        #expect(session.directive == slow)
        receiver = try Receiver(
            secretKeys: [Fixture.masterKey], agents: [("s1", [Fixture.agentKey.publicKey])],
            continuing: receiver)
        receiver.setDirective(agent: 0, slow, version: 1)
        #expect(session.tell(to: &receiver, at: second).map(\.reply) == [[]])
    }

    @Test func `another process of the master has other versions`() throws {
        var session = try Fixture.session()
        for (instance, directive) in [(1, slow), (2, fast), (3, nil)] {
            var receiver = try Receiver(
                secretKeys: [Fixture.masterKey], agents: [("s1", [Fixture.agentKey.publicKey])],
                identity: MasterIdentity(secret: (UInt64(instance), 2), instance: UInt32(instance)))
            // Each counts from 1.
            receiver.setDirective(agent: 0, directive, version: 1)
            session.tell(to: &receiver, at: Int64(instance) * second)
            #expect(session.directive == directive)
        }
    }
}
