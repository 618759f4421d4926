// Another policy over a recording: the same when it is the same, and what differs when it is not.

import Protocol
import Testing
import Weighting

@testable import Journal

@Suite struct ComparisonTests {
    /// In which no write is refused: those of a policy that did not run never are.
    private func records(seed: UInt64) throws -> [UInt8] {
        var run = RandomRun(seed: seed, refusedShare: 0)
        var writer = RecordWriter()
        try writer.checkpoint(
            run.balancer,
            Checkpoint.Moment(release: Poise.version, at: run.now, unixNanoseconds: 1_000)
        ) { _ in }
        for step in run.advance(600) {
            switch step {
            case .report(let report, let heard): writer.hear(report, heard)
            case .tick(let table, let decision, let applied):
                writer.tick(table, decision, applied: applied)
            case .adopted(let cluster): try writer.adopted(cluster) { _ in }
            case .checked(let found): writer.checked(found)
            case .ordered(let orders): try writer.ordered(orders) { _ in }
            }
        }
        return writer.bytes
    }

    @Test func `ticks come when they came, whatever interval the other policy has`() throws {
        var comparison = Comparison { cluster in
            var other = cluster
            other.policy.interval = 0.01
            return other
        }
        #expect(comparison.take(try records(seed: 32)) == nil)
        #expect(comparison.interval == Policy().interval)
        let late = Hold.masterLate.code
        for row in comparison.rows.values {
            #expect(row.recorded.reasons[late] == row.other.reasons[late])
        }
    }

    @Test func `a policy that writes nothing writes nothing`() throws {
        var comparison = Comparison { cluster in
            var other = cluster
            other.policy.deadband = 0.5
            other.policy.gain = 0
            return other
        }
        #expect(comparison.take(try records(seed: 31)) == nil)
        let rows = comparison.rows.values
        let writes = rows.reduce(0) { $0 + $1.recorded.writes }
        let others = rows.reduce(0) { $0 + $1.other.writes }
        #expect(writes > 0)
        #expect(others < writes)
        #expect(comparison.ticks == 120)
        #expect(comparison.lastUnixNanoseconds > comparison.firstUnixNanoseconds)
        // A reload may leave the other service fewer members.
        for row in rows where row.service == "web" {
            #expect(row.recorded.reasons.values.reduce(0, +) == 120)
            #expect(row.other.reasons.values.reduce(0, +) == 120)
        }
    }

    @Test func `what comes before the start is heard and not counted`() throws {
        let records = try records(seed: 31)
        var whole = Comparison { $0 }
        #expect(whole.take(records) == nil)
        let start = whole.firstUnixNanoseconds + 30_000_000_000
        var rest = Comparison(from: start) { cluster in
            var other = cluster
            other.policy.gain = 0
            return other
        }
        #expect(rest.take(records) == nil)
        #expect(rest.firstUnixNanoseconds >= start && rest.ticks > 0)
        #expect(rest.ticks < whole.ticks)
        #expect(rest.lastUnixNanoseconds == whole.lastUnixNanoseconds)
        for (member, row) in rest.rows {
            let recorded = whole.rows[member]?.recorded
            // The same recording, and the same weights to begin with.
            #expect(row.recorded.last == recorded?.last)
            #expect(row.recorded.points.first?.weight == row.other.points.first?.weight)
        }
        #expect(rest.rows.values.contains { $0.recorded.last != $0.other.last })
        // The same policy comes to the same.
        #expect(whole.rows.values.allSatisfy { $0.recorded.last == $0.other.last })
    }
}
