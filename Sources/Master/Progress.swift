// What the master counts of its own work.

internal import IPVS
internal import Protocol
internal import Weighting

/// What happened since the start, for the snapshot.
struct Progress {
    let startedAt: Instant
    private(set) var decisions: UInt64 = 0
    private(set) var writes: UInt64 = 0

    init(startedAt: Instant) { self.startedAt = startedAt }

    mutating func count(_ outcomes: [StepOutcome]) {
        decisions += 1
        writes += UInt64(outcomes.count { $0.result == .done })
    }

    func master(at now: Instant, isDryRun: Bool, table: String, trouble: String?) -> Snapshot.Master
    {
        Snapshot.Master(
            version: Poise.version, uptimeSeconds: now.seconds(since: startedAt),
            decisions: decisions, writes: writes, dryRun: isDryRun, table: table, trouble: trouble)
    }
}
