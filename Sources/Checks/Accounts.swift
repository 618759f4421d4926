// Who may run a program: the users of this machine, from wherever it has them.

package import Daemon
internal import Glibc

package enum Accounts {
    private static let noteBytes = 16_384

    /// The numbers of a user by name; `nil` when there is none.
    package static func user(named name: String) -> UserNumbers? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: noteBytes) { notes in
            guard let start = notes.baseAddress,
                getpwnam_r(name, &entry, start, notes.count, &found) == 0, found != nil
            else { return nil }
            return UserNumbers(user: entry.pw_uid, group: entry.pw_gid)
        }
    }
}
