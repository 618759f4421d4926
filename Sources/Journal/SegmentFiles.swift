// The ring of files on disk: the oldest goes to make room for the newest.

internal import CLinux
internal import Daemon

/// Writes blocks to the newest segment of a folder, and keeps all of them within their size.
///
/// Belongs to one thread.
struct SegmentFiles: ~Copyable {
    private let folder: String
    private let mostBytes: Int
    private var segments: [Segment] = []
    private var current: Descriptor?
    /// The number of `current`.
    private var openNumber: Int32?

    private struct Segment {
        let number: Int
        var byteCount: Int
    }

    init(folder: String, mostBytes: Int) {
        self.folder = folder
        self.mostBytes = mostBytes
    }

    /// Ends the segment before and begins another.
    mutating func begin() throws(SystemError) {
        abandon()
        Folder.make(folder, mode: 0o750)
        segments = try Self.numbers(in: folder).map {
            Segment(
                number: $0,
                byteCount: Self.byteCount(of: SegmentName.path(in: folder, number: $0)))
        }
        try makeRoom(for: SegmentForm.head.count)
        let number = (segments.last?.number ?? 0) + 1
        let path = SegmentName.path(in: folder, number: number)
        let descriptor = try Descriptor(
            linux_open(path, O_WRONLY | O_CREAT | O_EXCL, 0o640), "make \(path)")
        segments.append(Segment(number: number, byteCount: 0))
        openNumber = descriptor.number
        current = consume descriptor
        do {
            try append(SegmentForm.head)
        } catch {
            // On a full disk every attempt would leave an empty file.
            abandon()
            unlink(path)
            throw error
        }
    }

    /// Adds a block to the newest segment.
    mutating func write(_ content: [UInt8]) throws(SystemError) {
        guard openNumber != nil else { return }
        try makeRoom(for: content.count + SegmentForm.blockHeadByteCount)
        try append(SegmentForm.blockHead(content))
        try append(content)
    }

    /// What was begun is of no use any more.
    mutating func abandon() {
        openNumber = nil
        current = nil
    }

    private mutating func append(_ bytes: [UInt8]) throws(SystemError) {
        guard let number = openNumber, let last = segments.indices.last else { return }
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
            segments[last].byteCount += bytes.count
        }
        if let failure { throw failure }
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

    private static func numbers(in folder: String) throws(SystemError) -> [Int] {
        try Folder.names(in: folder, limit: SegmentName.mostFiles)
            .compactMap(SegmentName.number).sorted()
    }

    static func byteCount(of path: String) -> Int {
        var facts = stat()
        return stat(path, &facts) == 0 ? Int(facts.st_size) : 0
    }
}

/// How segments are called: 00000001.journal, and on.
enum SegmentName {
    private static let ending = ".journal"
    private static let digits = 8
    /// A folder with more is none of ours.
    static let mostFiles = 10_000
    /// A master that starts again and again makes small ones.
    static let mostSegments = 1_000

    static func path(in folder: String, number: Int) -> String {
        let text = String(number)
        let zeros = String(repeating: "0", count: max(0, digits - text.count))
        return "\(folder)/\(zeros)\(text)\(ending)"
    }

    static func number(_ name: String) -> Int? {
        guard name.hasSuffix(ending) else { return nil }
        let number = name.dropLast(ending.count)
        guard number.utf8.count >= digits, number.utf8.count < 18 else { return nil }
        return number.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
            ? Int(number) : nil
    }
}
