// From a decision and what became of it to what people and programs read. Pure.

internal import Checks
internal import IPVS
internal import Protocol
internal import Weighting

/// Puts what is known into the form of the API; made when somebody asks.
struct SnapshotMaker {
    let balancer: Balancer
    let now: Instant
    let agents: [Agent]
    let total: Tally
    let meter: TrafficMeter
    /// Of members that are checked.
    var checks: [MemberKey: [CheckStanding]] = [:]

    struct Agent {
        let name: String
        let tally: Tally
        /// Index into the cluster's servers; nothing for an agent without a server.
        let server: Int?
        /// Whether two processes use its key now.
        let isDuplicate: Bool
        /// What its newest report was made with.
        let keyInUse: PublicKey?
        let probes: Prober.Count
    }

    struct Tick {
        let decision: Decision
        /// As it was read, before the plan was applied.
        let table: Table
        let outcomes: [StepOutcome]
    }

    func snapshot(_ services: [Snapshot.Service], master: Snapshot.Master) -> Snapshot {
        Snapshot(
            master: master, services: services, agents: agents.map(agent), refusals: refusals(total)
        )
    }

    private func agent(_ agent: Agent) -> Snapshot.Agent {
        var shown = Snapshot.Agent(
            name: agent.name, accepted: agent.tally.applied, refusals: refusals(agent.tally),
            reportAgeSeconds: nil)
        shown.isDuplicate = agent.isDuplicate ? true : nil
        shown.keyInUse = agent.keyInUse?.text
        if agent.probes.sent > 0 {
            shown.probesSent = UInt64(agent.probes.sent)
            shown.probesAnswered = UInt64(agent.probes.answered)
        }
        shown.roundTripMilliseconds = agent.probes.roundTripNanoseconds.map { Double($0) / 1e6 }
        guard let server = agent.server else {
            shown.lacksServer = true
            return shown
        }
        shown.reportAgeSeconds = age(server)
        shown.intervalMilliseconds = balancer.intervalMilliseconds(server: server)
        shown.state = balancer.state(server: server)?.name
        shown.version = balancer.agentVersion(server: server).map(Self.release)
        return shown
    }

    /// `1.2.3` for 1002003, as ``Poise/versionNumber`` has it.
    static func release(_ number: UInt32) -> String {
        "\(number / 1_000_000).\(number / 1_000 % 1_000).\(number % 1_000)"
    }

    /// The services as `tick` left them.
    func services(_ tick: Tick) -> [Snapshot.Service] {
        let cluster = balancer.cluster
        let results = Dictionary(
            tick.outcomes.compactMap { outcome in
                outcome.step.member.map { ($0, outcome.result) }
            }, uniquingKeysWith: { $1 })
        let table = Dictionary(
            tick.table.services.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        return zip(cluster.services, tick.decision.services).map { declared, decided in
            let held = Dictionary(
                (table[declared.key]?.destinations ?? []).map { ($0.key, $0) },
                uniquingKeysWith: { first, _ in first })
            var shown = Snapshot.Service(
                name: declared.name, key: "\(declared.key)", scheduler: decided.scheduler?.name,
                hold: decided.hold.map { Snapshot.Reason(code: $0.code, text: $0.text) },
                members: decided.verdicts.enumerated().map { place, verdict in
                    let key = MemberKey(service: declared.key, destination: verdict.destination)
                    var member = member(
                        verdict, chain: decided.chain(place), held: held[verdict.destination],
                        result: results[key])
                    member.checks = checks[key]?.map(check)
                    member.traffic = meter.traffic(of: verdict.destination, in: declared.key)
                    return member
                })
            shown.alarm = decided.alarm.map { Snapshot.Reason(code: $0.code, text: $0.text) }
            return shown
        }
    }

    private func member(
        _ verdict: Verdict, chain: Chain?, held: Table.Destination?,
        result: StepOutcome.Result?
    ) -> Snapshot.Member {
        let isWritten = result == .done || result == .alreadyThere
        var shown = Snapshot.Member(
            server: balancer.cluster.servers[verdict.server].name,
            destination: "\(verdict.destination)",
            weight: isWritten ? verdict.weight?.rawValue : held?.weight,
            wanted: verdict.weight?.rawValue, activeConnections: held?.activeConnections,
            inactiveConnections: held?.inactiveConnections, reportAgeSeconds: age(verdict.server),
            state: verdict.state?.name,
            reason: Snapshot.Reason(code: verdict.reason.code, text: verdict.reason.text),
            chain: chain, failure: result.flatMap(\.failure))
        shown.persistentConnections = held.flatMap {
            $0.persistentConnections > 0 ? $0.persistentConnections : nil
        }
        return shown
    }

    private func check(_ standing: CheckStanding) -> Snapshot.Check {
        let age = standing.atNanoseconds.map {
            now.seconds(since: Instant(nanoseconds: UInt64(max(0, $0))))
        }
        return Snapshot.Check(
            name: standing.name, isUp: standing.isUp, text: standing.newest?.text,
            ageSeconds: age.map { max(0, $0) })
    }

    private func age(_ server: Int) -> Double? {
        balancer.reportAgeSeconds(server: server, at: now)
    }

    private static let notRefusals: Set<String> = [
        Tally.Event.applied.name, Tally.Event.replies.name,
    ]

    private func refusals(_ tally: Tally) -> [String: UInt64] {
        Dictionary(
            uniqueKeysWithValues: tally.named
                .filter { $0.count > 0 && !Self.notRefusals.contains($0.name) }
                .map { ($0.name, $0.count) })
    }
}

extension ControlLoop {
    /// What the newest snapshot is made from.
    enum Newest {
        case nothing
        case tick(SnapshotMaker.Tick)
        /// The table could not be read yet.
        case unread
        /// As all was before a reload; members have other places since. Held until the next tick.
        case before(SnapshotMaker, SnapshotMaker.Tick)

        var decision: Decision? {
            if case .tick(let tick) = self { tick.decision } else { nil }
        }
    }
}

extension StepOutcome.Result {
    /// Why nothing was written; nothing when the table holds what was wanted.
    var failure: String? {
        switch self {
        case .done, .alreadyThere: nil
        case .changedMeanwhile(let found):
            "somebody else set the weight to \(found) meanwhile; the next tick decides anew"
        case .serviceGone: "the service vanished from the table meanwhile"
        case .destinationGone: "the destination vanished from the table meanwhile"
        case .refused(let error): "\(error)"
        }
    }
}

/// The one line that `systemctl status` shows.
struct StatusLine {
    private var services = 0
    private var members = 0
    private var following = 0

    /// Of the newest decision, or of none.
    init(_ decision: Decision?) {
        for service in decision?.services ?? [] {
            services += 1
            members += service.verdicts.count
            following += service.verdicts.indices.count { service.limitedShare($0) != nil }
        }
    }

    func text(_ master: Snapshot.Master) -> String {
        let state =
            master.trouble
            ?? "\(following) of \(members) members of \(services) services follow load; "
            + "\(master.writes) weights written" + (master.dryRun ? " (dry run)" : "")
        return master.reloadRefused.map { "\($0); \(state)" } ?? state
    }
}
