// One file of /proc, opened once and read over and over.

internal import Daemon

/// A kernel file kept open: reading again costs half of opening anew.
final class ProcFile {
    private let descriptor: Descriptor
    /// A longer file is cut; callers ask for what stands at its start.
    private let byteCount: Int
    private let isInPieces: Bool

    /// Opens the file; `isInPieces` for one that the kernel hands out a page at a time.
    init(_ path: String, byteCount: Int, isInPieces: Bool = false) throws(SystemError) {
        descriptor = try Descriptor(reading: path)
        self.byteCount = byteCount
        self.isInPieces = isInPieces
    }

    /// What `parse` makes of the file as it is now; `nil` when it cannot be read.
    func read<Result>(_ parse: (UnsafeRawBufferPointer) -> Result?) -> Result? {
        withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 8) { buffer in
            let count =
                isInPieces
                ? try? descriptor.readAllAgain(into: buffer)
                : try? descriptor.readAgain(into: buffer)
            guard let count else { return nil }
            return parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
    }
}
