// What the tests of the master's edges share: a directory, a client, a golden file, a snapshot.

import Foundation
import NIOCore
import NIOPosix
import Testing

@testable import Weighting

/// Calls `body` with the path of a new directory, and removes it afterwards.
func withDirectory<Value>(_ body: (String) async throws -> Value) async throws -> Value {
    var template = Array("/tmp/poise-test-XXXXXX".utf8CString)
    let path = try #require(mkdtemp(&template).map { String(cString: $0) })
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
}

func unixSocket(_ type: __socket_type) -> Int32 {
    socket(AF_UNIX, Int32(type.rawValue), 0)
}

/// Binds a socket to a path; 0 when it worked.
func bindUnix(_ socket: Int32, _ path: String) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    return withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}

/// Tests that speak to the service manager: its address, in the environment, is the process's.
@Suite(.serialized) enum NotifyingTests {}

/// The datagrams that `body` sends to the service manager, heard by a socket that stands for it.
func heardByManager(_ body: () throws -> Void) async throws -> [String] {
    try await withDirectory { directory in
        let path = "\(directory)/notify"
        let manager = unixSocket(SOCK_DGRAM)
        defer { close(manager) }
        try #require(bindUnix(manager, path) == 0)
        setenv("NOTIFY_SOCKET", path, 1)
        defer { unsetenv("NOTIFY_SOCKET") }
        try body()

        var heard: [String] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = recv(manager, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            guard count > 0 else { return heard }
            heard.append(String(decoding: buffer[..<count], as: UTF8.self))
        }
    }
}

/// One request a connection, read to the end.
struct Client: Sendable {
    let path: String

    struct Answer {
        let status: Int
        let head: String
        let body: String

        var contentType: String? {
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-type: ") }
                .map { String($0.dropFirst("content-type: ".count)) }
        }

        func error() throws -> String {
            try JSONDecoder().decode(AdminAPI.Refusal.self, from: Data(body.utf8)).error
        }
    }

    func get(_ target: String) async throws -> Answer { try await ask("GET", target) }

    func post(_ target: String, _ body: String) async throws -> Answer {
        try await ask("POST", target, body)
    }

    func ask(_ method: String, _ target: String, _ body: String = "") async throws -> Answer {
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel)
                }
            }
        let text = try await channel.executeThenClose { inbound, outbound in
            let request =
                "\(method) \(target) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(body.utf8.count)\r\n"
                + "Connection: close\r\n\r\n\(body)"
            try await outbound.write(ByteBuffer(string: request))
            var bytes: [UInt8] = []
            for try await part in inbound { bytes += part.readableBytesView }
            return String(decoding: bytes, as: UTF8.self)
        }
        let end = try #require(text.range(of: "\r\n\r\n"))
        let head = String(text[..<end.upperBound])
        let status = try #require(Int(head.split(separator: " ")[1]))
        return Answer(status: status, head: head, body: String(text[end.upperBound...]))
    }
}

/// Compares with a file of Golden/ beside the test; UPDATE_GOLDEN=1 writes it anew.
func expectGolden(_ name: String, _ text: String, beside file: String = #filePath) throws {
    let golden = URL(filePath: file).deletingLastPathComponent().appending(path: "Golden/\(name)")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
        try FileManager.default.createDirectory(
            at: golden.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data((text + "\n").utf8).write(to: golden)
    }
    #expect(try text + "\n" == String(contentsOf: golden, encoding: .utf8), "\(name) differs")
}

enum Sample {
    static let check = CheckAnswer(ok: false, errors: 2, warnings: 1, report: "a/b: bad")

    /// One service on each kind of key; one member follows load, one was never heard.
    static let snapshot = Snapshot(
        master: .init(
            version: "0.1.0", uptimeSeconds: 12.5, decisions: 25, writes: 3, dryRun: false,
            table: "kernel", trouble: nil),
        services: [
            .init(
                name: "web", key: "10.0.0.100:80/tcp", scheduler: "sed", hold: nil,
                members: [
                    .init(
                        server: "r1", destination: "10.0.0.11:80", weight: 1000, wanted: 1000,
                        activeConnections: 3, inactiveConnections: 4, reportAgeSeconds: 0.25,
                        state: "up", reason: .init(code: "follows", text: "follows load"),
                        chain: Chain(
                            requestsPerSecond: 40, errorsPerSecond: 0, utilisation: 0.5, load: 0.5,
                            prior: 80, priorShare: 0.05, capacity: 80, errorShare: 0,
                            errorBound: 0.02, serviceLoad: 0.5, gain: 0.75, mostExponent: 1,
                            trim: 1, sumOfShares: 80, shareToGive: 1, meanWeight: 1000,
                            share: 1, floor: 0.02, previousShare: 1, leastShare: 0.5,
                            mostShare: 1.25, limitedShare: 1, limits: [.priorBoost], weight: 1000,
                            deadband: 0.05),
                        failure: nil)
                ]),
            .init(
                name: "dns", key: "fwmark:7", scheduler: nil,
                hold: .init(code: "service_absent", text: "the kernel holds no such service"),
                members: [
                    .init(
                        server: "r2", destination: "[fd00::12]:53", weight: nil, wanted: nil,
                        activeConnections: nil, inactiveConnections: nil, reportAgeSeconds: nil,
                        state: nil, reason: .init(code: "absent", text: "no such destination"),
                        chain: nil, failure: nil)
                ]),
        ],
        agents: [
            .init(name: "r1", accepted: 50, refusals: ["replayed": 1], reportAgeSeconds: 0.25)
        ],
        refusals: ["unknown_agent": 2])
}
