// A folder for one test, and the servers of Debian that a test talks to.

import CLinux
import Daemon
import Foundation
import Testing

@testable import Agent

/// A folder that is gone with its owner; every user may write there.
final class Scratch {
    let root: String

    init() throws {
        var name = Array("/tmp/poise-test-XXXXXX".utf8CString)
        try #require(mkdtemp(&name) != nil)
        root = String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try #require(chmod(root, 0o777) == 0)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    func path(_ name: String) -> String { "\(root)/\(name)" }

    /// Writes a file as a whole, and returns its path.
    @discardableResult
    func write(_ name: String, _ text: String, mode: mode_t = 0o644) throws -> String {
        let file = try Descriptor(
            linux_open(path(name), O_WRONLY | O_CREAT | O_TRUNC, mode), "write \(name)")
        let bytes = Array(text.utf8)
        try #require(linux_write(file.number, bytes, bytes.count) == bytes.count)
        try #require(fchmod(file.number, mode) == 0)
        return path(name)
    }
}

/// A server that is not installed here: the tests with it fail, for they are part of the whole.
struct ServerMissing: Error, CustomStringConvertible {
    let program: String
    var description: String { "\(program) is not there; install it with: script/bootstrap" }
}

/// A server that runs as long as its owner lives.
final class Server {
    let program: ChildProgram

    init(_ arguments: [String]) throws {
        let path = try #require(arguments.first)
        guard access(path, X_OK) == 0 else { throw ServerMissing(program: path) }
        program = try ChildProgram(arguments, as: nil)
    }

    /// A port of loopback that nobody uses now.
    static func freePort() throws -> UInt16 { try Page("").port }
}

/// Asks a page until it answers, for a server needs a moment to begin.
func answer(_ question: Question, proxy: String? = nil) throws -> Readings {
    let poller = try Poller()
    let second: Int64 = 1_000_000_000
    let page = StatusPage(
        question, token: 7,
        patience: .init(timeout: 5 * second, prompt: second, look: second / 1_000))
    _ = page.add(proxy: proxy)
    let start = MonotonicClock.now()
    while page.readings.readAt == nil, MonotonicClock.now() - start < 20 * second {
        page.begin(at: MonotonicClock.now(), poller: poller)
        // The wait paces the attempts at a server that does not listen yet.
        try poller.wait(until: MonotonicClock.now() + second / 100) { _, _ in }
        withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 8) { buffer in
            page.advance(at: MonotonicClock.now(), poller: poller, buffer: buffer)
        }
    }
    return page.readings
}

/// A client's connection to a port of loopback.
final class Client {
    private let socket: StreamSocket

    init(port: UInt16) throws {
        socket = try StreamSocket(
            connectingTo: try #require(SocketAddress("127.0.0.1:\(port)")))
    }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        try #require(try bytes.withUnsafeBytes { try socket.send($0) } == bytes.count)
    }

    /// Everything until the other side closes.
    func receive() throws -> String {
        let poller = try Poller()
        try poller.add(socket.number, for: .read, token: 0)
        var bytes: [UInt8] = []
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4_096, alignment: 8)
        defer { buffer.deallocate() }
        while true {
            guard let count = try socket.receive(into: buffer) else {
                try poller.wait { _, _ in }
                continue
            }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(contentsOf: buffer[..<count])
        }
    }

    /// One whole request over HTTP, and its answer.
    @discardableResult
    static func get(_ path: String, port: UInt16) throws -> String {
        let client = try Client(port: port)
        try client.send("GET \(path) HTTP/1.0\r\n\r\n")
        return try client.receive()
    }
}

extension Readings {
    subscript(_ field: Field) -> Double? { value(field.rawValue) }
}
