// A thread of its own for the disk: who records only hands over what gathered.

package import Daemon
internal import Dispatch
internal import Synchronization

/// Takes full buffers and gives empty ones; never waits for the disk.
package final class JournalWriter: Sendable {
    // Held by the queue's work alone, one after the other.
    private let files: Mutex<SegmentFiles>
    private let desk: Mutex<Desk>
    private let queue = DispatchQueue(label: "journal")

    /// What both threads look at, for an instant each.
    private struct Desk {
        /// Empty buffers, with their room.
        var free: [[UInt8]]
        /// The oldest first.
        var waiting: [Piece] = []
        /// Why nothing is written, from the first failure until bytes are written again.
        var trouble: SystemError?
        /// Nothing more is taken before another segment begins.
        var isBroken = false
    }

    private enum Piece {
        case beginning(mostBytes: Int)
        case bytes([UInt8])
        /// The checkpoint is whole.
        case confirmation
        case end
    }

    /// So many pieces may wait for the disk.
    private static let bufferCount = 8

    /// Writes to segments in `folder`.
    package init(folder: String) {
        files = Mutex(SegmentFiles(folder: folder))
        desk = Mutex(Desk(free: Array(repeating: [], count: Self.bufferCount)))
    }

    /// Begins another segment behind everything that was handed over; all of them together stay
    /// within `mostBytes`.
    ///
    /// It is removed again unless ``confirm()`` follows.
    func begin(mostBytes: Int) {
        desk.withLock { $0.isBroken = false }
        post(.beginning(mostBytes: mostBytes))
    }

    /// What was handed over since the beginning is a whole checkpoint.
    func confirm() { post(.confirmation) }

    /// Nothing more comes for the segment; without a whole checkpoint it is removed.
    func end() { post(.end) }

    private func post(_ piece: Piece) {
        desk.withLock { $0.waiting.append(piece) }
        queue.async { self.workOff() }
    }

    /// Takes the bytes, and gives an empty buffer for them; false when none is free.
    func take(_ bytes: inout [UInt8]) -> Bool {
        let isTaken = desk.withLock { desk in
            guard !desk.isBroken, let empty = desk.free.popLast() else { return false }
            desk.waiting.append(.bytes(bytes))
            bytes = empty
            return true
        }
        if isTaken { queue.async { self.workOff() } }
        return isTaken
    }

    /// Whether every buffer came back.
    var isIdle: Bool { desk.withLock { $0.free.count == Self.bufferCount } }

    /// Why nothing is written; nothing while all is well.
    package var trouble: SystemError? { desk.withLock { $0.trouble } }

    /// Waits for what was handed over, for so long at most.
    package func finish(waitingSeconds seconds: Double) {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: .now() + seconds)
    }

    /// Writes the piece that waits longest.
    private func workOff() {
        let (next, isBroken) = desk.withLock { desk in
            (desk.waiting.isEmpty ? nil : desk.waiting.removeFirst(), desk.isBroken)
        }
        switch consume next {
        case .beginning(let mostBytes):
            attempt { files throws(SystemError) in try files.begin(mostBytes: mostBytes) }
        case .confirmation:
            if !isBroken { attempt { files throws(SystemError) in try files.confirm() } }
        case .end:
            files.withLock { $0.abandon() }
        case .bytes(var bytes):
            if !isBroken {
                let isWritten = attempt { files throws(SystemError) in try files.write(bytes) }
                if isWritten { desk.withLock { $0.trouble = nil } }
            }
            // What held a large table once need not do so for ever.
            if bytes.capacity > 4 * RecordWriter.pieceByteCount {
                bytes = []
            } else {
                bytes.removeAll(keepingCapacity: true)
            }
            desk.withLock { $0.free.append(bytes) }
        case nil:
            break
        }
    }

    /// Whether it was done; if not, the segment ends.
    @discardableResult
    private func attempt(
        _ body: (inout SegmentFiles) throws(SystemError) -> Void
    ) -> Bool {
        let failure = files.withLock { files -> SystemError? in
            do throws(SystemError) {
                try body(&files)
                return nil
            } catch {
                files.abandon()
                return error
            }
        }
        guard let failure else { return true }
        desk.withLock { desk in
            desk.trouble = failure
            desk.isBroken = true
        }
        return false
    }
}
