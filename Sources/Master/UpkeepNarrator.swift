// What the log says of services and members that are made, changed and removed.

internal import IPVS
internal import Logging
internal import Weighting

/// Turns a pass of the upkeep into log lines, and knows which of them were told before.
struct UpkeepNarrator {
    let isDryRun: Bool
    /// Why the newest attempt at a step failed, until one succeeds or is no longer made.
    private var failures: [String: String] = [:]
    private var faults: [Upkeep.Fault] = []
    private var wouldBe: Set<String> = []
    private var wasHeld = false

    init(isDryRun: Bool) { self.isDryRun = isDryRun }

    mutating func lines(
        _ pass: Upkeep.Pass, _ outcomes: [StepOutcome], isHeld: Bool, in cluster: Cluster
    ) -> [LogLine] {
        let isQuiet =
            pass.plan.steps.isEmpty && pass.news.isEmpty && pass.faults.isEmpty
            && failures.isEmpty && faults.isEmpty && wouldBe.isEmpty && isHeld == wasHeld
        guard !isQuiet else { return [] }
        let names = Dictionary(
            cluster.services.map { ($0.key, $0.name) }, uniquingKeysWith: { first, _ in first })
        func metadata(_ key: ServiceKey) -> Logger.Metadata {
            ["service": "\(names[key] ?? "\(key)")"]
        }
        var lines = pass.news.map { news in
            LogLine(
                level: news.answer == .mends ? .notice : .warning,
                "\(news.drift.text); \(news.answer.text)", metadata(news.service))
        }
        lines += pass.faults.filter { !faults.contains($0) }.map {
            LogLine(
                level: .error, "a change of the table was refused by its own check: \($0.text)",
                metadata($0.service))
        }
        faults = pass.faults
        if isHeld, !wasHeld {
            lines.append(
                LogLine(
                    level: .warning,
                    "more than \(Upkeep.mostServicesRemoved) services are no longer declared, and stay in the table: declare them again, or remove them with ipvsadm -D"
                ))
        }
        wasHeld = isHeld
        return lines + (isDryRun ? linesOfDryRun(pass, metadata) : linesOfSteps(outcomes, metadata))
    }

    private mutating func linesOfSteps(
        _ outcomes: [StepOutcome], _ metadata: (ServiceKey) -> Logger.Metadata
    ) -> [LogLine] {
        var lines: [LogLine] = []
        var stillFailing: [String: String] = [:]
        var rest = outcomes[...]
        while let service = rest.first?.step.service {
            let run = rest.prefix { $0.step.service == service }
            rest = rest[run.endIndex...]
            let done = run.filter { $0.result == .done }.map(\.step.deed)
            if !done.isEmpty {
                lines.append(LogLine(level: .notice, Self.list(done), metadata(service)))
            }
            for outcome in run {
                guard case .refused(let error) = outcome.result else { continue }
                let deed = "\(service) \(outcome.step.deed)"
                stillFailing[deed] = "\(error)"
                if failures[deed] != "\(error)" {
                    lines.append(LogLine(level: .warning, "\(error)", metadata(service)))
                }
            }
        }
        failures = stillFailing
        return lines
    }

    private mutating func linesOfDryRun(
        _ pass: Upkeep.Pass, _ metadata: (ServiceKey) -> Logger.Metadata
    ) -> [LogLine] {
        let told = wouldBe
        wouldBe = Set(pass.plan.steps.map { "\($0.service) \($0.deed)" })
        return pass.plan.steps.filter { !told.contains("\($0.service) \($0.deed)") }.map {
            LogLine(level: .info, "would be: \($0.deed)", metadata($0.service))
        }
    }

    private static func list(_ deeds: [String]) -> String {
        let shown = deeds.prefix(Narrator.linesInTick).joined(separator: ", ")
        let rest = deeds.count - Narrator.linesInTick
        return shown + (rest > 0 ? " and \(rest) more" : "")
    }
}

extension Plan.Step {
    /// What was done, where the service is named beside it.
    fileprivate var deed: String {
        switch self {
        case .makeService(_, let setup): "made with \(setup.scheduler.name)"
        case .editService(_, let setup): "set up anew with \(setup.scheduler.name)"
        case .removeService: "removed, as it is no longer declared"
        case .addDestination(_, let key, _, let weight): "\(key) added with \(weight.rawValue)"
        case .editDestination(_, let key, _): "\(key) set up anew"
        case .removeDestination(_, let key): "\(key) removed"
        case .setWeight(_, let key, let from, let to, _): "\(key) \(from)→\(to.rawValue)"
        }
    }
}
