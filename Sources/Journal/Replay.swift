// Recorded events through the same balancer once more: is every decision what it was?

package import Weighting

/// What became of the replay of one segment.
package struct Replay: Equatable, Sendable {
    package var reports = 0
    package var ticks = 0
    package var reloads = 0
    /// Of the first decision that is another than the recorded one.
    package var difference: Difference?
    /// Where the recording begins and ends, on people's clock.
    package var fromUnixNanoseconds: UInt64 = 0
    package var untilUnixNanoseconds: UInt64 = 0
    /// Of the master that recorded it.
    package var release = ""
    /// Why the rest of it was not read.
    package var end: JournalError?

    package struct Difference: Equatable, Sendable {
        /// Counted from 1.
        package let tick: Int
        package let unixNanoseconds: UInt64
        package let recorded: UInt64
        package let replayed: UInt64
    }

    /// Replays the records of one segment up to its end, or to the first difference.
    package static func of(_ records: [UInt8]) -> Replay {
        var replay = Replay()
        do {
            try replay.run(RecordReader(records))
        } catch {
            let end = JournalError(error)
            replay.end = end
            if case .otherRelease(let release, _) = end { replay.release = release }
        }
        return replay
    }

    /// Whether all of it was read, and every decision came out as it was.
    package var isIdentical: Bool { difference == nil && end == nil && ticks > 0 }

    private mutating func run(_ reader: consuming RecordReader) throws {
        var balancer: Balancer?
        var digest: (value: UInt64, at: Instant)?
        var clock: Checkpoint.Moment?
        while let record = try reader.next() {
            switch record {
            case .checkpoint(let checkpoint):
                balancer = checkpoint.balancer
                clock = checkpoint.moment
                release = checkpoint.moment.release
                fromUnixNanoseconds = checkpoint.moment.unixNanoseconds
                untilUnixNanoseconds = fromUnixNanoseconds
            case .part(let part):
                guard balancer?.put(part) == true else { throw JournalError.noPlace }
            case .whole: break
            case .event(let event):
                guard balancer != nil else { throw JournalError.damaged("it has no beginning") }
                if case .report = event { reports += 1 }
                guard let decision = balancer?.take(event) else { continue }
                ticks += 1
                digest = (decision.digest, decision.at)
                untilUnixNanoseconds =
                    clock?.unixNanoseconds(at: decision.at) ?? untilUnixNanoseconds
            case .decided(let recorded):
                guard let replayed = digest?.value else {
                    throw JournalError.damaged("a decision is of no tick")
                }
                guard recorded == replayed else {
                    difference = Difference(
                        tick: ticks, unixNanoseconds: untilUnixNanoseconds, recorded: recorded,
                        replayed: replayed)
                    return
                }
            case .adopted(let cluster):
                reloads += 1
                balancer?.adopt(cluster)
            }
        }
    }
}

extension Checkpoint.Moment {
    /// A moment of the recording on people's clock, as far as that was not set meanwhile.
    package func unixNanoseconds(at instant: Instant) -> UInt64 {
        unixNanoseconds &+ (instant.nanoseconds &- at.nanoseconds)
    }
}
