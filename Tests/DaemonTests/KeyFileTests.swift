// Key files: closed to others, written once.

import CLinux
import Testing

@testable import Daemon

/// A new folder that goes away with its owner.
private struct Folder: ~Copyable {
    let path: String

    init() throws {
        var name = Array("/tmp/poise-keys-XXXXXX".utf8CString)
        try #require(mkdtemp(&name) != nil)
        path = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        _ = unlink(path + "/key")
        _ = rmdir(path)
    }
}

@Test func `a key is written with mode 0400 and read back`() throws {
    let folder = try Folder()
    let path = folder.path + "/key"
    try KeyFile.write("secret\n", to: path)
    #expect(try KeyFile.read(path) == "secret\n")
    var facts = stat()
    #expect(stat(path, &facts) == 0)
    #expect(facts.st_mode & 0o777 == 0o400)
    // The draft it was written as is gone.
    #expect(rmdir(folder.path) != 0)
    #expect(unlink(path) == 0)
    #expect(rmdir(folder.path) == 0)
}

@Test func `a key is never written over another`() throws {
    let folder = try Folder()
    let path = folder.path + "/key"
    try KeyFile.write("first", to: path)
    #expect(throws: KeyFileError.exists(path: path)) { try KeyFile.write("second", to: path) }
    #expect(try KeyFile.read(path) == "first")
}

@Test(arguments: [0o640, 0o604, 0o444, 0o460, 0o401])
func `a key that others can use is refused with the command that mends it`(mode: UInt32) throws {
    let folder = try Folder()
    let path = folder.path + "/key"
    try KeyFile.write("secret", to: path)
    #expect(chmod(path, mode) == 0)
    let error = #expect(throws: KeyFileError.tooOpen(path: path, mode: mode)) {
        try KeyFile.read(path)
    }
    #expect(error?.description.contains("chmod 0400 \(path)") == true)
}

@Test func `what cannot be a key file is refused`() throws {
    let folder = try Folder()
    #expect(throws: KeyFileError.self) { try KeyFile.read(folder.path + "/key") }
    #expect(throws: KeyFileError.self) { try KeyFile.read(folder.path) }
    // A pipe that nobody writes to would keep whoever opens it waiting.
    #expect(mkfifo(folder.path + "/key", 0o600) == 0)
    #expect(throws: KeyFileError.notAFile(path: folder.path + "/key")) {
        try KeyFile.read(folder.path + "/key")
    }
    #expect(unlink(folder.path + "/key") == 0)
    try KeyFile.write(String(repeating: "x", count: 4_097), to: folder.path + "/key")
    #expect(throws: KeyFileError.tooLong(path: folder.path + "/key")) {
        try KeyFile.read(folder.path + "/key")
    }
}
