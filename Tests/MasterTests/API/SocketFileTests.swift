// What may be removed to make room for the admin socket, and what never.

import Foundation
import Testing
import Weighting

@testable import Master

@Suite struct SocketFileTests {
    @Test func `a missing directory is made`() async throws {
        try await withDirectory { directory in
            try SocketFile(path: "\(directory)/poise/admin.sock").makeRoom()
            #expect(access("\(directory)/poise", X_OK) == 0)
        }
    }

    @Test func `the socket of a process that is gone is removed`() async throws {
        try await withDirectory { directory in
            let path = "\(directory)/admin.sock"
            close(try boundSocket(path, listens: false))
            try SocketFile(path: path).makeRoom()
            #expect(access(path, F_OK) != 0)
        }
    }

    @Test func `a socket that somebody listens on stays`() async throws {
        try await withDirectory { directory in
            let path = "\(directory)/admin.sock"
            let socket = try boundSocket(path, listens: true)
            defer { close(socket) }
            #expect(throws: SocketFileError.inUse(path)) { try SocketFile(path: path).makeRoom() }
            #expect(access(path, F_OK) == 0)
        }
    }

    @Test func `a file that is not a socket stays`() async throws {
        try await withDirectory { directory in
            let path = "\(directory)/admin.sock"
            try Data("precious".utf8).write(to: URL(filePath: path))
            #expect(throws: SocketFileError.notASocket(path)) {
                try SocketFile(path: path).makeRoom()
            }
            #expect(try String(contentsOfFile: path, encoding: .utf8) == "precious")
        }
    }

    @Test func `the limit of a path is the kernel's`() {
        // A zero ends it.
        #expect(MemoryLayout.size(ofValue: sockaddr_un().sun_path) == AdminAPI.socketPathLimit + 1)
    }

    @Test func `a path is absolute and fits a socket's address`() {
        let longest = "/" + String(repeating: "a", count: AdminAPI.socketPathLimit - 1)
        for path in ["admin.sock", longest + "a"] {
            #expect(throws: SocketFileError.badPath(path)) {
                try SocketFile(path: path).makeRoom()
            }
        }
    }
}

/// A stream socket at `path`.
private func boundSocket(_ path: String, listens: Bool) throws -> Int32 {
    let socket = unixSocket(SOCK_STREAM)
    try #require(bindUnix(socket, path) == 0)
    if listens { try #require(listen(socket, 4) == 0) }
    return socket
}
