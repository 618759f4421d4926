// What the owner of a balancer tells of every event, so that it can be replayed.

internal import Daemon
package import Protocol
package import Weighting

/// Records the events of one balancer, as long as the disk follows.
///
/// Never waits: what the disk is too slow for is left out up to the next checkpoint, and counted.
package struct Recorder {
    private let writer: JournalWriter
    private let release: String
    private let mostBytes: Int
    private var records = RecordWriter()
    private var state = State.ready
    /// Of the present segment.
    private var byteCount = 0
    /// A segment ends when it has more.
    private var segmentByteCount = 0
    /// Records that were left out.
    package private(set) var lostCount: UInt64 = 0

    private enum State {
        /// The first segment begins as soon as it may.
        case ready
        case recording
        case waiting(until: Instant)
        /// One checkpoint alone would fill it.
        case tooSmall(checkpointByteCount: Int)
    }

    /// After a failure it is tried again this late.
    private static let retrySeconds = 10.0
    /// A record of one report is never longer.
    private static let spareByteCount = 4 << 10

    package init(_ writer: JournalWriter, mostBytes: Int, release: String) {
        self.writer = writer
        self.mostBytes = mostBytes
        self.release = release
    }

    /// Why nothing is recorded; nothing while all is well.
    package var failure: String? {
        switch state {
        case .ready: nil
        case .recording: writer.trouble.map { "\($0)" }
        case .waiting: writer.trouble.map { "\($0)" } ?? "the disk is too slow"
        case .tooSmall(let count):
            "what is known takes \(count >> 20) MiB, which is too much for a journal of "
                + "\(mostBytes >> 20) MiB; raise journal.size"
        }
    }

    /// A report was heard.
    package mutating func hear(_ report: borrowing Report, _ heard: Event.Heard) {
        guard case .recording = state else {
            lostCount += 1
            return
        }
        records.hear(report, heard)
        if records.bytes.count >= RecordWriter.pieceByteCount - Self.spareByteCount {
            handOver(at: heard.at)
        }
    }

    /// A tick was decided on, and these steps of its plan were taken.
    package mutating func tick(_ table: Table, _ decision: Decision, applied: [Plan.Step]) {
        guard case .recording = state else {
            lostCount += 1
            return
        }
        records.tick(table, decision, applied: applied)
        handOver(at: decision.at)
    }

    /// Another configuration took the place of the one before.
    package mutating func adopted(_ cluster: Cluster, at now: Instant) {
        guard case .recording = state else { return }
        do {
            try records.adopted(cluster) { [writer] bytes in
                guard writer.take(&bytes) else { throw Slow() }
            }
            handOver(at: now)
        } catch {
            wait(at: now)
        }
    }

    /// Begins a segment where that is due; to be called between events, with all that is known.
    package mutating func keepUp(_ balancer: Balancer, at now: Instant, unixNanoseconds: UInt64) {
        let isContinued: Bool
        switch state {
        case .recording:
            // A failure of the disk is seen here, when bytes are handed over no more.
            guard byteCount > segmentByteCount else { return }
            isContinued = true
        case .ready:
            isContinued = false
        case .waiting(let time):
            guard now >= time, writer.isIdle else { return }
            isContinued = false
        case .tooSmall:
            return
        }
        begin(
            balancer,
            Checkpoint.Moment(
                release: release, at: now, unixNanoseconds: unixNanoseconds,
                isContinued: isContinued))
    }

    private mutating func begin(_ balancer: Balancer, _ moment: Checkpoint.Moment) {
        records.bytes.removeAll(keepingCapacity: true)
        writer.begin()
        var handed = 0
        do {
            try records.checkpoint(balancer, moment) { [writer] bytes in
                handed += bytes.count
                guard writer.take(&bytes) else { throw Slow() }
            }
        } catch {
            wait(at: moment.at)
            return
        }
        byteCount = handed + records.bytes.count
        // A few segments, so that the end of the oldest does not take all; and each with more of
        // events than of what it begins with.
        segmentByteCount = max(mostBytes / 4, 3 * byteCount)
        guard segmentByteCount <= mostBytes / 2 else {
            state = .tooSmall(checkpointByteCount: byteCount)
            return
        }
        state = .recording
        byteCount = handed
        handOver(at: moment.at)
    }

    private mutating func handOver(at now: Instant) {
        byteCount += records.bytes.count
        // Segments end at a tick. Where none comes, as while the table cannot be read, reports alone
        // would fill the disk.
        let isOverfull = byteCount > segmentByteCount / 2 * 3
        if isOverfull || !writer.take(&records.bytes) { wait(at: now) }
    }

    private mutating func wait(at now: Instant) {
        state = .waiting(until: now.advanced(bySeconds: Self.retrySeconds))
        lostCount += 1
        records.bytes.removeAll(keepingCapacity: true)
    }

    private struct Slow: Error {}
}
