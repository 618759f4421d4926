// How an import reads files: by these two questions, so that a test can answer them.

internal import Glibc

struct ImportFiles: Sendable {
    /// The text of a file; nothing when there is none.
    let read: @Sendable (_ path: String) throws(Failure) -> String?
    /// The files that a pattern of glob(7) names, in its order.
    let matching: @Sendable (_ pattern: String) -> [String]

    /// Of all files of one import together.
    static let mostBytes = 16 << 20
    static let mostMatches = 1000

    static let onDisk = ImportFiles(
        read: { path throws(Failure) in try TextFile.read(path) },
        matching: { pattern in
            var found = glob_t()
            defer { globfree(&found) }
            guard glob(pattern, GLOB_BRACE, nil, &found) == 0, let paths = found.gl_pathv else {
                return []
            }
            return (0..<min(Int(found.gl_pathc), mostMatches)).compactMap { index in
                paths[index].map { String(cString: $0) }
            }
        })
}
