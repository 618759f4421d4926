// A made-up run is recorded, with all that happens in it.

import Weighting

@testable import Journal

extension RecordWriter {
    /// All of a checkpoint at once.
    mutating func checkpoint(
        _ balancer: Balancer, _ moment: Checkpoint.Moment,
        handOn: @escaping (inout [UInt8]) throws -> Void
    ) throws {
        try begin(balancer, moment, handOn: handOn)
        var place = BalancerPart.Place()
        _ = try goOn(balancer, at: &place, count: .max, handOn: handOn)
    }
}

extension Recorder {
    /// Records a step, after which the balancer is as given.
    mutating func take(_ step: RandomRun.Step, of balancer: Balancer, at now: Instant) {
        switch step {
        case .report(let report, let heard): hear(report, heard)
        case .tick(let table, let decision, let applied):
            tick(table, decision, applied: applied)
            keepUp(balancer, at: now, unixNanoseconds: 7)
        case .adopted(let cluster): adopted(cluster, at: now)
        case .checked(let found): checked(found)
        case .ordered(let orders): ordered(orders, at: now)
        }
    }
}

extension RandomRun {
    /// Goes on by tenths of a second and has them recorded.
    mutating func advance(_ count: Int, recording recorder: inout Recorder) {
        advance(count) {
            recorder.take($0, of: $1, at: $2)
        } beforeTick: {
            recorder.goOn($0, wholly: true)
        }
    }
}
