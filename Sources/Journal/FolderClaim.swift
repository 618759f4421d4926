// One master at a time writes to a journal's folder; at its end the kernel takes the right back.

internal import CLinux
internal import Daemon

/// The right to write to a folder and to remove what is in it.
///
/// A dry run beside the live master is a second master: it must not take the other's files.
final class FolderClaim: Sendable {
    private let folder: Descriptor

    /// Makes the folder where there is none, and claims it.
    init(_ path: String) throws(SystemError) {
        // With its remedy, since a master that was upgraded without its unit ends up here.
        guard mkdir(path, 0o750) == 0 || linux_errno() == EEXIST else {
            throw Self.failure("make the journal's folder \(path)", linux_errno(), path)
        }
        let number = linux_open(path, O_RDONLY | O_DIRECTORY, 0)
        guard number >= 0 else {
            throw Self.failure("open the journal's folder \(path)", linux_errno(), path)
        }
        folder = try Descriptor(number, "open \(path)")
        while linux_claim(number) != 0 {
            let failure = linux_errno()
            if failure == EINTR { continue }
            throw SystemError(
                "record in \(path)", number: failure,
                remedy: failure == EWOULDBLOCK
                    ? "another master records there; give this one a journal.folder of its own, "
                        + "or write record: off" : nil)
        }
    }

    /// Whether the claim is of what is at `path` now; somebody may have put another folder there.
    func isOf(_ path: String) -> Bool {
        var (there, here) = (linux_file(), linux_file())
        return linux_examine_path(path, &there) == 0 && linux_examine(folder.number, &here) == 0
            && there.inode == here.inode
    }

    private static func failure(_ action: String, _ number: Int32, _ path: String) -> SystemError {
        SystemError(action, number: number, remedy: remedy(for: path))
    }

    private static func remedy(for path: String) -> String {
        "the unit of this release makes it (StateDirectory=poise): install "
            + "poise-master.service, then systemctl daemon-reload and restart; elsewhere make "
            + "\(path) for the master's user, or write record: off"
    }
}
