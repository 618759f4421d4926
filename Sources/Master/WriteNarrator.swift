// What the log says of weights: what was written, what failed, and what a dry run would write.

internal import IPVS
internal import Logging
internal import Weighting

/// Turns the steps of a tick into log lines, and knows which of them were told before.
struct WriteNarrator {
    let isDryRun: Bool
    /// Why the newest write of a member failed, until one succeeds.
    private var failures: [MemberKey: String] = [:]
    /// The weights that a dry run told last.
    private var wouldBe: [MemberKey: Int] = [:]

    init(isDryRun: Bool) { self.isDryRun = isDryRun }

    mutating func lines(
        _ decision: Decision, _ outcomes: [StepOutcome], in cluster: Cluster
    ) -> [LogLine] {
        isDryRun
            ? linesOfDryRun(decision, in: cluster) : linesOfWrites(decision, outcomes, in: cluster)
    }

    private mutating func linesOfWrites(
        _ decision: Decision, _ outcomes: [StepOutcome], in cluster: Cluster
    ) -> [LogLine] {
        guard !outcomes.isEmpty || !failures.isEmpty else { return [] }
        let results = Dictionary(
            outcomes.compactMap { outcome in outcome.step.member.map { ($0, outcome.result) } },
            uniquingKeysWith: { $1 })
        var (written, failed): ([LogLine], [LogLine]) = ([], [])
        var stillFailing: [MemberKey: String] = [:]
        for (declared, service) in zip(cluster.services, decision.services) {
            var changes: [String] = []
            for verdict in service.verdicts {
                let member = MemberKey(service: declared.key, destination: verdict.destination)
                guard let result = results[member] else {
                    // No attempt says nothing new, but a place that is gone starts anew.
                    stillFailing[member] = verdict.kernel == nil ? nil : failures[member]
                    continue
                }
                let server = cluster.servers[verdict.server].name
                let change = Self.change(verdict, of: server)
                if result == .done, let change { changes.append(change) }
                guard let failure = result.failure, let weight = verdict.weight else { continue }
                stillFailing[member] = failure
                guard failures[member] != failure else { continue }
                failed.append(
                    LogLine(
                        level: .warning, "weight \(weight.rawValue) was not written: \(failure)",
                        [
                            "service": "\(declared.name)", "server": "\(server)",
                            "destination": "\(verdict.destination)",
                        ]))
            }
            written += Self.line("weights: ", changes, of: declared)
        }
        failures = stillFailing
        return written + failed
    }

    private mutating func linesOfDryRun(_ decision: Decision, in cluster: Cluster) -> [LogLine] {
        let planned = Set(decision.plan.steps.compactMap(\.member))
        var lines: [LogLine] = []
        var stillTold: [MemberKey: Int] = [:]
        for (declared, service) in zip(cluster.services, decision.services) {
            var changes: [String] = []
            for verdict in service.verdicts {
                let member = MemberKey(service: declared.key, destination: verdict.destination)
                guard let weight = verdict.weight?.rawValue else { continue }
                // What holds at this tick, for a late report perhaps, says nothing new.
                guard planned.contains(member) else {
                    if case .holds = verdict.reason { stillTold[member] = wouldBe[member] }
                    continue
                }
                if let told = wouldBe[member],
                    Double(abs(weight - told)) <= cluster.policy.deadband * Double(told)
                {
                    stillTold[member] = told
                    continue
                }
                let change = Self.change(verdict, of: cluster.servers[verdict.server].name)
                guard let change else { continue }
                stillTold[member] = weight
                changes.append(change)
            }
            lines += Self.line("would write weights: ", changes, of: declared)
        }
        wouldBe = stillTold
        return lines
    }

    private static func change(_ verdict: Verdict, of server: String) -> String? {
        guard let kernel = verdict.kernel, let weight = verdict.weight else { return nil }
        return "\(server) \(kernel)→\(weight.rawValue)"
    }

    /// All changes of one service as one line; none without changes.
    private static func line(
        _ head: String, _ changes: [String], of service: Cluster.Service
    ) -> [LogLine] {
        guard !changes.isEmpty else { return [] }
        let shown = changes.prefix(Narrator.linesInTick).joined(separator: ", ")
        let rest = changes.count - Narrator.linesInTick
        return [
            LogLine(
                level: .info, head + shown + (rest > 0 ? " and \(rest) more" : ""),
                ["service": "\(service.name)"])
        ]
    }
}
