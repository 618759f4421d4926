// What the log says of drains: when one begins and ends, and why one that was asked for does not.

internal import Logging
internal import Weighting

/// Turns the drains of each tick into log lines, also of services that hold as a whole.
struct DrainNarrator {
    /// What was told of each member that asks for a drain.
    private var told: [MemberKey: Standing] = [:]

    fileprivate enum Standing: Equatable {
        case drains(DrainCause)
        case stays(Hold)
    }

    mutating func lines(_ decision: Decision, in cluster: Cluster) -> [LogLine] {
        var lines: [LogLine] = []
        var now: [MemberKey: Standing] = [:]
        for (declared, service) in zip(cluster.services, decision.services) {
            for place in service.verdicts.indices {
                let standing = service.verdicts[place].reason.standing
                guard standing != nil || !told.isEmpty else { continue }
                let verdict = service.verdicts[place]
                let member = MemberKey(service: declared.key, destination: verdict.destination)
                let before = told[member]
                now[member] = standing
                guard standing != before,
                    let line = Self.line(standing, after: before, verdict.reason)
                else { continue }
                lines.append(
                    LogLine(
                        level: line.level, line.text,
                        [
                            "service": "\(declared.name)",
                            "server": "\(cluster.servers[verdict.server].name)",
                        ]))
            }
        }
        told = now
        return lines
    }

    private static func line(
        _ standing: Standing?, after before: Standing?, _ reason: Verdict.Reason
    ) -> (level: Logger.Level, text: String)? {
        switch (before, standing) {
        case (_, .drains(let cause)):
            return (.notice, "drains: the agent says \(cause.text)")
        case (.drains, .stays), (.drains, nil):
            return (.notice, "the drain is over: \(reason.text)")
        case (_, .stays(let hold)):
            return (.warning, "does not drain: \(hold.text)")
        case (.stays, nil), (nil, nil):
            return nil
        }
    }
}

extension Verdict.Reason {
    fileprivate var standing: DrainNarrator.Standing? {
        switch self {
        case .drains(let cause): .drains(cause)
        case .holds(.lastOnes(let cause)), .returns(let cause?): .stays(.lastOnes(cause))
        case .holds(.overruled(let cause)): .stays(.overruled(cause))
        case .follows, .withinDeadband, .waits, .holds, .keepsShare, .comesBack, .returns(nil),
            .ejected, .readmitted, .ordered, .released, .failsCheck, .waitsForCheck,
            .passesCheck, .neededAgain, .absent:
            nil
        }
    }
}
