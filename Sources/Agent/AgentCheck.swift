// What HAProxy's agent-check is told: a weight by load, and this server's own drain.

internal import Protocol

/// The line for HAProxy (its manual, "agent-check").
///
/// HAProxy keeps what it was told and nobody else may take it back. So `drain` is said for as long
/// as it holds, and `ready` for a minute after it: later it would undo what people did in HAProxy.
/// An agent that starts and finds the mark of a drain which nobody asks for any more says it too.
/// Never `up` or `down`: HAProxy's own checks know that better.
struct AgentCheck {
    private static let readyNanoseconds: Int64 = 60_000_000_000
    /// The time over which the load is smoothed, in 0.1 ms: two of HAProxy's usual intervals.
    private static let smoothing = 40_000.0

    private var before: (clock: UInt32, busy: UInt32)?
    private var busyShare: Double?
    private var load: Double?
    private var isDraining = false
    private var readyUntil: Int64?
    private let mark: DrainMark?
    /// Whether HAProxy may still hold our `drain`.
    private var isMarked: Bool
    /// Whether an agent before this one told it so.
    private var isFound: Bool

    /// Without a `mark` a drain is known as long as this value lives.
    init(mark: DrainMark? = nil) {
        self.mark = mark
        isMarked = mark?.isSet ?? false
        isFound = isMarked
    }

    /// Takes the load of a report, and whether its operator drains this server, once that is known,
    /// or at least a part of it.
    mutating func take(
        _ report: Report, isDraining: Bool?, drainsSomething: Bool = false, at now: Int64
    ) {
        switch isDraining {
        case true?: beginDrain()
        // Of a drain before this agent's start nobody knows how much of it is still asked for.
        case false? where isFound && drainsSomething: break
        case false?: endDrain(at: now)
        case nil: break
        }
        takeHost(report)
        let loads = report.services.compactMap(\.loadTenThousandths).map { Double($0) / 10_000 }
        // Without a figure the last one holds.
        load = (loads + [busyShare].compactMap(\.self)).max() ?? load
    }

    private mutating func beginDrain() {
        isDraining = true
        isFound = false
        readyUntil = nil
        guard !isMarked else { return }
        isMarked = true
        mark?.set()
    }

    /// The mark stays for the minute, so that an agent that restarts meanwhile says `ready` as well.
    private mutating func endDrain(at now: Int64) {
        isDraining = false
        guard isMarked else { return }
        guard let until = readyUntil else {
            readyUntil = now + Self.readyNanoseconds
            return
        }
        guard now >= until else { return }
        readyUntil = nil
        isMarked = false
        mark?.clear()
    }

    private mutating func takeHost(_ report: Report) {
        guard let host = report.host, let busy = host.cpuBusyTenthsOfMillisecond,
            let cores = host.coresHundredths
        else { return }
        let clock = report.clockTenthsOfMillisecond
        defer { before = (clock, busy) }
        guard let before, clock != before.clock else { return }
        let elapsed = Double(clock &- before.clock)
        let share = Double(busy &- before.busy) / (elapsed * Double(cores) / 100)
        let old = busyShare ?? share
        busyShare = old + (min(share, 1) - old) * min(1, elapsed / Self.smoothing)
    }

    /// The answer of this moment, as in `73%` and a line feed.
    func line(at now: Int64) -> String {
        if isDraining { return "drain\n" }
        var words: [String] = []
        if let load {
            // Load alone never takes a server out: 0 would.
            words.append("\(max(1, 100 - Int(min(max(load, 0), 1) * 100 + 0.5)))%")
        }
        if let readyUntil, now < readyUntil { words.append("ready") }
        return words.joined(separator: " ") + "\n"
    }
}
