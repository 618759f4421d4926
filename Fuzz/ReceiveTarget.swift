// The receive path behind the MAC: what a holder of the right key, or somebody who replays, can send.

/// Plays a tape of moments: honest traffic, made-up datagrams with the right tag, replays, reloads.
///
/// The harness seals with the agent's own key, so that the code under test is that which is shipped.
func fuzzReceive(_ input: RawSpan) {
    var play = Play()
    var tape = Tape(input)
    var moments = 0
    while !tape.isAtEnd, moments < 200 {
        play.next(&tape)
        moments += 1
    }
    play.checkCounters()
}

private struct Play: ~Copyable {
    /// A key's holder may give a sequence again, but not with the cookie that it showed before.
    private struct Name: Hashable {
        let boot: UInt32
        let sequence: UInt32
        let cookie: UInt32
    }

    private var receiver = Harness.receiver
    private var session = Harness.newSession()
    private var now = Harness.start
    private var report = Report.empty
    private var reply: [UInt8] = []
    private var granted: UInt32 = 0
    private var boot: UInt32 = 0
    private var sequence: UInt32 = 0
    private var sent: [[UInt8]] = []
    private var given: UInt64 = 0
    private var applied: Set<Name> = []

    init() {}

    mutating func next(_ tape: inout Tape) {
        switch tape.byte() % 10 {
        case 0: now += Int64(tape.byte()) * 100_000_000
        case 1: honest(tape.byte())
        case 2, 3: madeUp(&tape)
        case 4:
            var whole = tape.take(Int(tape.byte()))
            let key = Harness.keys.toMaster.bytes
            Envelope.appendTag(to: &whole, key: key.span.bytes)
            give(whole)
        case 5: give(tape.take(Int(tape.byte()) * 8))
        case 6:
            let back = Int(tape.byte())
            if back < sent.count { give(sent[sent.count - 1 - back]) }
        case 7:
            var probe: [UInt8] = []
            if receiver.probe(agent: 0, nonce: tape.number(), at: now, into: &probe) {
                _ = session.receive(probe.span.bytes, at: now)
            }
        case 8: configure(&tape)
        default: reload()
        }
    }

    /// A report as agents send it, and what comes back, unless it is lost.
    private mutating func honest(_ choice: UInt8) {
        var said = Harness.report
        if choice & 1 != 0 { said.flags.insert(.final) }
        if choice & 2 != 0 { said.state = .draining }
        for datagram in session.seal(said, at: now) {
            give(datagram)
            let answer = reply
            if !answer.isEmpty, choice & 4 == 0 { _ = session.receive(answer.span.bytes, at: now) }
        }
    }

    /// Any body, in an envelope that the master has to look into.
    private mutating func madeUp(_ tape: inout Tape) {
        let choice = tape.byte()
        switch choice & 3 {
        case 0: break
        case 1: boot = session.boot
        case 2: boot = UInt32(choice)
        default: boot = tape.number()
        }
        sequence = choice & 4 == 0 ? sequence &+ 1 : tape.number()
        let cookie =
            switch choice >> 3 & 3 {
            case 0, 1: granted
            case 2: UInt32(0)
            default: tape.number()
            }
        let header = Header(
            type: .report, locator: Harness.keys.locator, instance: boot, sequence: sequence,
            cookie: cookie)
        var body = tape.take(Int(tape.byte()) * (choice & 128 == 0 ? 1 : 5))
        // What is shorter than any report is refused sooner; raw bytes go that way.
        while body.count < 28 { body.append(0) }
        give(Envelope.seal(header, body: body, key: Harness.keys.toMaster))
    }

    private mutating func configure(_ tape: inout Tape) {
        let choice = tape.byte()
        let ids = (0..<choice % 64).compactMap { ServiceID(rawValue: UInt16($0)) }
        switch choice >> 6 {
        case 0: receiver.entitle(agent: 0, to: ids + [ServiceID(name: "web")])
        case 1:
            receiver.setDirective(
                agent: 0,
                Directive(
                    intervalMilliseconds: UInt16(tape.byte()) << 8,
                    jitterMilliseconds: UInt16(tape.byte()) << 8),
                version: tape.byte())
        default:
            receiver.setStandings(
                agent: 0,
                ids.map {
                    ServiceStanding(
                        id: $0, weight: $0.rawValue, admin: .drain, reason: 0, activeConnections: 1)
                })
        }
    }

    private mutating func reload() {
        let next = try? Receiver(
            secretKeys: [Harness.masterKey], agents: Harness.agents, continuing: receiver)
        guard let next else { preconditionFailure("the same list again is refused") }
        receiver = next
    }

    private mutating func give(_ datagram: [UInt8]) {
        sent.append(datagram)
        given += 1
        let outcome = receiver.take(
            datagram.span.bytes, at: now, into: &report, reply: &reply)
        precondition(reply.count <= datagram.count, "an answer longer than its datagram")
        switch outcome {
        case .refused: precondition(reply.isEmpty, "a refused datagram was answered")
        case .challenged: break
        case .applied(let taken):
            let header = taken.header
            let name = Name(
                boot: header.instance, sequence: header.sequence,
                cookie: header.cookie)
            precondition(header.cookie != 0, "applied without a cookie")
            precondition(applied.insert(name).inserted, "applied twice")
        }
        if !reply.isEmpty { readAnswer(reply) }
    }

    private mutating func readAnswer(_ reply: [UInt8]) {
        let bytes = reply.span.bytes
        let body = bytes.extracting(Envelope.body(ofByteCount: reply.count))
        guard let header = try? Header(datagram: bytes), (try? Acknowledgement(body: body)) != nil
        else { preconditionFailure("an answer that no agent can read") }
        precondition(header.cookie != 0, "nothing granted")
        granted = header.cookie
    }

    /// Each datagram is counted once, as one of three.
    func checkCounters() {
        let total = receiver.total
        let refused = Refusal.allCases.map { total[$0] }.reduce(0, +)
        precondition(total.applied + total.challenged + refused == given)
    }
}
