// From a decision and what became of it to what people and programs read. Pure.

internal import IPVS
internal import Protocol
internal import Weighting

/// Puts one tick into the form of the API.
struct SnapshotMaker {
    let cluster: Cluster
    let balancer: Balancer
    let now: Instant
    let agents: [Agent]
    let total: Tally

    struct Agent {
        let name: String
        let tally: Tally
        /// Index into the cluster's servers; nothing for an agent without a server.
        let server: Int?
    }

    struct Tick {
        let decision: Decision
        /// As it was read, before the plan was applied.
        let table: Table
        let outcomes: [StepOutcome]
    }

    /// A snapshot of `tick`; when there was none, the services are those of `earlier`.
    func snapshot(_ tick: Tick?, master: Snapshot.Master, earlier: Snapshot?) -> Snapshot {
        Snapshot(
            master: master, services: tick.map(services) ?? earlier?.services ?? [],
            agents: agents.map { agent in
                Snapshot.Agent(
                    name: agent.name, accepted: agent.tally.applied,
                    refusals: refusals(agent.tally), reportAgeSeconds: age(agent.server))
            },
            refusals: refusals(total))
    }

    private func services(_ tick: Tick) -> [Snapshot.Service] {
        let results = Dictionary(
            tick.outcomes.map { ($0.step.member, $0.result) }, uniquingKeysWith: { $1 })
        let table = Dictionary(
            tick.table.services.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        return zip(cluster.services, tick.decision.services).map { declared, decided in
            let held = Dictionary(
                (table[declared.key]?.destinations ?? []).map { ($0.key, $0) },
                uniquingKeysWith: { first, _ in first })
            return Snapshot.Service(
                name: declared.name, key: "\(declared.key)", scheduler: decided.scheduler?.name,
                hold: decided.hold.map { Snapshot.Reason(code: $0.code, text: $0.text) },
                members: decided.verdicts.map { verdict in
                    member(
                        verdict, held: held[verdict.destination],
                        result: results[
                            MemberKey(service: declared.key, destination: verdict.destination)])
                })
        }
    }

    private func member(
        _ verdict: Verdict, held: Table.Destination?, result: StepOutcome.Result?
    ) -> Snapshot.Member {
        let isWritten = result == .done || result == .alreadyThere
        return Snapshot.Member(
            server: cluster.servers[verdict.server].name, destination: "\(verdict.destination)",
            weight: isWritten ? verdict.weight?.rawValue : held?.weight,
            wanted: verdict.weight?.rawValue, activeConnections: held?.activeConnections,
            inactiveConnections: held?.inactiveConnections, reportAgeSeconds: age(verdict.server),
            state: balancer.state(server: verdict.server)?.name,
            reason: Snapshot.Reason(code: verdict.reason.code, text: verdict.reason.text),
            chain: verdict.chain, failure: result.flatMap(\.failure))
    }

    private func age(_ server: Int?) -> Double? {
        server.flatMap { balancer.reportAgeSeconds(server: $0, at: now) }
    }

    private func refusals(_ tally: Tally) -> [String: UInt64] {
        Dictionary(
            uniqueKeysWithValues: tally.named.filter { $0.name != "applied" && $0.count > 0 }
                .map { ($0.name, $0.count) })
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
enum StatusLine {
    static func text(of snapshot: Snapshot) -> String {
        let state = snapshot.master.trouble ?? following(snapshot)
        return snapshot.master.reloadRefused.map { "\($0); \(state)" } ?? state
    }

    private static func following(_ snapshot: Snapshot) -> String {
        let members = snapshot.services.flatMap(\.members)
        let following = members.count { $0.chain != nil }
        return "\(following) of \(members.count) members of \(snapshot.services.count) services "
            + "follow load; \(snapshot.master.writes) weights written"
            + (snapshot.master.dryRun ? " (dry run)" : "")
    }
}
