// What masters say to the agent, and what it does then; at instants that the tests give.

import CLinux
import Daemon
import Protocol
import Testing

@testable import Agent

private let millisecond: Int64 = 1_000_000

@Test func `a report that was challenged is sent again at once, and applied`() throws {
    let start = MonotonicClock.now()
    let pair = try Pair("", startedAt: start)
    #expect(try pair.reports(at: start).count == 1)
    #expect(pair.heard == 2)
    // From then on one datagram is enough.
    #expect(try pair.reports(at: start + 50 * millisecond).count == 1)
    #expect(pair.heard == 3)
}

@Test func `a probe is answered at once`() throws {
    let start = MonotonicClock.now()
    let pair = try Pair("", startedAt: start)
    _ = try pair.reports(at: start)
    var probe: [UInt8] = []
    #expect(pair.receiver.probe(agent: 0, nonce: 7, at: start, into: &probe))
    try pair.sendToAgent(probe)
    let now = start + 10 * millisecond
    let answers = try pair.reports(at: now)
    #expect(answers.map(\.probeEcho?.nonce) == [7])
}

@Test func `the interval that a master asks for is promised and kept`() throws {
    let start = MonotonicClock.now()
    let pair = try Pair("", startedAt: start)
    _ = try pair.reports(at: start)
    pair.receiver.setDirective(
        agent: 0, Directive(intervalMilliseconds: 200, jitterMilliseconds: 0), version: 1)
    // The agent learns of it by the answer to its next report.
    #expect(
        try pair.reports(at: start + 50 * millisecond).map(\.intervalMilliseconds) == [50])
    // This one was promised already.
    let next = try pair.reports(at: start + 100 * millisecond)
    #expect(next.map(\.intervalMilliseconds) == [200])
    #expect(next.map(\.directiveVersion) == [1])
    #expect(try pair.reports(at: start + 299 * millisecond).isEmpty)
    #expect(try pair.reports(at: start + 300 * millisecond).count == 1)
    // Without a directive the file's own interval holds again, and at once.
    pair.receiver.setDirective(agent: 0, nil, version: 0)
    #expect(try pair.reports(at: start + 500 * millisecond).count == 1)
    #expect(
        try pair.reports(at: start + 550 * millisecond).map(\.intervalMilliseconds) == [50])
}

@Test func `the shortest interval that is asked for serves all masters, and jitter is promised`() {
    var beat = Beat(intervalMilliseconds: 500, startedAt: 0)
    let long = Directive(intervalMilliseconds: 2_000, jitterMilliseconds: 0)
    let short = Directive(intervalMilliseconds: 800, jitterMilliseconds: 100)
    beat.follow([long, short], at: 0)
    #expect(beat.interval == 800 * millisecond)
    #expect(beat.promisedMilliseconds == 900)
    for _ in 1...100 {
        let now = beat.dueAt
        beat.reported(at: now)
        // Jitter moves a report, not the beat: it never adds up.
        #expect((700...900).contains((beat.dueAt - now) / millisecond))
    }
    beat.follow([], at: beat.dueAt)
    #expect(beat.promisedMilliseconds == 500)
}

@Test(arguments: [
    ("", StateReason.agentRestart), ("goodbye = stopping", StateReason.serviceStopping),
])
func `an agent that is stopped says goodbye thrice to a silent master and is over`(
    option: String, reason: StateReason
) throws {
    let start = MonotonicClock.now()
    let pair = try Pair("", agentOption: option, startedAt: start)
    _ = try pair.reports(at: start)
    pair.answers = false
    let end = start + 10 * millisecond
    pair.loop.stop(at: end)
    var goodbyes = try pair.received(at: end)
    for delay: Int64 in [100, 300] {
        #expect(!pair.loop.isOver)
        #expect(try pair.reports(at: end + delay * millisecond - 1).isEmpty)
        goodbyes += try pair.reports(at: end + delay * millisecond)
    }
    #expect(goodbyes.map(\.state) == [.leaving, .leaving, .leaving])
    #expect(goodbyes.map(\.reason) == [reason, reason, reason])
    let wanted: Report.Flags = [.final, .acknowledgementRequested]
    #expect(goodbyes.allSatisfy { $0.flags.isSuperset(of: wanted) })
    #expect(pair.loop.isOver)
}

@Test func `a goodbye that a master heard is not said again`() throws {
    let start = MonotonicClock.now()
    let pair = try Pair("", startedAt: start)
    _ = try pair.reports(at: start)
    let before = pair.heard
    pair.loop.stop(at: start + 10 * millisecond)
    #expect(try pair.reports(at: start + 10 * millisecond).count == 1)
    #expect(pair.loop.isOver)
    #expect(pair.heard == before + 1)
}

@Test func `a second signal ends the goodbyes`() throws {
    let start = MonotonicClock.now()
    let pair = try Pair("", startedAt: start)
    _ = try pair.reports(at: start)
    pair.loop.stop(at: start)
    #expect(!pair.loop.isOver)
    pair.loop.stop(at: start)
    #expect(pair.loop.isOver)
}

/// An agent's way to a master whose port can be shut and opened again.
private final class Way {
    let poller: Poller
    let destination: Destination
    let address: SocketAddress
    private var receiver: Receiver
    private let report = Report(
        state: .up, intervalMilliseconds: 500, clockTenthsOfMillisecond: 0)

    init() throws {
        poller = try Poller()
        let any = try #require(SocketAddress("127.0.0.1:0"))
        let gone = try UDPSocket(listeningOn: any, receiveBytes: 1).localAddress
        address = try #require(gone)
        let (agent, master) = (SecretKey.generate(), SecretKey.generate())
        let session = try Session(
            agentKeys: [agent], masterKeys: [master.publicKey], boot: 1)
        destination = Destination(address, session: session, index: 0, startedAt: 0)
        receiver = try Receiver(
            secretKeys: [master], agents: [(name: "rs1", publicKeys: [agent.publicKey])],
            identity: MasterIdentity.generate())
    }

    func send(at now: Int64) { destination.send(report, at: now, poller: poller, log: Log()) }

    func hear(at now: Int64) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 2_048, alignment: 8) { buffer in
            destination.receive(at: now, poller: poller, buffer: buffer)
        }
    }

    /// Answers what came to the master's port.
    func answer(over socket: borrowing UDPSocket, at now: Int64) throws {
        let batch = try DatagramBatch(count: 8, byteCount: Envelope.mostByteCount)
        var (scratch, reply) = (Report.empty, [UInt8]())
        _ = try batch.receive(from: socket) { datagram, _, index in
            _ = receiver.take(datagram.bytes, at: now, into: &scratch, reply: &reply)
            if !reply.isEmpty {
                #expect(reply.withUnsafeBytes { batch.reply(to: index, over: socket, with: $0) })
            }
        }
    }
}

@Test func `a master that refused is well again when it acknowledges, and not before`() throws {
    let way = try Way()
    way.send(at: 0)
    #expect(way.destination.fault == nil)
    way.send(at: 1)
    #expect(way.destination.fault?.hasSuffix("nothing listens there") == true)

    let socket = try UDPSocket(listeningOn: way.address, receiveBytes: 65_536)
    way.send(at: 2)
    // A challenge shows that somebody listens, not that a report counted.
    try way.answer(over: socket, at: 2)
    #expect(way.hear(at: 3))
    way.send(at: 3)
    #expect(way.destination.fault != nil)
    try way.answer(over: socket, at: 3)
    #expect(!way.hear(at: 4))
    way.send(at: 5)
    #expect(way.destination.fault == nil)
    #expect(way.destination.isAcknowledged(at: 5))
}

@Test func `a master that is silent for ten seconds is told`() throws {
    let way = try Way()
    let socket = try UDPSocket(listeningOn: way.address, receiveBytes: 65_536)
    let silence = Destination.silence
    way.send(at: 0)
    way.send(at: silence - 1)
    #expect(way.destination.fault == nil)
    way.send(at: silence)
    #expect(way.destination.fault?.hasSuffix("no acknowledgement for 10 s or more") == true)
    #expect(!way.destination.isAcknowledged(at: silence))
    withExtendedLifetime(socket.number) {}
}
