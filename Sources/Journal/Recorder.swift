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
    private var mostBytes: Int
    private var records = RecordWriter()
    private var state = State.ready
    private var patience = Patience()
    /// Of the present segment.
    private var byteCount = 0
    /// A segment ends when it has more.
    private var segmentByteCount = 0
    /// Records that were left out.
    package private(set) var lostCount: UInt64 = 0

    private enum State {
        /// The first segment begins as soon as it may.
        case ready
        /// Its checkpoint is written as far as here.
        case beginning(BalancerPart.Place, at: Instant)
        case recording
        case waiting(until: Instant)
        /// Until a reload.
        case unable(String)
    }

    /// A record of one report is never longer.
    private static let spareByteCount = 4 << 10
    /// Servers and members whose parts are written at once: a few milliseconds.
    private static let partCount = 320
    /// A checkpoint that takes more of the journal leaves no room for what happens.
    private static let mostCheckpointPart = 6

    package init(_ writer: JournalWriter, mostBytes: Int, release: String) {
        self.writer = writer
        self.mostBytes = mostBytes
        self.release = release
    }

    /// Why events are left out, or were a short time ago; nothing while all is well.
    package var failure: String? {
        if case .unable(let why) = state { return why }
        return patience.trouble ?? writer.trouble.map { "\($0)" }
    }

    package var isRecording: Bool {
        switch state {
        case .beginning, .recording: writer.trouble == nil
        case .ready, .waiting, .unable: false
        }
    }

    /// Whether ``goOn(_:wholly:)`` has something to do.
    package var isBeginning: Bool {
        if case .beginning = state { true } else { false }
    }

    /// A report was heard.
    package mutating func hear(_ report: borrowing Report, _ heard: Event.Heard) {
        guard isTaking() else { return }
        records.hear(report, heard)
        if records.bytes.count >= RecordWriter.pieceByteCount - Self.spareByteCount {
            handOver(at: heard.at)
        }
    }

    /// A check found something new.
    package mutating func checked(_ checked: Checked) {
        guard isTaking() else { return }
        records.checked(checked)
        if records.bytes.count >= RecordWriter.pieceByteCount - Self.spareByteCount {
            handOver(at: checked.at)
        }
    }

    /// A tick was decided on, and these steps of its plan were taken.
    ///
    /// Before it the checkpoint has to be whole.
    package mutating func tick(_ table: Table, _ decision: Decision, applied: [Plan.Step]) {
        guard isTaking() else { return }
        records.tick(table, decision, applied: applied)
        handOver(at: decision.at)
    }

    private mutating func isTaking() -> Bool {
        switch state {
        case .beginning, .recording: return true
        case .ready: return false
        case .waiting, .unable:
            lostCount += 1
            return false
        }
    }

    /// Settings were read again: from the next segment on all of them may take `mostBytes`.
    package mutating func adopt(mostBytes: Int, at now: Instant) {
        self.mostBytes = mostBytes
        switch state {
        case .ready, .beginning, .recording: break
        // Perhaps it was mended.
        case .waiting, .unable: state = .waiting(until: now)
        }
    }

    /// Another configuration took the place of the one before.
    package mutating func adopted(_ cluster: Cluster, at now: Instant) {
        change(at: now) { try $0.adopted(cluster, handOn: $1) }
    }

    /// Other orders are in force.
    package mutating func ordered(_ orders: [Order], at now: Instant) {
        change(at: now) { try $0.ordered(orders, handOn: $1) }
    }

    /// Something changed that is of no single member.
    private mutating func change(
        at now: Instant,
        _ write: (inout RecordWriter, @escaping (inout [UInt8]) throws -> Void) throws -> Void
    ) {
        switch state {
        case .recording:
            let isTaken = attempt(at: now) { recorder, handOn in
                try write(&recorder.records, handOn)
                return true
            }
            if isTaken { handOver(at: now) }
        case .beginning:
            // Its parts would be of two times.
            writer.end()
            state = .ready
        case .ready, .waiting, .unable: break
        }
    }

    /// Begins a segment where that is due; to be called after a tick, with all that is known.
    package mutating func keepUp(
        _ balancer: borrowing Balancer, at now: Instant, unixNanoseconds: UInt64
    ) {
        let isContinued: Bool
        switch state {
        case .recording:
            // A failure of the disk is seen when bytes are handed over no more.
            if writer.trouble == nil { patience.isRecording(at: now) }
            guard byteCount > segmentByteCount else { return }
            isContinued = true
        case .ready:
            isContinued = false
        case .waiting(let time):
            guard now >= time, writer.isIdle else { return }
            isContinued = false
        case .beginning, .unable:
            return
        }
        let moment = Checkpoint.Moment(
            release: release, at: now, unixNanoseconds: unixNanoseconds, isContinued: isContinued)
        records.bytes.removeAll(keepingCapacity: true)
        byteCount = 0
        writer.begin(mostBytes: mostBytes)
        state = .beginning(BalancerPart.Place(), at: now)
        let known = copy balancer
        _ = attempt(at: now) { recorder, handOn in
            try recorder.records.begin(known, moment, handOn: handOn)
            return true
        }
        goOn(balancer, wholly: false)
    }

    /// Goes on with a checkpoint that is not whole, by a few milliseconds or, before a tick, to its
    /// end.
    package mutating func goOn(_ balancer: borrowing Balancer, wholly: Bool) {
        guard case .beginning(var place, let began) = state else { return }
        let known = copy balancer
        let isWhole = attempt(at: began) { recorder, handOn in
            let isWhole = try recorder.records.goOn(
                known, at: &place, count: wholly ? .max : Self.partCount, handOn: handOn)
            recorder.state = .beginning(place, at: began)
            return isWhole
        }
        if isWhole { checkpointIsWhole(at: began) }
    }

    private mutating func checkpointIsWhole(at began: Instant) {
        let checkpointByteCount = byteCount + records.bytes.count
        guard checkpointByteCount <= mostBytes / Self.mostCheckpointPart else {
            stop(tooLarge)
            return
        }
        // A few segments, so that the end of the oldest does not take all; and each with more of
        // events than of what it begins with.
        segmentByteCount = max(mostBytes / 4, 3 * checkpointByteCount)
        state = .recording
        patience.begins(at: began)
        handOver(at: began)
        if case .recording = state { writer.confirm() }
    }

    private mutating func handOver(at now: Instant) {
        byteCount += records.bytes.count
        // Segments end at a tick. Where none comes, as while the table cannot be read, reports alone
        // would fill the disk.
        let isOverfull =
            if case .recording = state { byteCount > segmentByteCount / 2 * 3 } else { false }
        if isOverfull {
            wait(at: now, because: "no tick came for so long that a file is full without one")
        } else if !writer.take(&records.bytes) {
            wait(at: now)
        }
    }

    /// Does what may end the segment, with a way to hand on what gathers; false when it ended.
    private mutating func attempt(
        at now: Instant,
        _ body: (inout Recorder, @escaping (inout [UInt8]) throws -> Void) throws -> Bool
    ) -> Bool {
        let (writer, handed) = (writer, Handed())
        let limit = isBeginning ? mostBytes / Self.mostCheckpointPart - byteCount : Int.max
        do {
            let result = try body(&self) { bytes in
                handed.byteCount += bytes.count
                guard handed.byteCount <= limit else { throw Failure.tooLarge }
                guard writer.take(&bytes) else { throw Failure.slow }
            }
            byteCount += handed.byteCount
            return result
        } catch Failure.tooLarge {
            stop(tooLarge)
        } catch let error as JournalError {
            stop(error.text)
        } catch {
            wait(at: now)
        }
        return false
    }

    private var tooLarge: String {
        "what is known takes more than \((mostBytes / Self.mostCheckpointPart) >> 10) KiB, which is "
            + "the most for a journal of \(mostBytes >> 20) MiB; raise journal.size and reload"
    }

    /// What was handed on during one attempt.
    private final class Handed {
        var byteCount = 0
    }

    private enum Failure: Error {
        case slow
        case tooLarge
    }

    private mutating func stop(_ why: String) {
        writer.end()
        state = .unable(why)
        lostCount += 1
        records.bytes.removeAll(keepingCapacity: true)
    }

    private mutating func wait(at now: Instant, because why: String = "the disk is too slow") {
        let trouble = writer.trouble.map { "\($0)" } ?? why
        writer.end()
        state = .waiting(until: now.advanced(bySeconds: patience.pauseSeconds(after: trouble)))
        lostCount += 1
        records.bytes.removeAll(keepingCapacity: true)
    }
}
