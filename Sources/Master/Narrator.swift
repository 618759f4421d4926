// What goes to the log of each tick: changes, never states that last.

internal import IPVS
internal import Logging
internal import Weighting

/// Turns decisions into log lines, at most a few a tick.
struct Narrator {
    private let logger: Logger
    private let isDryRun: Bool
    /// The reasons told last, by place in the cluster.
    private var told: [String: String] = [:]
    private var standingTrouble: String?

    /// A tick that changes more than this ends with a count of the rest.
    static let linesInTick = 16

    init(logger: Logger, isDryRun: Bool) {
        self.logger = logger
        self.isDryRun = isDryRun
    }

    /// Something that may last: told when it begins or changes.
    mutating func trouble(_ text: String) {
        guard standingTrouble != text else { return }
        standingTrouble = text
        logger.error("\(text)")
    }

    mutating func tableIsReadable() {
        guard standingTrouble != nil else { return }
        standingTrouble = nil
        logger.notice("the table can be read again")
    }

    mutating func tell(_ decision: Decision, _ outcomes: [StepOutcome], in cluster: Cluster) {
        var lines: [(Logger.Level, String, Logger.Metadata)] = []
        for violation in decision.violations {
            lines.append((.error, "a plan was refused by its own check: \(violation.text)", [:]))
        }
        tellHolds(decision, in: cluster, into: &lines)
        tellWrites(decision, outcomes, in: cluster, into: &lines)
        for (level, text, metadata) in lines.prefix(Self.linesInTick) {
            logger.log(level: level, "\(text)", metadata: metadata)
        }
        if lines.count > Self.linesInTick {
            logger.notice("and \(lines.count - Self.linesInTick) more lines in this tick")
        }
    }

    private mutating func tellHolds(
        _ decision: Decision, in cluster: Cluster,
        into lines: inout [(Logger.Level, String, Logger.Metadata)]
    ) {
        var now: [String: String] = [:]
        for (declared, service) in zip(cluster.services, decision.services) {
            now[declared.name] = service.hold?.text
            if let hold = service.hold, told[declared.name] != hold.text {
                lines.append(
                    (.notice, "weights hold: \(hold.text)", ["service": "\(declared.name)"]))
            }
            if service.hold == nil, told[declared.name] != nil {
                lines.append((.notice, "weights follow load", ["service": "\(declared.name)"]))
            }
            guard service.hold == nil else { continue }
            for verdict in service.verdicts {
                let server = cluster.servers[verdict.server].name
                let place = "\(declared.name)/\(server)/\(verdict.destination)"
                guard let reason = verdict.reason.lastingText else { continue }
                now[place] = reason
                guard told[place] != reason else { continue }
                lines.append(
                    (
                        .notice, "the weight holds: \(reason)",
                        ["service": "\(declared.name)", "server": "\(server)"]
                    ))
            }
        }
        told = now
    }

    private func tellWrites(
        _ decision: Decision, _ outcomes: [StepOutcome], in cluster: Cluster,
        into lines: inout [(Logger.Level, String, Logger.Metadata)]
    ) {
        let planned = Set(decision.plan.steps.map(\.member))
        for (declared, service) in zip(cluster.services, decision.services) {
            let changes = service.verdicts.compactMap { verdict -> String? in
                guard let kernel = verdict.kernel, let weight = verdict.weight,
                    planned.contains(
                        MemberKey(service: declared.key, destination: verdict.destination))
                else { return nil }
                return "\(cluster.servers[verdict.server].name) \(kernel)→\(weight.rawValue)"
            }
            guard !changes.isEmpty else { continue }
            let shown = changes.prefix(Self.linesInTick).joined(separator: ", ")
            let rest = changes.count - Self.linesInTick
            lines.append(
                (
                    .info,
                    (isDryRun ? "would write weights: " : "weights: ") + shown
                        + (rest > 0 ? " and \(rest) more" : ""),
                    ["service": "\(declared.name)"]
                ))
        }
        for outcome in outcomes {
            guard let failure = outcome.result.failure else { continue }
            switch outcome.step {
            case .setWeight(let service, let destination, _, let to):
                lines.append(
                    (
                        .warning, "weight \(to.rawValue) was not written: \(failure)",
                        ["service": "\(service)", "destination": "\(destination)"]
                    ))
            }
        }
    }
}

extension Verdict.Reason {
    /// What is worth a line when it begins: not a report that comes late now and then.
    fileprivate var lastingText: String? {
        switch self {
        case .follows, .withinDeadband: nil
        case .holds(.late), .keepsShare(.late), .holds(.learning), .keepsShare(.learning): nil
        case .holds(let hold), .keepsShare(let hold): hold.text
        case .absent: text
        }
    }
}
