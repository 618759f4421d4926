// What goes to the log of each tick: changes, never states that last.

internal import Daemon
internal import IPVS
internal import Logging
internal import Weighting

/// Turns decisions into log lines, at most a few a tick.
struct Narrator {
    private let logger: Logger
    /// What was told last, by service.
    private var told: [String: Told] = [:]
    private var lateTicks = 0
    private var toldViolations: [Invariants.Violation] = []
    private var writes: WriteNarrator
    private var drains = DrainNarrator()
    private var upkeep: UpkeepNarrator
    private var troubles: [Trouble: String] = [:]

    /// A tick that changes more than this ends with a count of the rest.
    static let linesInTick = 16
    private static let lateTicksToTell = 4

    private struct Told {
        /// Of the service as a whole.
        var hold: String?
        var alarm: Alarm?
        var members: [DestinationKey: String] = [:]
    }

    init(logger: Logger, isDryRun: Bool) {
        self.logger = logger
        writes = WriteNarrator(isDryRun: isDryRun)
        upkeep = UpkeepNarrator(isDryRun: isDryRun)
    }

    /// A trouble that may last: told when it begins or changes.
    mutating func begins(_ trouble: Trouble, _ error: any Error) {
        let text = "\(trouble.beginning): \(error)"
        guard troubles[trouble] != text else { return }
        troubles[trouble] = text
        logger.error("\(text)")
    }

    mutating func ends(_ trouble: Trouble) {
        guard troubles.removeValue(forKey: trouble) != nil else { return }
        logger.notice("\(trouble.end)")
    }

    /// A trouble that is asked for again and again; nothing when there is none.
    mutating func tell(_ trouble: Trouble, _ error: (any Error)?) {
        if let error { begins(trouble, error) } else { ends(trouble) }
    }

    /// Every trouble that stands now, for the snapshot.
    var standingTrouble: String? {
        troubles.isEmpty ? nil : troubles.values.sorted().joined(separator: "; ")
    }

    mutating func tell(_ decision: Decision, _ outcomes: [StepOutcome], in cluster: Cluster) {
        var lines: [LogLine] = []
        for violation in decision.violations where !toldViolations.contains(violation) {
            lines.append(
                LogLine(level: .error, "a plan was refused by its own check: \(violation.text)"))
        }
        toldViolations = Array(decision.violations.prefix(Self.linesInTick))
        lines += drains.lines(decision, in: cluster)
        tellHolds(decision, in: cluster, into: &lines)
        lines += tellLateness(decision)
        lines += Self.foreignHands(decision, in: cluster)
        lines += writes.lines(decision, outcomes, in: cluster)
        log(lines)
    }

    /// What became of the services and members themselves.
    mutating func tell(
        _ pass: Upkeep.Pass, _ outcomes: [StepOutcome], isHeld: Bool, _ cluster: Cluster
    ) {
        log(upkeep.lines(pass, outcomes, isHeld: isHeld, in: cluster))
    }

    private func log(_ lines: [LogLine]) {
        for line in lines.prefix(Self.linesInTick) {
            logger.log(level: line.level, "\(line.text)", metadata: line.metadata)
        }
        if lines.count > Self.linesInTick {
            logger.notice("and \(lines.count - Self.linesInTick) more lines in this tick")
        }
    }

    private mutating func tellHolds(
        _ decision: Decision, in cluster: Cluster,
        into lines: inout [LogLine]
    ) {
        var now: [String: Told] = [:]
        for (declared, service) in zip(cluster.services, decision.services) {
            var told = told[declared.name] ?? Told()
            defer { now[declared.name] = told }
            // One late tick is no news; see `tellLateness`.
            if service.hold == .masterLate { continue }
            if let hold = service.hold, told.hold != hold.text {
                lines.append(
                    LogLine(
                        level: .notice, "weights hold: \(hold.text)",
                        ["service": "\(declared.name)"]))
            }
            if service.hold == nil, told.hold != nil {
                lines.append(
                    LogLine(
                        level: .notice, "weights follow load", ["service": "\(declared.name)"]))
            }
            told.hold = service.hold?.text
            if told.alarm != service.alarm {
                let text = service.alarm?.text ?? told.alarm?.endText ?? ""
                lines.append(
                    LogLine(
                        level: service.alarm == nil ? .notice : .warning, "\(text)",
                        ["service": "\(declared.name)"]))
            }
            told.alarm = service.alarm
            // While the service holds, what was told of its members stands.
            guard service.hold == nil else { continue }
            var members: [DestinationKey: String] = [:]
            for place in service.verdicts.indices {
                guard let reason = service.verdicts[place].reason.lastingText else { continue }
                let verdict = service.verdicts[place]
                members[verdict.destination] = reason
                guard told.members[verdict.destination] != reason else { continue }
                lines.append(
                    LogLine(
                        level: .notice, "the weight holds: \(reason)",
                        [
                            "service": "\(declared.name)",
                            "server": "\(cluster.servers[verdict.server].name)",
                        ]))
            }
            told.members = members
        }
        self.told = now
    }

    /// A director that is late again and again is told once.
    private mutating func tellLateness(_ decision: Decision) -> [LogLine] {
        let isLate = decision.services.contains { $0.hold == .masterLate }
        lateTicks = isLate ? lateTicks + 1 : 0
        guard lateTicks == Self.lateTicksToTell else { return [] }
        return [LogLine(level: .warning, Hold.masterLate.text)]
    }

    /// Weights that somebody else set since the tick before.
    private static func foreignHands(_ decision: Decision, in cluster: Cluster) -> [LogLine] {
        zip(cluster.services, decision.services).flatMap { declared, service in
            // A copy of each verdict of thousands would take a millisecond.
            service.verdicts.indices.compactMap { place in
                guard let expected = service.verdicts[place].overridden,
                    let kernel = service.verdicts[place].kernel
                else { return nil }
                let verdict = service.verdicts[place]
                let follows = service.limitedShare(place) != nil
                let answer = follows ? "load takes it back step by step" : "it stays"
                return LogLine(
                    level: .notice,
                    "somebody else set the weight to \(kernel), which was \(expected); \(answer)",
                    [
                        "service": "\(declared.name)",
                        "server": "\(cluster.servers[verdict.server].name)",
                    ])
            }
        }
    }
}

/// What may go wrong for a while, each told on its own.
enum Trouble: Hashable {
    /// At one of the sockets that reports arrive at.
    case reception(SocketAddress)
    case table
    /// Timeouts and sync daemons.
    case settings
    case journal
    case orders

    fileprivate var beginning: String {
        switch self {
        case .reception(let address): "reports cannot be received on \(address)"
        case .table: "the table cannot be read"
        case .settings: "the timeouts or sync daemons of IPVS are not as configured"
        case .journal: "nothing is recorded in the journal"
        case .orders: "people's orders are not safe"
        }
    }

    fileprivate var end: String {
        switch self {
        case .reception(let address): "reports can be received on \(address) again"
        case .table: "the table can be read again"
        case .settings: "the timeouts and sync daemons of IPVS are as configured"
        case .journal: "the journal is recorded again"
        case .orders: "people's orders can be kept again"
        }
    }
}

/// A line for the log.
struct LogLine {
    let level: Logger.Level
    let text: String
    let metadata: Logger.Metadata

    init(level: Logger.Level, _ text: String, _ metadata: Logger.Metadata = [:]) {
        self.level = level
        self.text = text
        self.metadata = metadata
    }
}

extension Verdict.Reason {
    /// What is worth a line when it begins: not a report that comes late now and then.
    fileprivate var lastingText: String? {
        switch self {
        case .follows, .withinDeadband, .waits: nil
        // See `DrainNarrator`.
        case .drains, .returns, .holds(.lastOnes), .holds(.overruled): nil
        case .holds(.late), .keepsShare(.late), .comesBack(.late), .holds(.learning),
            .keepsShare(.learning), .comesBack(.learning):
            nil
        case .holds(let hold), .keepsShare(let hold), .comesBack(let hold): hold.text
        case .ejected, .ordered, .failsCheck, .neededAgain, .absent: text
        case .readmitted, .released, .waitsForCheck, .passesCheck: nil
        }
    }
}
