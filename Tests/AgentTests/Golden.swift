// Texts that must come out exactly; UPDATE_GOLDEN=1 writes them anew.

import CLinux
import Testing

@testable import Daemon

enum Golden {
    /// The folder of these tests.
    static let folder = String(#filePath.dropLast("Golden.swift".count))
    /// The root of the repository.
    static let root = String(folder.dropLast("Tests/AgentTests/".count))

    static func text(_ path: String) throws -> String {
        String(decoding: try Descriptor(reading: path).readAll(limit: 1 << 20), as: UTF8.self)
    }

    /// Expects `text` to be what the file says, or makes the file say it.
    static func expect(_ text: String, in path: String) throws {
        if getenv("UPDATE_GOLDEN") != nil {
            let file = try Descriptor(
                linux_open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644), "write \(path)")
            let bytes = Array(text.utf8)
            #expect(linux_write(file.number, bytes, bytes.count) == bytes.count)
        } else {
            #expect(text == (try? self.text(path)), "golden file \(path)")
        }
    }
}
