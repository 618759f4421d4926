// A journal as it lies on a disk: a folder of segments, or one of them.

internal import CLinux
internal import Daemon

/// The segments of a journal, the oldest first.
package struct JournalFiles: Sendable {
    package let paths: [String]

    /// Why a journal cannot be read, for people.
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package let description: String
        /// Whether the file is not there, as when it made room meanwhile.
        package var isGone = false
    }

    /// The segments of a folder, or the one file itself.
    package init(at path: String) throws(Failure) {
        do throws(SystemError) {
            paths = try Folder.names(in: path, limit: SegmentName.mostFiles)
                .compactMap(SegmentName.number).sorted()
                .map { SegmentName.path(in: path, number: $0) }
        } catch {
            guard error.number == ENOTDIR else { throw Failure(description: "\(error)") }
            paths = [path]
        }
        guard !paths.isEmpty else {
            throw Failure(description: "\(path) has no journal, which is files NUMBER.journal")
        }
    }

    /// What one of `paths` holds.
    package static func content(of path: String) throws(Failure) -> SegmentForm.Content {
        let file: [UInt8]
        do throws(SystemError) {
            let byteCount = SegmentFiles.byteCount(of: path)
            file = try Descriptor(reading: path).readAll(limit: byteCount)
        } catch {
            throw Failure(description: "\(error)", isGone: error.number == ENOENT)
        }
        do throws(JournalError) {
            return try SegmentForm.content(of: file)
        } catch {
            throw Failure(description: "\(path): \(error.text)")
        }
    }
}
