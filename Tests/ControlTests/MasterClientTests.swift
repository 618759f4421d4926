// The client against real sockets: answers, and the ways in which nobody answers.

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix
import Testing
import Weighting

@testable import Control

@Suite struct MasterClientTests {
    @Test func `an answer's body is returned`() async throws {
        try await withServer(answering: 200, "{}") { socket in
            let body = try await MasterClient.fetch(socket: socket, path: "/api")
            #expect(body == Array("{}".utf8))
        }
    }

    @Test func `a refusal is passed on with its reason`() async throws {
        try await withServer(answering: 503, #"{"error":"not yet"}"#) { socket in
            await #expect(
                throws: Failure.refused(socket: socket, path: "/api", status: 503, text: "not yet")
            ) { try await MasterClient.fetch(socket: socket, path: "/api") }
        }
    }

    @Test func `a socket that is not there is told from one that nobody listens on`() async throws {
        try await withDirectory { directory in
            let missing = "\(directory)/missing.sock"
            await #expect(throws: Failure.unreachable(socket: missing, .noSuchFile)) {
                try await MasterClient.fetch(socket: missing, path: "/api")
            }
            let dead = "\(directory)/a b%.sock"
            try bindAndLeave(dead)
            await #expect(throws: Failure.unreachable(socket: dead, .nobodyListens)) {
                try await MasterClient.fetch(socket: dead, path: "/api")
            }
        }
    }

    @Test func `a path that cannot be a socket's is refused at once`() async {
        for path in ["", "/" + String(repeating: "a", count: AdminAPI.socketPathLimit)] {
            await #expect(throws: Failure.unreachable(socket: path, .badPath)) {
                try await MasterClient.fetch(socket: path, path: "/api")
            }
        }
    }

    @Test func `the kernel's answers have reasons of their own`() {
        func reason(_ number: Int32) -> Failure.Reason {
            MasterClient.reason(IOError(errnoCode: number, reason: "connect"))
        }
        #expect(reason(EACCES) == .notAllowed)
        #expect(reason(ENOENT) == .noSuchFile)
        #expect(reason(ECONNREFUSED) == .nobodyListens)
        #expect(MasterClient.reason(HTTPClientError.deadlineExceeded) == .tooLate(seconds: 5))
    }
}

/// Serves one canned answer to whoever asks.
private func withServer(
    answering status: Int, _ body: String, _ test: (String) async throws -> Void
) async throws {
    try await withDirectory { directory in
        let path = "\(directory)/admin.sock"
        let answer = "HTTP/1.1 \(status) X\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Canned(answer: answer))
                }
            }
            .bind(unixDomainSocketPath: path).get()
        try await test(path)
        try await channel.close()
    }
}

/// Answers the first bytes of a connection.
private final class Canned: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let answer: String

    init(answer: String) { self.answer = answer }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.writeAndFlush(NIOAny(ByteBuffer(string: answer)), promise: nil)
    }
}

/// Leaves the file of a socket that no process has open.
private func bindAndLeave(_ path: String) throws {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    try #require(result == 0)
}

private func withDirectory(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/poise-test-XXXXXX".utf8CString)
    let path = try #require(mkdtemp(&template).map { String(cString: $0) })
    defer { try? FileManager.default.removeItem(atPath: path) }
    try await body(path)
}
