// An agent, a master and a hostile path between them, as one seed makes them.

@testable import Protocol

/// What a mutant master or agent leaves out; each is undone from outside between two steps.
///
/// The code has no switch for any of it.
enum Mutant: String, CaseIterable {
    case generation, secret, sequence, cookieOfNewBoot, epoch, bootRenewal
}

/// What must hold and did not.
enum Breach: String, Error {
    case appliedTwice = "a report was applied twice"
    case outOfOrder = "a report was applied after a newer one"
    case olderThanMaster = "a report older than this master was applied"
    case tooOld = "a report older than 16 s was applied"
    case silent = "not live within 8 intervals of calm"
    case replyTooLong = "an answer was longer than what it answered"
}

/// A run of one seed: reports every 2 s, through loss, delay, reordering, duplication, replays of
/// anything ever sent, both ways, restarts of both sides and rollbacks of the agent's machine; at
/// the end calm, in which only the replays go on.
struct World {
    private static let interval: Int64 = 2_000_000_000
    private static let steps = 70
    private static let calmSteps = 14
    private static let intervalsToLive = 8

    private struct Flying {
        let dueAt: Int64
        let datagram: [UInt8]
    }

    private let mutant: Mutant?
    private var random: SplitMix
    private var now: Int64 = 100_000_000_000
    private let loss: Double
    private let held: Range<Int>

    private var master: Receiver
    private var masterStartedAt: Int64
    private var scratch = Report.empty
    private var reply: [UInt8] = []

    private var agent: Session
    /// What the agent's clock lacks: a machine that was rolled back has lost time.
    private var agentIsBehind: Int64 = 0
    private var snapshot: (agent: Session, at: Int64)?
    private var wasRolledBack = false

    private var toMaster: [Flying] = []
    private var toAgent: [Flying] = []
    private var reports: [[UInt8]] = []
    private var replies: [[UInt8]] = []
    /// When each report was made; its clock tells which it is.
    private var madeAt: [Int64] = []
    private var applied: Set<[UInt8]> = []
    private var newestApplied = -1
    private var madeOfLastApplied: Int64 = 0
    private(set) var appliedCount = 0
    private(set) var replayedCount = 0
    private(set) var challengedCount = 0

    init(seed: UInt64, mutant: Mutant? = nil) throws {
        random = SplitMix(state: seed)
        self.mutant = mutant
        loss = [0, 0, 0.2, 0.4].randomElement(using: &random) ?? 0
        let start = Int.random(in: 5..<50, using: &random)
        held = start..<(start + (Bool.random(using: &random) ? 12 : 0))
        master = try Self.master(&random, mutant)
        masterStartedAt = now
        agent = try Self.agent(&random)
    }

    private static func master(_ random: inout SplitMix, _ mutant: Mutant?) throws -> Receiver {
        let secret: (UInt64, UInt64) = mutant == .secret ? (1, 2) : (random.next(), random.next())
        return try Receiver(
            secretKeys: [Fixture.masterKey], agents: [("s1", [Fixture.agentKey.publicKey])],
            identity: MasterIdentity(
                secret: secret, instance: UInt32(truncatingIfNeeded: random.next())))
    }

    private static func agent(_ random: inout SplitMix) throws -> Session {
        var agent = template
        agent.boot = UInt32.random(in: 1...UInt32.max, using: &random)
        return agent
    }

    /// Agreeing on keys is slow, and every agent here has the same.
    private static let template: Session = {
        guard let session = try? Fixture.session() else { preconditionFailure("keys agree") }
        return session
    }()

    mutating func run() throws {
        let calmFrom = Self.steps - Self.calmSteps
        for step in 0..<Self.steps {
            now += Self.interval
            let isCalm = step >= calmFrom
            if !isCalm { try strike() }
            send()
            interfere()
            try deliver(step, isCalm)
            if step >= calmFrom + Self.intervalsToLive, madeOfLastApplied < now - Self.interval {
                throw Breach.silent
            }
        }
    }

    /// Restarts and rollbacks.
    private mutating func strike() throws {
        switch Double.random(in: 0..<1, using: &random) {
        case ..<0.02:
            agent = try Self.agent(&random)
            agentIsBehind = 0
        case ..<0.04:
            master = try Self.master(&random, mutant)
            masterStartedAt = now
        case ..<0.06 where snapshot == nil || Double.random(in: 0..<1, using: &random) < 0.1:
            snapshot = (agent, now - agentIsBehind)
        case ..<0.07:
            guard let snapshot else { return }
            agent = snapshot.agent
            agentIsBehind = now - snapshot.at
            wasRolledBack = true
        default: break
        }
    }

    private mutating func send() {
        let at = now - agentIsBehind
        if mutant == .bootRenewal { agent.heardAt = at }
        let report = Report(
            state: .up, intervalMilliseconds: 2_000, clockTenthsOfMillisecond: UInt32(madeAt.count))
        madeAt.append(now)
        for datagram in agent.seal(report, at: at, using: &random) { launch(datagram) }
    }

    private mutating func launch(_ datagram: [UInt8]) {
        reports.append(datagram)
        let delay: Int64 =
            Int.random(in: 0..<10, using: &random) < 9
            ? Int64.random(in: 0...4, using: &random) * Self.interval / 2
            : Int64.random(in: 5...60, using: &random) * Self.interval
        toMaster.append(Flying(dueAt: now + delay, datagram: datagram))
        if Int.random(in: 0..<10, using: &random) == 0 {
            let later = Int64.random(in: 0...9, using: &random) * Self.interval
            toMaster.append(Flying(dueAt: now + later, datagram: datagram))
        }
    }

    /// Somebody on the path sends again whatever was sent before, to either side.
    private mutating func interfere() {
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            guard let old = reports.randomElement(using: &random) else { break }
            toMaster.append(Flying(dueAt: now, datagram: old))
            replayedCount += 1
        }
        if Int.random(in: 0..<10, using: &random) < 3,
            let old = replies.randomElement(using: &random)
        {
            toAgent.append(Flying(dueAt: now, datagram: old))
        }
    }

    private mutating func deliver(_ step: Int, _ isCalm: Bool) throws {
        // A report that was challenged is sent again at once, so there are two rounds.
        for round in 0..<2 {
            let arriving: [Flying]
            if held.contains(step) {
                arriving = []
            } else if isCalm {
                arriving = toMaster
                toMaster = []
            } else {
                arriving = toMaster.filter { $0.dueAt <= now }
                toMaster.removeAll { $0.dueAt <= now }
            }
            // What was held back comes in the order it was sent in, all else in any.
            let ordered =
                step == held.upperBound || isCalm && round == 1
                ? arriving : arriving.shuffled(using: &random)
            for flying in ordered {
                if !isCalm, Double.random(in: 0..<1, using: &random) < loss { continue }
                try arrive(flying.datagram, isCalm)
            }
            let answers = isCalm ? toAgent : toAgent.filter { $0.dueAt <= now }
            toAgent.removeAll { isCalm || $0.dueAt <= now }
            for flying in answers {
                if !isCalm, Double.random(in: 0..<1, using: &random) < loss { continue }
                hear(flying.datagram)
            }
        }
    }

    private mutating func arrive(_ datagram: [UInt8], _ isCalm: Bool) throws {
        let datagram = mutilated(datagram)
        let outcome = master.take(datagram.span.bytes, at: now, into: &scratch, reply: &reply)
        if mutant == .generation { master.slots[0].sequence.generation = 0 }
        guard reply.count <= datagram.count else { throw Breach.replyTooLong }
        if !reply.isEmpty {
            replies.append(reply)
            let delay: Int64 =
                isCalm || Int.random(in: 0..<10, using: &random) < 8
                ? 0 : Int64.random(in: 0...9, using: &random) * Self.interval
            toAgent.append(Flying(dueAt: now + delay, datagram: reply))
        }
        switch outcome {
        case .applied: try judge(datagram)
        case .challenged: challengedCount += 1
        case .refused: break
        }
    }

    /// What a mutant master would not look at is made right before it comes.
    private mutating func mutilated(_ datagram: [UInt8]) -> [UInt8] {
        guard let mutant, let header = try? Header(datagram: datagram.span.bytes) else {
            return datagram
        }
        switch mutant {
        case .sequence:
            master.slots[0].sequence.highest = 0
        case .epoch:
            master.freshness.epochNanoseconds = .max
        case .cookieOfNewBoot:
            let known = master.slots[0].sequence
            guard header.instance != known.boot else { return datagram }
            var renewed = header
            renewed.cookie = master.freshness.cookie(
                boot: header.instance, generation: known.generation(of: header.instance),
                locator: header.locator, at: now)
            let body = Array(datagram[Envelope.body(ofByteCount: datagram.count)])
            return Envelope.seal(renewed, body: body, key: Fixture.keys.toMaster)
        case .generation, .secret, .bootRenewal:
            break
        }
        return datagram
    }

    private mutating func judge(_ datagram: [UInt8]) throws {
        appliedCount += 1
        // Boot, sequence and the report make a datagram what it is; cookie and tag follow from them.
        let name = Array(datagram[8..<16]) + datagram[28..<32]
        guard applied.insert(name).inserted else { throw Breach.appliedTwice }
        let index = Int(scratch.clockTenthsOfMillisecond)
        let made = madeAt[index]
        guard made >= masterStartedAt else { throw Breach.olderThanMaster }
        guard now - made <= 16_000_000_000 else { throw Breach.tooOld }
        // A machine that lost its memory cannot know that it said more before.
        guard index > newestApplied || wasRolledBack else { throw Breach.outOfOrder }
        newestApplied = max(newestApplied, index)
        madeOfLastApplied = max(madeOfLastApplied, made)
    }

    private mutating func hear(_ datagram: [UInt8]) {
        let receipt = agent.receive(datagram.span.bytes, at: now - agentIsBehind)
        if receipt.wantsReport { send() }
    }
}
