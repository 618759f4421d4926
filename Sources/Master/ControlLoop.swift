// The one thread that owns what is known and what is written: reports in, ticks, weights out.

internal import CLinux
internal import Checks
internal import Daemon
internal import IPVS
internal import Journal
internal import Logging
internal import Protocol
internal import Weighting

/// The control loop of the master.
///
/// Belongs to the thread that makes it.
struct ControlLoop: ~Copyable {
    let isDryRun: Bool
    private let inbox: Inbox
    /// Has the files read on a thread of its own, which posts ``Inbox/Request/adopt(_:_:)``.
    let load: @Sendable (Inbox.Reloading) -> Void
    /// The thread that checks members; nothing in tests of other things.
    let checks: CheckThread?
    /// Called, on a thread of its own, when much was needed for a moment.
    let giveBackMemory: @Sendable () -> Void
    let logger: Logger

    /// As it is in force.
    var configuration: Configuration
    /// As the files say, without what people ordered beside them.
    var declared: Configuration
    let fixed: Configuration.Fixed
    var reception: Reception
    var balancer: Balancer
    var shadow: Shadow?
    /// Which policies windows put in force.
    var clock: PolicyClock
    var orders: OrderWatch
    /// The time as people count it, which the clock of the policies goes by.
    let unixSeconds: @Sendable () -> Int
    var table: any IPVSTable
    /// Nothing where only weights are ours.
    var upkeep: Upkeep?
    let holdingsFile: HoldingsFile
    /// What the newest decision made of who is in the table.
    var availability = Upkeep.Availability()
    /// Whether the table was not looked at yet.
    var isFirstLook = true
    var turns = ReadingTurns()
    var meter = TrafficMeter()
    /// When timeouts and sync daemons were looked at.
    var settledAt: Instant?
    /// Whether they once were as the configuration wants them.
    var hasSettled = false
    /// Of this process.
    var startedDaemons: [SyncDaemon] = []
    /// From the receiver's index of an agent to the cluster's index of its server.
    var servers: [Int?]
    /// The way back.
    var agents: [Int?]
    var narrator: Narrator
    private var refusals = RefusalNarrator()
    private var progress: Progress
    var standings: Standings
    var journal: JournalKeeper
    /// Whether agents hear of the table in the answers to their reports.
    private var isTelling = false
    /// Whether the newest tick could not read the table.
    private var isTableLost = false
    var newest = Newest.nothing
    /// Made when somebody asked last.
    var made: (snapshot: Snapshot, at: Instant)?
    private var gaveBackAt: Instant?
    /// Why the newest reload was refused, if it was.
    var reloadRefused: String?
    var isEnding = false

    init(
        _ configuration: Configuration, isDryRun: Bool, inbox: Inbox,
        logger: Logger, startedAt: Instant = .now, table: (any IPVSTable)? = nil,
        recorder: Recorder? = nil, orders: OrderWatch = OrderWatch(),
        unixSeconds: @escaping @Sendable () -> Int = WallClock.unixSeconds,
        load: @escaping @Sendable (Inbox.Reloading) -> Void,
        checks: CheckThread? = nil,
        giveBackMemory: @escaping @Sendable () -> Void = {}
    ) throws {
        declared = configuration
        let configuration = configuration.amended(by: orders.amendments)
        self.configuration = configuration
        fixed = configuration.fixed
        self.isDryRun = isDryRun
        self.inbox = inbox
        self.load = load
        self.checks = checks
        self.giveBackMemory = giveBackMemory
        self.logger = logger
        progress = Progress(startedAt: startedAt)
        self.unixSeconds = unixSeconds
        self.orders = orders
        let clock = PolicyClock(configuration.calendar, at: unixSeconds())
        self.clock = clock
        let cluster = clock.cluster(configuration.cluster)
        standings = Standings(cluster)
        journal = JournalKeeper(cluster, recorder)
        reception = try Reception(configuration)
        balancer = Balancer(cluster)
        shadow = configuration.shadow.map(Shadow.init)
        self.table = table ?? configuration.table.open()
        holdingsFile = HoldingsFile(folder: configuration.state) { error in
            logger.error("\(HoldingsFile.name) cannot be written: \(error)")
        }
        upkeep = Self.upkeep(nil, configuration, holdingsFile, logger, isDryRun: isDryRun)
        servers = configuration.serverOfAgent
        agents = configuration.agentOfServer
        narrator = Narrator(logger: logger, isDryRun: isDryRun)
        reception.remark.map { logger.warning("\($0)") }
        warnOfWatchdog()
    }

    /// What each descriptor that is watched stands for.
    private enum Token {
        static let timer: UInt64 = 1
        static let signals: UInt64 = 2
        static let inbox: UInt64 = 3
        static let firstSocket: UInt64 = 16
    }

    /// How long datagrams may gather: one at a time, each would cost a wake.
    private static let napNanoseconds: Int64 = 3_000_000
    /// Giving memory back takes milliseconds in which the loop may have to wait for its own.
    private static let giveBackSeconds = 10.0

    /// Goes round until a signal ends it.
    mutating func run(_ signals: borrowing Signals) throws {
        let poller = try Poller()
        let timer = try Timer()
        try poller.add(timer.number, for: .read, token: Token.timer)
        try poller.add(signals.number, for: .read, token: Token.signals)
        try poller.add(inbox.descriptor, for: .read, token: Token.inbox)
        defer { inbox.end() }
        for (index, descriptor) in reception.descriptors.enumerated() {
            try poller.add(descriptor, for: .read, token: Token.firstSocket + UInt64(index))
        }

        var tickAt = MonotonicClock.now()
        try timer.set(to: tickAt)
        ServiceManager.ready(status: "started; waiting for reports")
        var ready: [UInt64] = []
        while !isEnding {
            ready.removeAll(keepingCapacity: true)
            let wakeAt = hurriesAt.map { Int64(clamping: $0.nanoseconds) }
            try poller.wait(until: journal.isBeginning ? 0 : wakeAt) { token, _ in
                ready.append(token)
            }
            // Reports first, so that a tick decides on all that has arrived.
            for token in ready where token >= Token.firstSocket {
                receive(at: Int(token - Token.firstSocket), now: .now)
            }
            if ready.contains(Token.inbox) {
                for request in inbox.take() { answer(request, at: .now) }
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
            } else if let wanted = hurriesAt, Instant.now >= wanted {
                tick(at: .now)
            } else {
                journal.goOn(balancer)
            }
            linux_nap(Self.napNanoseconds)
        }
        ServiceManager.stopping(status: "ending; the table stays as it is")
    }

    /// When there is a tick before its time; one that could not read the table waits for its time.
    private var hurriesAt: Instant? { isTableLost ? nil : balancer.wantedTick }

    private var intervalNanoseconds: Int64 {
        Int64(configuration.cluster.policy.interval * 1e9)
    }

    mutating func receive(at socket: Int, now: Instant) {
        let trouble = Trouble.reception(fixed.reports[socket])
        do {
            try reception.receive(at: socket, now: Int64(now.nanoseconds)) { agents in
                Self.expect(agents, servers, balancer)
            } _: { applied, report in
                guard let server = servers[applied.agent] else { return }
                let heard = Event.Heard(
                    server: server, boot: applied.header.instance,
                    isDuplicateIdentity: applied.isDuplicateIdentity, at: now)
                balancer.hear(report, heard)
                shadow?.hear(report, heard)
                journal.hear(report, heard)
            }
            narrator.ends(trouble)
        } catch {
            narrator.begins(trouble, error)
        }
    }

    private static func expect(
        _ agents: Span<Int>, _ servers: [Int?], _ balancer: borrowing Balancer
    ) {
        // A method passed as a function would take a copy of the balancer along each time.
        for index in agents.indices {
            if let server = servers[agents[index]] { balancer.expect(server: server) }
        }
        for index in agents.indices {
            if let server = servers[agents[index]] { balancer.expectMembers(ofServer: server) }
        }
    }

    mutating func tick(at now: Instant) {
        turnPolicies(at: now)
        turnOrders(at: now)
        reception.probe(at: Int64(now.nanoseconds))
        journal.expectTick(balancer)
        let read: Table
        do {
            read = try readAndTend(at: now)
            narrator.ends(.table)
            isTableLost = false
        } catch {
            turns.forget()
            narrator.begins(.table, error)
            isTableLost = true
            if case .nothing = newest { newest = .unread }
            tellNothing()
            end(at: now)
            return
        }
        // Of ten thousand members two decisions at once would be a tenth of all memory.
        newest = .nothing
        guard let decision = balancer.take(.tick(at: now, table: read)) else { return }
        let outcomes = isDryRun ? [] : table.apply(decision.plan)
        let taken = outcomes.filter(\.isTaken).map(\.step)
        _ = balancer.take(.applied(taken))
        upkeep?.wrote(taken)
        noteRestless(decision, outcomes)
        shadow?.tick(at: now, read, taken: taken)
        journal.tick(read, decision, applied: taken, balancer)
        goOnRemoving(read, at: now)
        progress.count(outcomes)
        narrator.tell(decision, outcomes, in: balancer.cluster)
        newest = .tick(SnapshotMaker.Tick(decision: decision, table: read, outcomes: outcomes))
        standings.update(decision, read, outcomes, in: balancer.cluster) { server, standings in
            agents[server].map { reception.tell(agent: $0, standings) }
        }
        isTelling = true
        settle(at: now)
        end(at: now)
    }

    /// What agents hear of the table may be wrong by now, so until it is read they hear nothing.
    private mutating func tellNothing() {
        guard isTelling else { return }
        isTelling = false
        standings = Standings(balancer.cluster)
        for agent in agents.compactMap(\.self) { reception.tell(agent: agent, []) }
    }

    private mutating func end(at now: Instant) {
        // Somebody was shown all there is; who asks again and again is to stop nothing.
        if made != nil, gaveBackAt.map({ now.seconds(since: $0) > Self.giveBackSeconds }) ?? true {
            gaveBackAt = now
            made = nil
            giveBackMemory()
        }
        made = nil
        narrator.tell(.journal, journal.failure)
        narrator.tell(.orders, orders.trouble)
        journal.notice(narrator.standingTrouble)
        for line in refusals.lines(
            reception.total, dropped: reception.droppedByKernel, at: now)
        {
            logger.log(level: line.level, "\(line.text)", metadata: line.metadata)
        }
        ServiceManager.status(StatusLine(newest.decision).text(master(at: now)))
        // Only a pass that came to its end is a sign of life.
        ServiceManager.alive()
    }

    func master(at now: Instant) -> Snapshot.Master {
        var master = progress.master(
            at: now, isDryRun: isDryRun, table: fixed.table.name,
            trouble: narrator.standingTrouble)
        master.reloadRefused = reloadRefused
        master.droppedByKernel = reception.droppedByKernel
        master.journal = journal.shown
        return master
    }
}
