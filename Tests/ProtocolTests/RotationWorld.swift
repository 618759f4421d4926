// One agent, two masters and who operates them, on a clock of their own: keys change, reports go on.

@testable import Protocol

/// What an operator does at one time; taken back, it undoes just that.
enum KeyStep: Hashable {
    case firstTakesNew, secondTakesNew, agentTakesNew
    case firstDropsOld, secondDropsOld, agentDropsOld
    /// Of the first master's own key.
    case masterTakesNew, agentLearnsNew, masterDropsOld, agentForgetsOld

    static let ofAgentKey: [KeyStep] = [
        .firstTakesNew, .secondTakesNew, .agentTakesNew,
        .firstDropsOld, .secondDropsOld, .agentDropsOld,
    ]
    static let ofMasterKey: [KeyStep] = [
        .masterTakesNew, .agentLearnsNew, .masterDropsOld, .agentForgetsOld,
    ]

    /// Nobody drops the only key of a list.
    var needed: KeyStep? {
        switch self {
        case .firstDropsOld: .firstTakesNew
        case .secondDropsOld: .secondTakesNew
        case .agentDropsOld: .agentTakesNew
        case .masterDropsOld: .masterTakesNew
        case .agentForgetsOld: .agentLearnsNew
        case .firstTakesNew, .secondTakesNew, .agentTakesNew, .masterTakesNew, .agentLearnsNew: nil
        }
    }

    var drops: Bool { needed != nil }
}

/// Both masters tick twice a second and probe as the program does; nothing is lost on the way.
struct RotationWorld {
    static let interval: Int64 = 500_000_000
    /// One way.
    static let delay: Int64 = 4_000_000
    /// The master calls a report late after an interval and a half; the slack is a challenge's way.
    static let stale = interval * 3 / 2 + 4 * delay

    private static let (oldKey, newKey) = (Fixture.agentKey, Fixture.key(from: 60))
    private static let masterKeys = [Fixture.masterKey, Fixture.key(from: 160)]
    private static let newMasterKey = Fixture.key(from: 201)

    struct Master {
        var receiver: Receiver
        var prober: Prober
        /// The agent's side.
        var session: Session
        var heardAt: Int64 = 0
        /// The longest time without an applied report since somebody began to look.
        var longestSilence: Int64 = 0
    }

    private struct Flying {
        let dueAt: Int64
        let master: Int
        let datagram: [UInt8]
        /// The agent's process that it is for; `nil` on the way to a master.
        let process: Int?
    }

    private(set) var masters: [Master] = []
    private(set) var now: Int64 = 0
    private var done: Set<KeyStep> = []
    private var flying: [Flying] = []
    private var process = 0
    private var reportAt: Int64 = 0
    private var tickAt: Int64 = 70_000_000
    private var scratch = Report.empty
    private var reply: [UInt8] = []

    init() throws {
        for index in Self.masterKeys.indices {
            let receiver = Receiver(try roster(of: index), identity: Fixture.identity)
            masters.append(
                Master(receiver: receiver, prober: Prober(count: 1), session: try session(index)))
        }
        run(for: 10 * Self.interval)
        for index in masters.indices { masters[index].longestSilence = 0 }
    }

    private func roster(of master: Int, reusing old: Roster? = nil) throws -> Roster {
        try Roster(
            secretKeys: ownKeys(of: master), agents: [("s1", listed(by: master).map(\.publicKey))],
            reusing: old)
    }

    private func session(_ master: Int) throws -> Session {
        try Session(
            agentKeys: held, masterKeys: known(of: master).map(\.publicKey),
            boot: UInt32(100 + process))
    }

    private func list(
        _ old: SecretKey, _ new: SecretKey, taken: KeyStep, dropped: KeyStep
    ) -> [SecretKey] {
        (done.contains(taken) ? [new] : []) + (done.contains(dropped) ? [] : [old])
    }

    private var held: [SecretKey] {
        list(Self.oldKey, Self.newKey, taken: .agentTakesNew, dropped: .agentDropsOld)
    }

    private func listed(by master: Int) -> [SecretKey] {
        master == 0
            ? list(Self.oldKey, Self.newKey, taken: .firstTakesNew, dropped: .firstDropsOld)
            : list(Self.oldKey, Self.newKey, taken: .secondTakesNew, dropped: .secondDropsOld)
    }

    private func ownKeys(of master: Int) -> [SecretKey] {
        guard master == 0 else { return [Self.masterKeys[master]] }
        return list(
            Self.masterKeys[0], Self.newMasterKey, taken: .masterTakesNew, dropped: .masterDropsOld)
    }

    /// The keys of a master that the agent is told of.
    private func known(of master: Int) -> [SecretKey] {
        guard master == 0 else { return [Self.masterKeys[master]] }
        return list(
            Self.masterKeys[0], Self.newMasterKey, taken: .agentLearnsNew, dropped: .agentForgetsOld
        )
    }

    /// Whether agent and master have a pair of keys in common.
    func agrees(with master: Int) -> Bool {
        held.contains { key in listed(by: master).contains { $0 == key } }
            && known(of: master).contains { key in ownKeys(of: master).contains { $0 == key } }
    }

    /// Does a step, or takes it back.
    mutating func turn(_ step: KeyStep) throws {
        if done.remove(step) == nil { done.insert(step) }
        for index in masters.indices { masters[index].longestSilence = 0 }
        switch step {
        case .firstTakesNew, .firstDropsOld, .masterTakesNew, .masterDropsOld: try reload(0)
        case .secondTakesNew, .secondDropsOld: try reload(1)
        case .agentTakesNew, .agentDropsOld, .agentLearnsNew, .agentForgetsOld: try restart()
        }
    }

    private mutating func reload(_ index: Int) throws {
        let kept = masters[index].receiver.adopt(
            try roster(of: index, reusing: masters[index].receiver.roster))
        let receiver = masters[index].receiver
        masters[index].prober.adopt(kept, at: now) { receiver.keyInUse(agent: $0) != nil }
        ask(index)
    }

    private mutating func restart() throws {
        process += 1
        reportAt = now
        for index in masters.indices { masters[index].session = try session(index) }
    }

    mutating func run(for span: Int64) {
        let end = now + span
        while true {
            // All take equally long, so the first one sent is the first to come.
            let arrivesAt = flying.first?.dueAt ?? .max
            let next = min(reportAt, tickAt, arrivesAt)
            guard next <= end else { break }
            now = next
            if arrivesAt == now {
                arrive(flying.removeFirst())
            } else if reportAt == now {
                reportAt += Self.interval
                for index in masters.indices { report(to: index) }
            } else {
                tickAt += Self.interval
                for index in masters.indices { ask(index) }
            }
        }
        now = end
        for index in masters.indices { look(at: index) }
    }

    private mutating func report(to index: Int) {
        for datagram in masters[index].session.seal(Fixture.typicalReport, at: now) {
            launch(datagram, index, for: nil)
        }
    }

    private mutating func ask(_ index: Int) {
        var probe: [UInt8] = []
        let now = now
        var receiver = masters[index].receiver
        masters[index].prober.ask(at: now) {
            receiver.probe(agent: $0, nonce: UInt32(truncatingIfNeeded: now), at: now, into: &probe)
        }
        masters[index].receiver = receiver
        if !probe.isEmpty { launch(probe, index, for: process) }
    }

    private mutating func launch(_ datagram: [UInt8], _ master: Int, for process: Int?) {
        flying.append(
            Flying(dueAt: now + Self.delay, master: master, datagram: datagram, process: process))
    }

    private mutating func arrive(_ one: Flying) {
        let index = one.master
        if let process = one.process {
            guard process == self.process else { return }
            let receipt = masters[index].session.receive(one.datagram, at: now)
            if receipt.wantsReport { report(to: index) }
            return
        }
        let outcome = masters[index].receiver.take(
            one.datagram.span.bytes, at: now, into: &scratch, reply: &reply)
        if !reply.isEmpty { launch(reply, index, for: process) }
        guard case .applied(let applied) = outcome else { return }
        masters[index].prober.hear(applied, scratch, at: now)
        look(at: index)
        masters[index].heardAt = now
    }

    private mutating func look(at index: Int) {
        let silence = now - masters[index].heardAt
        masters[index].longestSilence = max(masters[index].longestSilence, silence)
    }
}
