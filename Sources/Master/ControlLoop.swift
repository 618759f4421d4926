// The one thread that owns what is known and what is written: reports in, ticks, weights out.

internal import Daemon
internal import IPVS
internal import Logging
internal import Protocol
internal import Weighting

/// The control loop of the master.
///
/// Belongs to the thread that makes it.
struct ControlLoop: ~Copyable {
    private let path: String
    private let isDryRun: Bool
    private let board: StatusBoard
    private let logger: Logger

    private var configuration: Configuration
    private let fixed: Configuration.Fixed
    private var reception: Reception
    private var balancer: Balancer
    private var table: any IPVSTable
    /// From the receiver's index of an agent to the cluster's index of its server.
    private var servers: [Int?]

    private var narrator: Narrator
    private var progress = Progress(startedAt: .now)
    /// Why the newest reload was refused, if it was.
    private var reloadRefused: String?
    private var isEnding = false

    init(
        _ configuration: Configuration, path: String, isDryRun: Bool, board: StatusBoard,
        logger: Logger
    ) throws {
        self.configuration = configuration
        fixed = configuration.fixed
        self.path = path
        self.isDryRun = isDryRun
        self.board = board
        self.logger = logger
        reception = try Reception(configuration)
        balancer = Balancer(configuration.cluster)
        table = configuration.table.open()
        servers = configuration.serverOfAgent
        narrator = Narrator(logger: logger, isDryRun: isDryRun)
        reception.remark.map { logger.warning("\($0)") }
        warnOfWatchdog()
    }

    /// What each descriptor that is watched stands for.
    private enum Token {
        static let timer: UInt64 = 1
        static let signals: UInt64 = 2
        static let firstSocket: UInt64 = 16
    }

    /// Goes round until a signal ends it.
    mutating func run(_ signals: borrowing Signals) throws {
        let poller = try Poller()
        let timer = try Timer()
        try poller.add(timer.number, for: .read, token: Token.timer)
        try poller.add(signals.number, for: .read, token: Token.signals)
        for (index, descriptor) in reception.descriptors.enumerated() {
            try poller.add(descriptor, for: .read, token: Token.firstSocket + UInt64(index))
        }

        var tickAt = MonotonicClock.now()
        try timer.set(to: tickAt)
        ServiceManager.ready(status: "started; waiting for reports")
        while !isEnding {
            var ready: [UInt64] = []
            try poller.wait { token, _ in ready.append(token) }
            // Reports first, so that a tick decides on all that has arrived.
            for token in ready where token >= Token.firstSocket {
                receive(at: Int(token - Token.firstSocket), now: .now)
            }
            if ready.contains(Token.signals) {
                while let signal = signals.next() { obey(signal) }
            }
            if ready.contains(Token.timer), timer.take() {
                tick(at: .now)
                // A late tick is not made up for: the next one is a whole interval away.
                tickAt =
                    max(tickAt, MonotonicClock.now() - intervalNanoseconds) + intervalNanoseconds
                try timer.set(to: tickAt)
            }
        }
        ServiceManager.stopping(status: "ending; the table stays as it is")
    }

    private var intervalNanoseconds: Int64 {
        Int64(configuration.cluster.policy.interval * 1e9)
    }

    mutating func receive(at socket: Int, now: Instant) {
        var heard: [Verified] = []
        let trouble = Trouble.reception(fixed.reports[socket])
        do {
            try reception.receive(at: socket) { heard.append($0) }
            narrator.ends(trouble)
        } catch {
            narrator.begins(trouble, error)
        }
        for verified in heard {
            guard let server = servers[verified.agent] else { continue }
            _ = balancer.take(
                .report(
                    Event.Heard(
                        server: server, boot: verified.header.instance, report: verified.report,
                        at: now)))
        }
    }

    mutating func tick(at now: Instant) {
        let read: Table
        do {
            read = try table.read(balancer.cluster.services.map(\.key))
            narrator.ends(.table)
        } catch {
            narrator.begins(.table, error)
            publish(nil, at: now)
            return
        }
        guard let decision = balancer.take(.tick(at: now, table: read)) else { return }
        let outcomes = isDryRun ? [] : table.apply(decision.plan)
        progress.count(outcomes)
        narrator.tell(decision, outcomes, in: balancer.cluster)
        publish(SnapshotMaker.Tick(decision: decision, table: read, outcomes: outcomes), at: now)
    }

    private mutating func publish(_ tick: SnapshotMaker.Tick?, at now: Instant) {
        let agents = reception.agentNames.enumerated().map { index, name in
            SnapshotMaker.Agent(
                name: name, tally: reception.tally(ofAgent: index), server: servers[index])
        }
        let maker = SnapshotMaker(
            cluster: balancer.cluster, balancer: balancer, now: now, agents: agents,
            total: reception.total)
        var master = progress.master(
            at: now, isDryRun: isDryRun, table: fixed.table.name,
            trouble: narrator.standingTrouble)
        master.reloadRefused = reloadRefused
        let snapshot = maker.snapshot(tick, master: master, earlier: board.snapshot)
        board.show(snapshot)
        ServiceManager.status(StatusLine.text(of: snapshot))
        // Only a pass that came to its end is a sign of life.
        ServiceManager.alive()
    }

    private mutating func obey(_ signal: Signal) {
        switch signal {
        case .terminate, .interrupt: isEnding = true
        case .hangUp: reload()
        }
    }

    /// Reads the configuration again; whatever is wrong with it, the old one goes on.
    mutating func reload() {
        ServiceManager.reloading(monotonicNanoseconds: MonotonicClock.now())
        reloadRefused = adopt(Configuration.load(path))
        // Who asks at once is not told of the time before the reload.
        if var snapshot = board.snapshot {
            snapshot.master.reloadRefused = reloadRefused
            board.show(snapshot)
        }
        ServiceManager.ready(status: reloadRefused ?? "reloaded")
    }

    /// Takes what was read, or says why the old configuration stays in force.
    private mutating func adopt(_ loaded: Configuration.Loaded) -> String? {
        logger.reportProblems(loaded.problems)
        guard let next = loaded.configuration else {
            let text =
                "the files were refused at the last reload; the old configuration is in force"
            logger.error("\(text)")
            return text
        }
        do {
            try reception.adopt(next)
        } catch {
            let text =
                "the keys were refused at the last reload; the old configuration is in force: "
                + "\(error)"
            logger.error("\(text)")
            return text
        }
        for change in fixed.changes(to: next.fixed) {
            logger.warning("a change of \(change) takes effect when the master is restarted")
        }
        balancer.adopt(next.cluster)
        servers = next.serverOfAgent
        configuration = next
        warnOfWatchdog()
        logger.notice(
            "the configuration was read again",
            metadata: [
                "services": "\(next.cluster.services.count)", "agents": "\(next.agents.count)",
            ])
        return nil
    }

    private func warnOfWatchdog() {
        let remark = ServiceManager.remark(
            onSignsOfLifeEvery: configuration.cluster.policy.interval,
            watchdogNanoseconds: ServiceManager.watchdogNanoseconds())
        remark.map { logger.warning("\($0)") }
    }
}

extension Instant {
    /// The moment on the master's clock.
    static var now: Instant { Instant(nanoseconds: UInt64(max(0, MonotonicClock.now()))) }
}

/// What happened since the start, for the snapshot.
struct Progress {
    let startedAt: Instant
    private(set) var decisions: UInt64 = 0
    private(set) var writes: UInt64 = 0

    init(startedAt: Instant) { self.startedAt = startedAt }

    mutating func count(_ outcomes: [StepOutcome]) {
        decisions += 1
        writes += UInt64(outcomes.count { $0.result == .done })
    }

    func master(at now: Instant, isDryRun: Bool, table: String, trouble: String?) -> Snapshot.Master
    {
        Snapshot.Master(
            version: Poise.version, uptimeSeconds: now.seconds(since: startedAt),
            decisions: decisions, writes: writes, dryRun: isDryRun, table: table, trouble: trouble)
    }
}
