// Reads the text of the agent's file.

internal import CLinux
internal import Daemon

enum ConfigurationFile {
    /// The whole text; a file beyond all reason is refused.
    static func read(_ path: String) throws(SystemError) -> String {
        let file = try Descriptor(reading: path)
        let bytes = try file.readAll(limit: INIFile.longestBytes + 1)
        guard bytes.count <= INIFile.longestBytes else {
            throw SystemError("read \(path)", number: EFBIG)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
