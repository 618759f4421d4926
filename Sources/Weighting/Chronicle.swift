// From one decision to the next: what happened between them.

/// Compares each decision with the one before, by the codes of reasons alone.
package struct Chronicle: Sendable {
    /// Of each member of each service the code of its newest reason that lasts.
    private var codes: [[String?]]
    /// Of each service that of its hold.
    private var holds: [String?]
    private var isRescaling: [Bool]
    private var alarms: [Alarm?]
    private var violations: [Invariants.Violation] = []
    private var startedAt: Instant?
    private var repeats = Repeats()

    /// Agents need a moment to be heard by a master that starts.
    static let graceSeconds = 10.0

    package init(_ cluster: Cluster) {
        codes = cluster.services.map { $0.members.map { _ in nil } }
        holds = cluster.services.map { _ in nil }
        isRescaling = cluster.services.map { _ in false }
        alarms = cluster.services.map { _ in nil }
    }

    /// Takes another configuration, and what is known of whatever is in both.
    package mutating func adopt(_ next: Cluster, after before: Cluster) {
        guard next.services != before.services else { return }
        var adopted = Chronicle(next)
        let old = Dictionary(
            before.services.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { $1 })
        for (index, service) in next.services.enumerated() {
            guard let place = old[service.key] else { continue }
            (adopted.holds[index], adopted.alarms[index]) = (holds[place], alarms[place])
            let known = Dictionary(
                zip(before.services[place].members.map(\.destination), codes[place]),
                uniquingKeysWith: { $1 })
            adopted.codes[index] = service.members.map { known[$0.destination] ?? nil }
        }
        (adopted.violations, adopted.startedAt) = (violations, startedAt)
        self = adopted
    }

    /// What happened since the decision before; mostly nothing.
    package mutating func happenings(_ decision: Decision, in cluster: Cluster) -> [Happening] {
        let started = startedAt ?? decision.at
        startedAt = started
        let isStarting = decision.at.seconds(since: started) < Self.graceSeconds
        var found = Found()
        for index in cluster.services.indices {
            let service = decision.services[index]
            // One late tick is no news.
            if service.hold == .masterLate { continue }
            look(
                at: service, index, in: cluster, isStarting: isStarting, now: decision.at,
                into: &found)
        }
        found.add(repeats.due(at: decision.at), in: cluster)
        for violation in decision.violations where !violations.contains(violation) {
            found.groups.append(
                Found.Group(cause: .violation, services: [], detail: violation.text))
        }
        violations = decision.violations
        return found.happenings(in: cluster)
    }

    private mutating func look(
        at service: Decision.Service, _ index: Int, in cluster: Cluster, isStarting: Bool,
        now: Instant, into found: inout Found
    ) {
        let holdBefore = holds[index]
        // Before agents were heard, what follows from that is no news either.
        let isUnheard = isStarting && service.hold == .fewerThanHalfFresh
        let hold = isUnheard ? holdBefore : service.hold?.code
        if hold != holdBefore {
            found.add(hold == nil ? .follows : .holds, ofAll: index, detail: service.hold?.text)
            holds[index] = hold
        }
        if service.alarm != alarms[index] {
            let cause: Happening.Cause = service.alarm == nil ? .alarmEnded : .alarm
            if repeats.isNews(Repeats.Subject(cause: cause, service: index), at: now) {
                found.add(
                    cause, ofAll: index, detail: service.alarm?.text ?? alarms[index]?.endText)
            }
            alarms[index] = service.alarm
        }
        var rescales = false
        for place in service.verdicts.indices {
            if case .keepsShare = service.verdicts[place].reason { rescales = true }
            if let expected = service.verdicts[place].overridden,
                repeats.isNews(
                    Repeats.Subject(cause: .foreignChange, service: index, place: place), at: now)
            {
                let kernel = service.verdicts[place].kernel ?? 0
                found.add(
                    .foreignChange, service: index, server: service.verdicts[place].server,
                    detail: "set to \(kernel), which was \(expected)")
            }
            let reason = service.verdicts[place].reason
            guard let code = reason.lastingCode(isStarting: isStarting) else { continue }
            let before = codes[index][place]
            guard code != before else { continue }
            codes[index][place] = code
            // What holds, or held, all of them is told of the service.
            if code == hold || (before != nil && before == holdBefore && code == Code.follows) {
                continue
            }
            guard let cause = Self.cause(from: before, to: code) else { continue }
            found.add(
                cause, service: index, server: service.verdicts[place].server,
                detail: code == Code.follows ? nil : reason.text)
        }
        if rescales, !isRescaling[index],
            repeats.isNews(Repeats.Subject(cause: .rescaled, service: index), at: now)
        {
            found.add(
                .rescaled, ofAll: index,
                detail: "the mean weight changed, so every weight is written anew")
        }
        isRescaling[index] = rescales
    }

    /// The codes of reasons that have causes of their own.
    private enum Code {
        static let follows = Verdict.Reason.follows.code
        static let returns = Verdict.Reason.returns(nil).code
        static let readmitted = Verdict.Reason.readmitted.code
        static let ejected = Verdict.Reason.ejected.code
        static let absent = Verdict.Reason.absent.code
        static let drains = "drains"
        static let ordered = "ordered"
        static let released = Verdict.Reason.released.code
        static let failsCheck = "fails_check"
        static let waitsForCheck = Verdict.Reason.waitsForCheck.code
        static let passesCheck = Verdict.Reason.passesCheck.code
        static let neededAgain = "needed_again"
        static let stale = Hold.stale.code
        static let duplicate = Hold.duplicateIdentity.code
    }

    private static func cause(from before: String?, to code: String) -> Happening.Cause? {
        switch code {
        case Code.drains: return .drained
        case Code.ejected: return .ejected
        case Code.absent: return .absent
        case Code.stale: return .agentSilent
        case Code.duplicate: return .duplicateIdentity
        case Code.returns: return .returned
        case Code.readmitted: return .readmitted
        case Code.ordered: return .ordered
        case Code.released: return .orderEnded
        case Code.failsCheck: return .checkFailed
        // It was told that it failed.
        case Code.waitsForCheck: return before == Code.failsCheck ? nil : .checkFailed
        case Code.passesCheck: return .checkPassed
        case Code.neededAgain: return .returned
        case Code.follows: break
        default: return .holds
        }
        switch before {
        // The return was told.
        case Code.returns, Code.readmitted, Code.released, Code.passesCheck, Code.neededAgain:
            return nil
        case Code.ordered: return .orderEnded
        case Code.failsCheck, Code.waitsForCheck: return .checkPassed
        case Code.drains: return .returned
        case Code.ejected: return .readmitted
        case Code.stale: return .agentBack
        case Code.duplicate: return .duplicateEnded
        default: return .follows
        }
    }
}

/// What was found at one tick, alike things together.
private struct Found {
    var groups: [Group] = []

    struct Group {
        let cause: Happening.Cause
        /// Indices into the cluster's services and servers.
        var services: [Int]
        var servers: [Int] = []
        /// Of the first; of others it may differ in a number.
        let detail: String?
        /// Of all of them together.
        var isSum = false
    }

    /// Adds what happened more often than it was told, by its cause.
    mutating func add(_ repeats: [(subject: Repeats.Subject, count: Int)], in cluster: Cluster) {
        let causes = Dictionary(grouping: repeats) { $0.subject.cause }
        for cause in Happening.Cause.allCases {
            guard let some = causes[cause] else { continue }
            let services = Set(some.compactMap(\.subject.service)).sorted()
            let servers = Set(
                some.compactMap { one in
                    one.subject.service.flatMap { service in
                        one.subject.place.map { cluster.services[service].members[$0].server }
                    }
                })
            let count = some.reduce(0) { $0 + $1.count }
            groups.append(
                Group(
                    cause: cause, services: services, servers: servers.sorted(),
                    detail: (count == 1 ? "once" : "\(count) times") + " more within a minute",
                    isSum: true))
        }
    }

    /// Adds a member to the group of its cause; what is the agent's own is of no service.
    mutating func add(
        _ cause: Happening.Cause, service: Int, server: Int, detail: String?
    ) {
        let isOfAgent =
            switch cause {
            case .agentSilent, .agentBack, .duplicateIdentity, .duplicateEnded: true
            default: false
            }
        let index = groups.firstIndex {
            $0.cause == cause && !$0.servers.isEmpty
                && (isOfAgent || cause == .foreignChange || $0.detail == detail)
        }
        guard let index else {
            groups.append(
                Group(
                    cause: cause, services: isOfAgent ? [] : [service], servers: [server],
                    detail: detail))
            return
        }
        groups[index].servers.append(server)
        if !isOfAgent, groups[index].services.last != service {
            groups[index].services.append(service)
        }
    }

    /// Adds a service to the group of its cause.
    mutating func add(_ cause: Happening.Cause, ofAll service: Int, detail: String?) {
        let index = groups.firstIndex {
            $0.cause == cause && $0.servers.isEmpty && $0.detail == detail
        }
        guard let index else {
            groups.append(Group(cause: cause, services: [service], detail: detail))
            return
        }
        groups[index].services.append(service)
    }

    func happenings(in cluster: Cluster) -> [Happening] {
        groups.map { group in
            var seen: Set<Int> = []
            // A server in several services is named once.
            let servers = group.servers.filter { seen.insert($0).inserted }
            return Happening(
                group.cause, services: group.services.map { cluster.services[$0].name },
                servers: servers.map { cluster.servers[$0].name },
                detail: group.cause == .foreignChange && servers.count > 1 && !group.isSum
                    ? nil : group.detail)
        }
    }
}

extension Verdict.Reason {
    /// The code of what lasts; nothing for a report that comes late now and then.
    fileprivate func lastingCode(isStarting: Bool) -> String? {
        switch self {
        case .follows, .withinDeadband, .waits: Verdict.Reason.follows.code
        case .holds(.late), .keepsShare(.late), .comesBack(.late), .holds(.learning),
            .keepsShare(.learning), .comesBack(.learning), .holds(.masterLate),
            .keepsShare(.masterLate):
            nil
        case .holds(.neverHeard) where isStarting: nil
        default: code
        }
    }
}
