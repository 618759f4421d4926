// Why orders cannot be kept, as a letter to the operator.

internal import Foundation
internal import GRDB

/// What the disk or SQLite said, with what is to be done.
struct OrderTrouble: Error, Equatable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// While `action` was done with the file at `path`.
    init(_ action: String, _ path: String, _ error: any Error) {
        guard let error = error as? DatabaseError else {
            self.init("cannot \(action) \(path): \(error)")
            return
        }
        let remedy =
            switch error.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED:
                "another process uses it: give a second master a `state` folder of its own"
            case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN, .SQLITE_AUTH:
                "the master's user has to be able to write to its folder, which `state` names in "
                    + "master.yaml; the unit makes it (StateDirectory=poise)"
            case .SQLITE_FULL: "its disk is full: make room"
            case .SQLITE_IOERR: "its disk fails: look at the kernel's log"
            default: "see what SQLite says of this"
            }
        self.init(
            "cannot \(action) \(path): \(error.message ?? "\(error.resultCode)"); \(remedy)")
    }

    /// Whether the file is no database, or no whole one.
    static func isCorruption(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        return [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode)
    }
}
