// The ring of files on disk: the oldest goes to make room for the newest.

internal import CLinux
internal import Daemon

/// Writes blocks to the newest segment of a folder, and keeps all of them within their size.
///
/// Until its checkpoint is whole, a segment has another name, under which nobody takes it for one;
/// what fails before is removed. Belongs to one thread.
struct SegmentFiles: ~Copyable {
    private let folder: String
    private var mostBytes = 0
    private var claim: FolderClaim?
    private var segments: [Segment] = []
    private var current: Descriptor?
    /// The number of `current`.
    private var openNumber: Int32?
    /// Whether the newest segment is one for readers.
    private var isConfirmed = false

    private struct Segment {
        let number: Int
        /// Up to its last whole block.
        var byteCount: Int
    }

    init(folder: String) { self.folder = folder }

    /// Ends the segment before and begins another, all within `mostBytes`.
    mutating func begin(mostBytes: Int) throws(SystemError) {
        abandon()
        self.mostBytes = mostBytes
        try takeFolder()
        try makeRoom(for: SegmentForm.head.count)
        let number = (segments.last?.number ?? 0) + 1
        let path = SegmentName.path(in: folder, number: number, isWhole: false)
        let descriptor = try Descriptor(
            linux_open(path, O_WRONLY | O_CREAT | O_EXCL, 0o640), "make \(path)")
        segments.append(Segment(number: number, byteCount: 0))
        openNumber = descriptor.number
        isConfirmed = false
        current = consume descriptor
        try append(SegmentForm.head)
    }

    /// Claims the folder and looks at what is in it.
    private mutating func takeFolder() throws(SystemError) {
        let isClaimed = claim?.isOf(folder) ?? false
        if !isClaimed {
            claim = nil
            claim = try FolderClaim(folder)
        }
        let names = try Folder.names(in: folder, limit: SegmentName.mostFiles)
        // A master died over them.
        for name in names where SegmentName.isUnfinished(name) { unlink("\(folder)/\(name)") }
        segments = names.compactMap(SegmentName.number).sorted().map {
            Segment(
                number: $0,
                byteCount: Self.byteCount(of: SegmentName.path(in: folder, number: $0)))
        }
    }

    /// Adds a block to the newest segment.
    mutating func write(_ content: [UInt8]) throws(SystemError) {
        guard openNumber != nil else { return }
        try makeRoom(for: content.count + SegmentForm.blockHeadByteCount)
        try append(SegmentForm.blockHead(content), content)
    }

    /// The newest segment holds a whole checkpoint: it is one for readers from now on.
    mutating func confirm() throws(SystemError) {
        guard openNumber != nil, !isConfirmed, let number = segments.last?.number else { return }
        let path = SegmentName.path(in: folder, number: number)
        guard rename(SegmentName.path(in: folder, number: number, isWhole: false), path) == 0
        else { throw SystemError("name \(path)", number: linux_errno()) }
        isConfirmed = true
    }

    /// Nothing more comes; what was begun and is of no use is removed.
    mutating func abandon() {
        if let number = openNumber, let last = segments.last {
            if isConfirmed {
                // A block that the disk had no room for would look like one that a death tore.
                _ = ftruncate(number, last.byteCount)
            } else {
                unlink(SegmentName.path(in: folder, number: last.number, isWhole: false))
                segments.removeLast()
            }
        }
        openNumber = nil
        current = nil
    }

    private mutating func append(_ pieces: [UInt8]...) throws(SystemError) {
        guard let number = openNumber, let last = segments.indices.last else { return }
        for bytes in pieces {
            var failure: SystemError?
            bytes.withUnsafeBytes { bytes in
                var done = 0
                while done < bytes.count {
                    let count = linux_write(
                        number, bytes.baseAddress.map { $0 + done }, bytes.count - done)
                    if count < 0 && linux_errno() == EINTR { continue }
                    guard count > 0 else {
                        failure = SystemError(
                            "write to the journal in \(folder)", number: linux_errno())
                        return
                    }
                    done += count
                }
            }
            if let failure { throw failure }
        }
        segments[last].byteCount += pieces.reduce(0) { $0 + $1.count }
    }

    /// Removes the oldest segments, but for the newest.
    private mutating func makeRoom(for byteCount: Int) throws(SystemError) {
        var total = segments.reduce(0) { $0 + $1.byteCount }
        while total + byteCount > mostBytes || segments.count > SegmentName.mostSegments,
            segments.count > (openNumber == nil ? 0 : 1)
        {
            let path = SegmentName.path(in: folder, number: segments[0].number)
            guard unlink(path) == 0 || linux_errno() == ENOENT else {
                throw SystemError("remove \(path)", number: linux_errno())
            }
            total -= segments.removeFirst().byteCount
        }
    }

    static func byteCount(of path: String) -> Int {
        var facts = stat()
        return stat(path, &facts) == 0 ? Int(facts.st_size) : 0
    }
}

/// How segments are called: 00000001.journal, and on; 00000002.beginning before it is one.
enum SegmentName {
    private static let ending = ".journal"
    private static let unfinishedEnding = ".beginning"
    private static let digits = 8
    /// A folder with more is none of ours.
    static let mostFiles = 10_000
    /// A master that starts again and again makes small ones.
    static let mostSegments = 1_000

    static func path(in folder: String, number: Int, isWhole: Bool = true) -> String {
        let text = String(number)
        let zeros = String(repeating: "0", count: max(0, digits - text.count))
        return "\(folder)/\(zeros)\(text)\(isWhole ? ending : unfinishedEnding)"
    }

    static func number(_ name: String) -> Int? { number(name, ending) }

    static func isUnfinished(_ name: String) -> Bool { number(name, unfinishedEnding) != nil }

    private static func number(_ name: String, _ ending: String) -> Int? {
        guard name.hasSuffix(ending) else { return nil }
        let number = name.dropLast(ending.count)
        guard number.utf8.count >= digits, number.utf8.count < 18 else { return nil }
        return number.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
            ? Int(number) : nil
    }
}
