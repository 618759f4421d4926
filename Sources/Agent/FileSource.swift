// A file of names and values that another program writes.

internal import CLinux
internal import Daemon

/// Reads one file at every report.
final class FileSource {
    struct Settings: Hashable {
        let path: String
        /// After this time without being written anew, what the file says counts no more.
        let ageNanoseconds: Int64
    }

    /// What tells one writing of a file from the next.
    private struct Version: Equatable {
        let inode: UInt64
        let byteCount: UInt64
        let modifiedAt: Int64

        init(_ facts: linux_file) {
            inode = facts.inode
            byteCount = facts.byte_count
            modifiedAt = facts.modified_nanoseconds
        }
    }

    let settings: Settings
    let readings = Readings(holding: true, faultBefore: nil)
    private var version: Version?
    /// When this version was seen first, or was written if that was before the first look.
    private var seenAt: Int64 = 0

    init(_ settings: Settings) { self.settings = settings }

    /// Looks whether the file was written anew, and reads it if so.
    ///
    /// The age is measured from one look to another by the agent's own clock, for the clock that
    /// files are marked by may be set. Only at the first look there is no other.
    func look(at now: Int64, wallClock: () -> Int64 = { linux_real_nanoseconds() }) {
        do throws(SystemError) {
            // Opening costs more than looking, and most looks find the version that is known.
            var seen = linux_file()
            if let version, linux_examine_path(settings.path, &seen) == 0,
                version == Version(seen), now - seenAt <= settings.ageNanoseconds
            {
                return
            }
            // A pipe or a device must not hold the agent up.
            let file = try Descriptor(
                linux_open(settings.path, O_RDONLY | O_NONBLOCK, 0), "open \(settings.path)")
            var facts = linux_file()
            guard linux_examine(file.number, &facts) == 0 else {
                throw SystemError("examine \(settings.path)", number: linux_errno())
            }
            guard facts.mode & UInt32(S_IFMT) == UInt32(S_IFREG) else {
                readings.fail("\(settings.path) is not a regular file")
                return
            }
            let found = Version(facts)
            let isSame = found == version
            if !isSame {
                seenAt = version == nil ? now - age(of: found, at: wallClock()) : now
                version = found
            }
            guard now - seenAt <= settings.ageNanoseconds else {
                let age = timeText(Int(settings.ageNanoseconds / 1_000_000))
                readings.fail("\(settings.path) was not written for \(age)")
                return
            }
            // A version that could not be used stays unusable, and one that was read is known.
            guard !isSame else { return }
            take(try file.readAll(limit: NameValueText.longestBytes + 1), at: now)
        } catch {
            version = nil
            readings.fail(error.description)
        }
    }

    /// How long ago it was written; the limit and one more for all that is older, so that no file
    /// of whatever date takes the sum out of its range.
    private func age(of version: Version, at wallClock: Int64) -> Int64 {
        let tooOld = settings.ageNanoseconds + 1
        guard version.modifiedAt < wallClock else { return 0 }
        let (age, isOver) = wallClock.subtractingReportingOverflow(version.modifiedAt)
        return isOver ? tooOld : min(age, tooOld)
    }

    private func take(_ bytes: [UInt8], at now: Int64) {
        do throws(NameValueFault) {
            let text = try NameValueText(bytes)
            readings.take(text.values, state: text.state, at: now)
        } catch {
            readings.fail("\(settings.path): \(error.text)")
        }
    }
}
