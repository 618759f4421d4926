// Files that are replaced whole: readers, and this process after a crash, see the old or the new.

internal import CLinux

package enum WholeFile {
    /// Puts `bytes` in the place of a file, on disk when this returns.
    package static func replace(_ path: String, _ bytes: [UInt8]) throws(SystemError) {
        // Beside it, since a rename does not cross file systems.
        let draft = path + ".new"
        do {
            let file = try Descriptor(
                linux_open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600),
                "create \(draft)")
            var written = 0
            while written < bytes.count {
                let count = bytes[written...].withUnsafeBytes {
                    write(file.number, $0.baseAddress, $0.count)
                }
                if count < 0 && linux_errno() == EINTR { continue }
                guard count > 0 else { throw SystemError("write \(draft)") }
                written += count
            }
            guard fsync(file.number) == 0 else { throw SystemError("bring \(draft) to disk") }
        }
        guard rename(draft, path) == 0 else { throw SystemError("replace \(path)") }
        let name = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let above = name.map { String(path[..<$0]) + "/" } ?? "."
        let folder = try Descriptor(
            linux_open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0),
            "open the folder of \(path)")
        guard fsync(folder.number) == 0 else { throw SystemError("bring \(path) to disk") }
    }
}
