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
        case beginning
        case bytes([UInt8])
    }

    /// So many pieces may wait for the disk.
    private static let bufferCount = 8

    /// Writes to segments in `folder`, which together stay within `mostBytes`.
    package init(folder: String, mostBytes: Int) {
        files = Mutex(SegmentFiles(folder: folder, mostBytes: mostBytes))
        desk = Mutex(Desk(free: Array(repeating: [], count: Self.bufferCount)))
    }

    /// Begins another segment behind everything that was handed over.
    func begin() {
        desk.withLock { desk in
            desk.isBroken = false
            desk.waiting.append(.beginning)
        }
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
        case .beginning:
            let failure = attempt { files throws(SystemError) in try files.begin() }
            if let failure { fail(failure) }
        case .bytes(var bytes):
            if !isBroken {
                let failure = attempt { files throws(SystemError) in try files.write(bytes) }
                if let failure { fail(failure) } else { desk.withLock { $0.trouble = nil } }
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

    private func attempt(
        _ body: (inout SegmentFiles) throws(SystemError) -> Void
    ) -> SystemError? {
        files.withLock { files in
            do throws(SystemError) {
                try body(&files)
                return nil
            } catch {
                files.abandon()
                return error
            }
        }
    }

    private func fail(_ error: SystemError) {
        desk.withLock { desk in
            desk.trouble = error
            desk.isBroken = true
        }
    }
}
