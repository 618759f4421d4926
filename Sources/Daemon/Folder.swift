// Which names a folder holds, and a cheap way to see that they changed.

internal import CLinux

/// What is compared to see whether a folder's entries changed.
package struct FolderMark: Equatable, Sendable {
    private let device, inode, seconds, nanoseconds: UInt64

    /// The mark of the folder as it is now; `nil` when there is none.
    ///
    /// The kernel's clock for it moves in steps of up to 10 ms, so two changes within one step may
    /// leave the same mark.
    package init?(of path: String) throws(SystemError) {
        var facts: [UInt64] = [0, 0, 0, 0]
        // Passed as it is, a string would be copied first, and the agent asks twice a second.
        guard path.withCString({ linux_folder_mark($0, &facts) }) == 0 else {
            let number = linux_errno()
            guard number == ENOENT else { throw SystemError("look at \(path)", number: number) }
            return nil
        }
        (device, inode, seconds, nanoseconds) = (facts[0], facts[1], facts[2], facts[3])
    }
}

package enum Folder {
    /// The names in a folder, without those that begin with a dot; at most `limit` of them.
    package static func names(in path: String, limit: Int) throws(SystemError) -> [String] {
        guard let folder = opendir(path) else { throw SystemError("list \(path)") }
        defer { _ = closedir(folder) }
        var names: [String] = []
        while names.count < limit, let entry = linux_next_name(folder) {
            let name = String(cString: entry)
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    /// Makes a folder with `mode` unless something of that name is there.
    package static func make(_ path: String, mode: UInt32) {
        // Without it whatever needs the folder fails, and says so.
        _ = mkdir(path, mode)
    }
}
