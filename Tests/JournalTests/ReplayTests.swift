// A recording replays to the same decisions, bit for bit, from wherever a segment begins.

import Protocol
import Testing

@testable import Journal
@testable import Weighting

@Suite struct ReplayTests {
    /// Segments of a run of at least so many events, the balancer's last state with them.
    private func recording(seed: UInt64, events: Int) throws -> (segments: [[UInt8]], RandomRun) {
        var run = RandomRun(seed: seed)
        var segments: [[UInt8]] = []
        var writer = RecordWriter()
        var (count, inSegment) = (0, Int.max)
        while count < events {
            if inSegment >= 300 {
                if !segments.isEmpty { segments[segments.count - 1] += writer.bytes }
                writer.bytes = []
                segments.append([])
                try writer.checkpoint(run.balancer, moment(run)) { bytes in
                    segments[segments.count - 1] += bytes
                    bytes = []
                }
                inSegment = 0
            }
            for step in run.advance(5) {
                count += 1
                inSegment += 1
                switch step {
                case .report(let report, let heard): writer.hear(report, heard)
                case .tick(let table, let decision, let applied):
                    writer.tick(table, decision, applied: applied)
                case .adopted(let cluster): try writer.adopted(cluster) { _ in }
                case .checked(let found): writer.checked(found)
                case .ordered(let orders): try writer.ordered(orders) { _ in }
                }
            }
        }
        segments[segments.count - 1] += writer.bytes
        return (segments, run)
    }

    private func moment(_ run: RandomRun) -> Checkpoint.Moment {
        Checkpoint.Moment(release: Poise.version, at: run.now, unixNanoseconds: 1_000_000_000)
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func `a run of 2,000 events replays identically from every segment`(seed: UInt64) throws {
        let (segments, _) = try recording(seed: seed, events: 2_000)
        #expect(segments.count > 4)
        let replays = segments.map(Replay.of)
        #expect(replays.allSatisfy { $0.end == nil && $0.difference == nil })
        #expect(replays.reduce(0) { $0 + $1.ticks } > 250)
        #expect(replays.reduce(0) { $0 + $1.reports } > 1_500)
        #expect(replays.contains { $0.reloads > 0 })
    }

    @Test func `what a balancer knows is the same after it was written and read`() throws {
        var run = RandomRun(seed: 9)
        for _ in 0..<50 {
            _ = run.advance(17)
            var writer = RecordWriter()
            try writer.checkpoint(run.balancer, moment(run)) { _ in }
            var reader = RecordReader(writer.bytes)
            guard case .checkpoint(let checkpoint) = try reader.next() else {
                Issue.record("no checkpoint was read")
                return
            }
            #expect(checkpoint.moment == moment(run))
            var balancer = checkpoint.balancer
            while case .part(let part) = try reader.next() {
                let isPut = balancer.put(part)
                #expect(isPut)
            }
            #expect(try reader.next() == nil)
            let isSame = text(balancer) == text(run.balancer)
            #expect(isSame)
        }
    }

    /// Everything that it knows; sets have no order, so within a line nothing has.
    private func text(_ balancer: Balancer) -> [String] {
        var text = ""
        dump(balancer, to: &text)
        // Whether a tick is wanted before its time is no knowledge.
        return text.split(separator: "\n").filter { !$0.contains("isChanged") }
            .map { String($0.sorted()) }.sorted()
    }

    @Test func `a checkpoint is handed on in pieces`() throws {
        var run = RandomRun(seed: 4, serverCount: 400)
        _ = run.advance(10)
        var whole = RecordWriter()
        try whole.checkpoint(run.balancer, moment(run)) { _ in }
        var pieces: [[UInt8]] = []
        var writer = RecordWriter()
        try writer.checkpoint(run.balancer, moment(run)) { bytes in
            pieces.append(bytes)
            bytes = []
        }
        #expect(pieces.count > 1)
        #expect(pieces.allSatisfy { $0.count < 2 * RecordWriter.pieceByteCount })
        #expect(pieces.reduce(0) { $0 + $1.count } + writer.bytes.count == whole.bytes.count)
    }

    @Test func `a recording of another release is refused before anything of it is read`() throws {
        var run = RandomRun(seed: 5)
        _ = run.advance(20)
        var writer = RecordWriter()
        try writer.checkpoint(
            run.balancer, Checkpoint.Moment(release: "0.0.9", at: run.now, unixNanoseconds: 1)
        ) { _ in }
        let head = writer.bytes.firstRange(of: Array("0.0.9".utf8))?.upperBound ?? 0
        // Whatever stands behind it.
        let replay = Replay.of(Array(writer.bytes[..<head]) + [0xFF, 0xFF, 0xFF])
        #expect(replay.end == .otherRelease("0.0.9", own: Poise.version))
        #expect(replay.release == "0.0.9")
        #expect(replay.end?.text.contains("use the poise of that release") == true)
    }

    @Test func `a checkpoint that is not whole begins nothing`() throws {
        var run = RandomRun(seed: 6)
        _ = run.advance(20)
        var writer = RecordWriter()
        try writer.begin(run.balancer, moment(run)) { _ in }
        var place = BalancerPart.Place()
        let isWhole = try writer.goOn(run.balancer, at: &place, count: 1) { _ in }
        #expect(!isWhole)
        #expect(Replay.of(writer.bytes).end == .ends)
        for case .tick(let table, let decision, let applied) in run.advance(10) {
            writer.tick(table, decision, applied: applied)
        }
        #expect(Replay.of(writer.bytes).end == .damaged("its beginning is not whole"))
    }

    @Test func `a decision that differs is found where it is`() throws {
        var run = RandomRun(seed: 3)
        var (writer, ticks) = (RecordWriter(), 0)
        try writer.checkpoint(run.balancer, moment(run)) { _ in }
        for step in run.advance(60) {
            switch step {
            case .report(let report, let heard): writer.hear(report, heard)
            case .tick(let table, let decision, let applied):
                ticks += 1
                let changed = Decision(
                    at: decision.at, services: decision.services.dropLast(), plan: decision.plan,
                    violations: [])
                writer.tick(table, ticks == 7 ? changed : decision, applied: applied)
            case .adopted(let cluster): try writer.adopted(cluster) { _ in }
            case .checked(let found): writer.checked(found)
            case .ordered(let orders): try writer.ordered(orders) { _ in }
            }
        }
        let replay = Replay.of(writer.bytes)
        #expect(replay.difference?.tick == 7)
        #expect(replay.difference?.recorded != replay.difference?.replayed)
    }

    @Test func `every bit and every order counts in a digest`() throws {
        var run = RandomRun(seed: 8)
        let decisions = run.advance(300).compactMap { step -> Decision? in
            if case .tick(_, let decision, _) = step { decision } else { nil }
        }
        #expect(Set(decisions.map(\.digest)).count == decisions.count)
        let last = try #require(decisions.last)
        let reversed = Decision(
            at: last.at, services: last.services.reversed(), plan: last.plan, violations: [])
        #expect(reversed.digest != last.digest)
    }
}
