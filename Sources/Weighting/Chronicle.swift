// From one decision to the next: what happened between them.

/// Compares each decision with the one before, by the codes of reasons alone.
package struct Chronicle: Sendable {
    /// Of each member of each service the code of its newest reason that lasts.
    private var codes: [[String?]]
    /// Of each service that of its hold.
    private var holds: [String?]
    private var isRescaling: [Bool]
    private var violations: [Invariants.Violation] = []
    private var startedAt: Instant?

    /// Agents need a moment to be heard by a master that starts.
    static let graceSeconds = 10.0

    package init(_ cluster: Cluster) {
        codes = cluster.services.map { $0.members.map { _ in nil } }
        holds = cluster.services.map { _ in nil }
        isRescaling = cluster.services.map { _ in false }
    }

    /// Takes another configuration, and what is known of whatever is in both.
    package mutating func adopt(_ next: Cluster, after before: Cluster) {
        guard next.services != before.services else { return }
        var adopted = Chronicle(next)
        let old = Dictionary(
            before.services.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { $1 })
        for (index, service) in next.services.enumerated() {
            guard let place = old[service.key] else { continue }
            adopted.holds[index] = holds[place]
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
            look(at: service, index, in: cluster, isStarting: isStarting, into: &found)
        }
        for violation in decision.violations where !violations.contains(violation) {
            found.ofServices.append(
                Found.Group(cause: .violation, service: nil, detail: violation.text))
        }
        violations = decision.violations
        return found.happenings(in: cluster)
    }

    private mutating func look(
        at service: Decision.Service, _ index: Int, in cluster: Cluster, isStarting: Bool,
        into found: inout Found
    ) {
        let hold = service.hold?.code
        let holdBefore = holds[index]
        if hold != holdBefore {
            found.ofServices.append(
                Found.Group(
                    cause: hold == nil ? .follows : .holds, service: index,
                    detail: service.hold?.text))
            holds[index] = hold
        }
        let first = found.ofServices.count
        var rescales = false
        for place in service.verdicts.indices {
            if case .keepsShare = service.verdicts[place].reason { rescales = true }
            if let expected = service.verdicts[place].overridden {
                let kernel = service.verdicts[place].kernel ?? 0
                found.add(
                    .foreignChange, service: index, server: service.verdicts[place].server,
                    from: first, detail: "set to \(kernel), which was \(expected)")
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
                cause, service: index, server: service.verdicts[place].server, from: first,
                detail: cause == .follows ? nil : reason.text)
        }
        if rescales, !isRescaling[index] {
            found.ofServices.append(
                Found.Group(
                    cause: .rescaled, service: index,
                    detail: "the mean weight changed, so every weight is written anew"))
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
        case Code.follows: break
        default: return .holds
        }
        switch before {
        // The return was told.
        case Code.returns, Code.readmitted: return nil
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
    var ofServices: [Group] = []
    var ofServers: [Group] = []

    struct Group {
        let cause: Happening.Cause
        /// Index into the cluster's services.
        let service: Int?
        var servers: [Int] = []
        /// Of the first; of others it may differ in a number.
        let detail: String?
    }

    /// Adds a member to the group of its cause, which is of its service or, where it is the agent's
    /// own, of all; groups of this service begin at `first`.
    mutating func add(
        _ cause: Happening.Cause, service: Int, server: Int, from first: Int, detail: String?
    ) {
        switch cause {
        case .agentSilent, .agentBack, .duplicateIdentity, .duplicateEnded:
            guard let index = ofServers.firstIndex(where: { $0.cause == cause }) else {
                ofServers.append(
                    Group(cause: cause, service: nil, servers: [server], detail: detail))
                return
            }
            ofServers[index].servers.append(server)
        default:
            let index = ofServices[first...].firstIndex {
                $0.cause == cause && !$0.servers.isEmpty
                    && (cause == .foreignChange || $0.detail == detail)
            }
            guard let index else {
                ofServices.append(
                    Group(cause: cause, service: service, servers: [server], detail: detail))
                return
            }
            ofServices[index].servers.append(server)
        }
    }

    func happenings(in cluster: Cluster) -> [Happening] {
        (ofServers + ofServices).map { group in
            var seen: Set<Int> = []
            // A server in several services is silent once.
            let servers = group.servers.filter { seen.insert($0).inserted }
            return Happening(
                group.cause, service: group.service.map { cluster.services[$0].name },
                servers: servers.map { cluster.servers[$0].name },
                detail: group.cause == .foreignChange && servers.count > 1 ? nil : group.detail)
        }
    }
}

extension Verdict.Reason {
    /// The code of what lasts; nothing for a report that comes late now and then.
    fileprivate func lastingCode(isStarting: Bool) -> String? {
        switch self {
        case .follows, .withinDeadband, .waits: Verdict.Reason.follows.code
        case .holds(.late), .keepsShare(.late), .holds(.learning), .keepsShare(.learning),
            .holds(.masterLate), .keepsShare(.masterLate):
            nil
        case .holds(.neverHeard) where isStarting: nil
        default: code
        }
    }
}
