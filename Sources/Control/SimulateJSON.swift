// A run of a simulation as one line of JSON.

internal import Simulation

enum SimulateJSON {
    /// The keys are those that programs rely on; names hold nothing that would need quoting.
    static func line(_ run: Run) -> String {
        let figures = run.figures
        let members = [
            ("scenario", "\"\(run.scenario)\""),
            ("scheduler", "\"\(run.contender.scheduler.rawValue)\""),
            ("policy", "\"\(run.contender.policy.rawValue)\""),
            ("seed", "\(run.seed)"),
            ("p50_ms", Number.fixed(figures.p50Milliseconds, 2)),
            ("p99_ms", Number.fixed(figures.p99Milliseconds, 2)),
            ("p999_ms", Number.fixed(figures.p999Milliseconds, 2)),
            ("bad_share", Number.fixed(figures.badShare, 6)),
            ("event_bad_share", Number.fixed(figures.eventBadShare, 6)),
            ("settle_s", number(figures.settleSeconds)),
            ("back_s", number(figures.backSeconds)),
            ("edits_per_s", Number.fixed(figures.editsPerSecond, 3)),
            ("weight_variation", Number.fixed(figures.weightVariation, 4)),
        ]
        return "{" + members.map { "\"\($0)\":\($1)" }.joined(separator: ",") + "}\n"
    }

    private static func number(_ value: Double?) -> String {
        value.map { Number.fixed($0, 0) } ?? "null"
    }
}
