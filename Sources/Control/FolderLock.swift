// One administrator at a time: the lock on a folder of keys.

internal import Glibc

/// The right to change the files of a folder; the kernel takes it back when the process ends.
struct FolderLock {
    /// A file of its own, for root alone: whoever may open it could keep others waiting.
    static let name = ".lock"
    private static let patienceSeconds = 5.0
    private static let pauseSeconds = 0.1

    private let file: Int32

    /// Takes the lock, and waits a short time for somebody who has it.
    init(_ folder: String, pause: (_ seconds: Double) async -> Void) async throws(Failure) {
        let path = "\(folder)/\(Self.name)"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw TextFile.failure("lock", path) }
        var attempts = Int(Self.patienceSeconds / Self.pauseSeconds)
        while flock(file, LOCK_EX | LOCK_NB) != 0 {
            guard errno == EWOULDBLOCK || errno == EINTR else {
                let failure = TextFile.failure("lock", path)
                close(file)
                throw failure
            }
            guard attempts > 0 else {
                close(file)
                throw .files(
                    "somebody else changes the keys in \(printable(folder)) just now, for longer "
                        + "than \(Int(Self.patienceSeconds)) s; nothing was changed. Try again; "
                        + "who it is: fuser \(printable(path))")
            }
            attempts -= 1
            await pause(Self.pauseSeconds)
        }
        self.file = file
    }

    /// Gives it back; call it once.
    func release() { close(file) }
}
