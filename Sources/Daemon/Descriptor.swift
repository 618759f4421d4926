// A file descriptor with one owner, closed when the owner lets go of it.

internal import CLinux

/// An open file descriptor; closed at the end of its owner's life.
package struct Descriptor: ~Copyable, Sendable {
    package let number: Int32

    /// Takes over a descriptor from the kernel; a negative one is the failure of `action`.
    package init(_ number: Int32, _ action: @autoclosure () -> String) throws(SystemError) {
        guard number >= 0 else { throw SystemError(action()) }
        self.number = number
    }

    /// Opens a file for reading.
    package init(reading path: String) throws(SystemError) {
        try self.init(linux_open(path, O_RDONLY, 0), "open \(path)")
    }

    deinit { _ = close(number) }

    /// Reads the file from its start again, as the files of /proc allow.
    ///
    /// Returns the bytes read; a file longer than `buffer` is cut.
    package func readAgain(into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        let count = pread(number, buffer.baseAddress, buffer.count, 0)
        guard count >= 0 else { throw SystemError("read") }
        return count
    }

    /// Reads the file from its start, at most `limit` bytes of it.
    package func readAll(limit: Int) throws(SystemError) -> [UInt8] {
        var failure: SystemError?
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, count in
            do throws(SystemError) {
                count = try readAllAgain(into: UnsafeMutableRawBufferPointer(buffer))
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Reads a file from its start again that the kernel hands out in pieces.
    package func readAllAgain(
        into buffer: UnsafeMutableRawBufferPointer
    ) throws(SystemError) -> Int {
        var total = 0
        while total < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[total...])
            let count = pread(number, rest.baseAddress, rest.count, total)
            guard count >= 0 else { throw SystemError("read") }
            guard count > 0 else { break }
            total += count
        }
        return total
    }
}
