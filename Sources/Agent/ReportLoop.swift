// The agent's life: look, report, sleep; and at the end say goodbye.

internal import Daemon
internal import Protocol

/// One thread around one poller; nothing in it waits for anybody.
///
///     sleeping ──report is due──▶ gathering ──pages are in, or time is up──▶ sleeping
///         └──────── stop, from anywhere ──▶ leaving ──third goodbye──▶ over
final class ReportLoop {
    private enum Phase: Equatable {
        case sleeping
        case gathering(until: Int64)
        case leaving(since: Int64, sent: Int)
        case over
    }

    private enum Token {
        static let signals: UInt64 = 1
    }

    /// When the goodbyes are sent, counted from the first (PROTOCOL.md §4).
    private static let goodbyeDelays: [Int64] = [0, 100_000_000, 300_000_000]

    private let poller: Poller
    private let sources: Sources
    private let masters: [Destination]
    private let notify: Notify
    private let log: Log
    private let interval: Int64
    private let goodbyeReason: StateReason
    private var phase = Phase.sleeping
    private var dueAt: Int64
    private var aliveDueAt: Int64?
    private var status: String?
    private var wasWell = false

    init(
        _ configuration: Configuration, masters: [Destination], notify: Notify, log: Log,
        startedAt now: Int64 = MonotonicClock.now()
    ) throws(SystemError) {
        poller = try Poller()
        sources = Sources(configuration, startedAt: now, log: log)
        self.masters = masters
        self.notify = notify
        self.log = log
        interval = Int64(configuration.intervalMilliseconds) * 1_000_000
        goodbyeReason = configuration.goodbyeReason
        dueAt = now
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
    @discardableResult
    func step() throws(SystemError) -> Bool {
        var isSignalled = false
        try poller.wait(until: wakeAt) { token, _ in
            if token == Token.signals {
                isSignalled = true
            } else {
                sources.advance(token: token, at: MonotonicClock.now(), poller: poller)
            }
        }
        advance(to: MonotonicClock.now())
        return isSignalled
    }

    /// Whether the last goodbye is said.
    var isOver: Bool { phase == .over }

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
            case .sleeping: dueAt
            case .gathering(let until): until
            case .leaving(let since, let sent): since + Self.goodbyeDelays[sent]
            case .over: 0
            }
        return min(next, sources.deadline ?? next, aliveDueAt ?? next)
    }

    /// Does what is due at `now`.
    func advance(to now: Int64) {
        sources.expire(at: now)
        if let due = aliveDueAt, let period = notify.watchdogNanoseconds, now >= due {
            notify.alive()
            aliveDueAt = now + period / 2
        }
        switch phase {
        case .sleeping where now >= dueAt:
            sources.begin(at: now, poller: poller)
            if sources.isWorthWaiting {
                phase = .gathering(until: now + sources.prompt)
            } else {
                report(at: now)
            }
        case .gathering(let until) where now >= until || !sources.isWorthWaiting:
            report(at: now)
        case .leaving(let since, let sent) where now >= since + Self.goodbyeDelays[sent]:
            send(sources.goodbye(goodbyeReason, at: now), at: now)
            phase =
                sent + 1 < Self.goodbyeDelays.count
                ? .leaving(since: since, sent: sent + 1) : .over
        case .sleeping, .gathering, .leaving, .over:
            break
        }
    }

    private func report(at now: Int64) {
        send(sources.report(at: now), at: now)
        // The beat stays even; after a pause of the machine it begins anew instead of catching up.
        dueAt = dueAt + 2 * interval > now ? dueAt + interval : now + interval
        phase = .sleeping
        tellStatus()
    }

    private func send(_ report: Report, at now: Int64) {
        for master in masters { master.send(report, at: now, log: log) }
    }

    private func tellStatus() {
        // Almost always nothing changed, and this runs at every report.
        let isWell = sources.isWell && masters.allSatisfy { $0.fault == nil }
        if isWell, wasWell { return }
        wasWell = isWell
        let faults = sources.faults + masters.compactMap(\.fault)
        let text =
            "sends to \(masters.count) master\(masters.count == 1 ? "" : "s"); "
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
