// The agent's life: look, report, sleep; and at the end say goodbye.

internal import Daemon
internal import Protocol

/// One thread around one poller; nothing in it waits for anybody.
///
///     sleeping ──report is due──▶ gathering ──pages are in, or time is up──▶ sleeping
///         └──────── stop, from anywhere ──▶ leaving ──heard, or said thrice──▶ over
final class ReportLoop {
    private enum Phase: Equatable {
        case sleeping
        case gathering(until: Int64)
        case leaving(since: Int64, sent: Int)
        case over
    }

    private enum Token {
        static let signals: UInt64 = 1
        static let drainStatus: UInt64 = 2
        static let agentCheck: UInt64 = 3
    }

    /// When the goodbyes are sent, counted from the first (PROTOCOL.md §4).
    private static let goodbyeDelays: [Int64] = [0, 100_000_000, 300_000_000]
    /// While something fails, what it is may change: the status line is looked at again after this.
    private static let statusNanoseconds: Int64 = 5_000_000_000
    /// The datagrams of masters are shorter than any report.
    private static let datagramBytes = Envelope.mostByteCount + 1

    private let poller: Poller
    private let sources: Sources
    private let masters: [Destination]
    private let services: [Configuration.Service]
    private let notify: Notify
    private let log: Log
    private let goodbyeReason: StateReason
    private var phase = Phase.sleeping
    private var beat: Beat
    private var maintenance: Maintenance
    private let drainTeller: Teller
    private var isDrainAsked = false
    private let checkTeller: Teller?
    private var agentCheck: AgentCheck
    /// What a master hears at once when it asks.
    private var newest: Report?
    private var aliveDueAt: Int64?
    private var status: String?
    private var lastAcknowledged = -1
    private var wasWell = false
    private var statusDueAt: Int64 = 0

    init(
        _ configuration: Configuration, masters: [Destination], notify: Notify, log: Log,
        startedAt now: Int64 = MonotonicClock.now()
    ) throws(SystemError) {
        poller = try Poller()
        sources = Sources(configuration, startedAt: now, log: log)
        self.masters = masters
        self.notify = notify
        self.log = log
        services = configuration.services
        goodbyeReason = configuration.goodbyeReason
        beat = Beat(intervalMilliseconds: configuration.intervalMilliseconds, startedAt: now)
        let folder = configuration.runFolder
        maintenance = Maintenance(configuration)
        Folder.make(folder, mode: 0o755)
        Folder.make(maintenance.folder, mode: 0o755)
        drainTeller = Teller(
            "wait-drained", at: .path(WaitDrained.socketPath(in: folder)),
            token: Token.drainStatus)
        checkTeller = configuration.agentCheck.map {
            Teller("agent-check", at: .tcp($0), token: Token.agentCheck)
        }
        agentCheck = AgentCheck(
            mark: configuration.agentCheck.map { DrainMark(of: $0, runFolder: folder, log: log) })
        aliveDueAt = notify.watchdogNanoseconds.map { _ in now }
    }

    /// Reports until a signal asks to stop; a second one stops without the goodbyes left.
    func run(until signals: borrowing Signals) throws(SystemError) {
        try poller.add(signals.number, for: .read, token: Token.signals)
        while phase != .over {
            guard try step() else { continue }
            while let signal = signals.next() {
                log.notice("stopping on \(signal.name)")
                stop(at: MonotonicClock.now())
            }
        }
    }

    /// Sleeps until something happens, and acts on it; true when a signal came.
    ///
    /// With an `instant` it does not sleep, and acts as if it were that time.
    @discardableResult
    func step(at instant: Int64? = nil) throws(SystemError) -> Bool {
        var isSignalled = false
        try poller.wait(until: instant == nil ? wakeAt : 0) { token, _ in
            let now = instant ?? MonotonicClock.now()
            switch token {
            case Token.signals: isSignalled = true
            case Token.drainStatus: answerDrainStatus(at: now)
            case Token.agentCheck:
                checkTeller?.answer(agentCheck.line(at: now), at: now, poller: poller)
            case Destination.firstToken..<Sources.firstToken: hear(token, at: now)
            default: sources.advance(token: token, at: now, poller: poller)
            }
        }
        advance(to: instant ?? MonotonicClock.now())
        return isSignalled
    }

    /// Whether the last goodbye is said.
    var isOver: Bool { phase == .over }

    /// Where HAProxy's agent-check is answered.
    var agentCheckAddress: SocketAddress? { checkTeller?.localAddress }

    /// Begins the goodbyes, or ends them.
    func stop(at now: Int64) {
        if case .leaving = phase {
            phase = .over
        } else {
            phase = .leaving(since: now, sent: 0)
            notify.stopping(status: "saying goodbye")
            advance(to: now)
        }
    }

    private var wakeAt: Int64 {
        let next: Int64 =
            switch phase {
            case .sleeping: beat.dueAt
            case .gathering(let until): until
            case .leaving(let since, let sent): since + Self.goodbyeDelays[sent]
            case .over: 0
            }
        return min(next, sources.deadline ?? next, aliveDueAt ?? next)
    }

    /// Does what is due at `now`.
    func advance(to now: Int64) {
        sources.expire(at: now, poller: poller)
        if let due = aliveDueAt, let period = notify.watchdogNanoseconds, now >= due {
            notify.alive()
            aliveDueAt = now + period / 2
        }
        switch phase {
        case .sleeping where now >= beat.dueAt:
            sources.begin(at: now, poller: poller)
            if sources.isWorthWaiting {
                phase = .gathering(until: now + min(sources.prompt, beat.interval / 5))
            } else {
                report(at: now)
            }
        case .gathering(let until) where now >= until || !sources.isWorthWaiting:
            report(at: now)
        case .leaving(let since, let sent) where now >= since + Self.goodbyeDelays[sent]:
            sayGoodbye(at: now)
            phase =
                sent + 1 < Self.goodbyeDelays.count
                ? .leaving(since: since, sent: sent + 1) : .over
        case .leaving where masters.allSatisfy(\.isGoodbyeHeard):
            phase = .over
        case .sleeping, .gathering, .leaving, .over:
            break
        }
    }

    private func report(at now: Int64) {
        var report = sources.report(at: now)
        report.intervalMilliseconds = beat.promisedMilliseconds
        maintenance.look(at: now, log: log)
        maintenance.mark(&report)
        if isDrainAsked { report.flags.insert(.acknowledgementRequested) }
        isDrainAsked = false
        newest = report
        for master in masters { master.send(report, at: now, poller: poller, log: log) }
        beat.reported(at: now)
        phase = .sleeping

        drainTeller.refresh(at: now, poller: poller, log: log)
        if let checkTeller {
            agentCheck.take(
                report, isDraining: maintenance.drainsEverything,
                drainsSomething: maintenance.drainsSomething, at: now)
            checkTeller.refresh(at: now, poller: poller, log: log)
        }
        tellStatus(at: now)
    }

    private func sayGoodbye(at now: Int64) {
        var goodbye = sources.goodbye(goodbyeReason, at: now)
        goodbye.intervalMilliseconds = beat.promisedMilliseconds
        newest = goodbye
        for master in masters where !master.isGoodbyeHeard {
            master.send(goodbye, at: now, poller: poller, log: log)
        }
    }

    /// Takes what a master sent; it may ask for the newest report, or for another interval.
    private func hear(_ token: UInt64, at now: Int64) {
        let index = Int(token - Destination.firstToken)
        guard masters.indices.contains(index) else { return }
        let master = masters[index]
        let wantsReport = withUnsafeTemporaryAllocation(
            byteCount: Self.datagramBytes, alignment: 8
        ) { buffer in
            master.receive(at: now, poller: poller, buffer: buffer)
        }
        if wantsReport, let newest { master.send(newest, at: now, poller: poller, log: log) }
        beat.follow(masters.lazy.compactMap(\.directive), at: now)
    }

    private func answerDrainStatus(at now: Int64) {
        let status = DrainStatus(services: services, masters: masters, at: now)
        drainTeller.answer(status.text, at: now, poller: poller)
        isDrainAsked = true
    }

    private func tellStatus(at now: Int64) {
        // Almost always nothing changed, and this runs at every report: no text is made for that.
        let acknowledged = masters.count { $0.isAcknowledged(at: now) }
        let isWell =
            sources.isWell && masters.allSatisfy { $0.isWell } && maintenance.isWell
            && drainTeller.isWell && checkTeller?.isWell ?? true
        if acknowledged == lastAcknowledged, isWell == wasWell, isWell || now < statusDueAt {
            return
        }
        wasWell = isWell
        lastAcknowledged = acknowledged
        statusDueAt = now + Self.statusNanoseconds
        let own = [maintenance.fault, drainTeller.fault, checkTeller?.fault].compactMap(\.self)
        let faults = sources.faults + masters.compactMap(\.fault) + own
        let text =
            "acknowledged by \(acknowledged) of \(masters.count) "
            + "master\(masters.count == 1 ? "" : "s"); "
            + (faults.first.map { "\(faults.count) failing: \($0)" } ?? "no fault known")
        guard text != status else { return }
        if status == nil {
            notify.ready(status: text)
        } else {
            notify.status(text)
        }
        status = text
    }
}

extension Signal {
    /// As people write it.
    var name: String {
        switch self {
        case .terminate: "SIGTERM"
        case .interrupt: "SIGINT"
        case .hangUp: "SIGHUP"
        }
    }
}
