// The kernel's answers about sockets, as one kernel really gave them.

import Testing

@testable import Daemon

/// A socket that listens on 127.0.0.1:18099, two connections waiting, of a backlog of 7.
private let listening = bytes(
    """
    7c00000014000200000000003c570000020a000046b300007f00000100000000000000000000000000000000
    0000000000000000000000000000000002000000000000000000000002000000070000000000000034440500
    050008000000000008000f00000000000c00150001000000000000000600160052000000
    """)
/// Two connections of the same port.
private let established = bytes(
    """
    7c00000014000200000000003c5700000201000046b3b6967f0000010000000000000000000000007f000001
    0000000000000000000000000000000003000000000000000000000000000000000000000000000000000000
    050008000000000008000f00000000000c001500010000000000000006001600520000007c00000014000200
    000000003c5700000201000046b3b6a47f0000010000000000000000000000007f0000010000000000000000
    000000000000000004000000000000000000000000000000000000000000000000000000050008000000000
    008000f00000000000c00150001000000000000000600160052000000
    """)
private let done = bytes("1400000003000200000000003c57000000000000")
/// "Invalid argument" for a question about a family that is not there.
private let refused = bytes("2000000002000000000000003c570000eaffffff480000001400010300000000")

private func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.filter(\.isHexDigit)
    return stride(from: 0, to: digits.count, by: 2).compactMap { start in
        UInt8(digits.dropFirst(start).prefix(2), radix: 16)
    }
}

private func read(_ answer: [UInt8]) -> (end: SockDiagMessage.End, facts: [TCPSocketFacts]) {
    var facts: [TCPSocketFacts] = []
    let end = answer.withUnsafeBytes { bytes in SockDiagMessage.read(bytes) { facts.append($0) } }
    return (end, facts)
}

@Test func `a listening socket tells its address and its accept queue`() throws {
    let (end, facts) = read(listening)
    #expect(end == .more)
    try #require(facts.count == 1)
    #expect(facts[0].receiveQueue == 2)
    #expect(facts[0].serves(try #require(SocketAddress(host: "127.0.0.1", port: 0))))
    #expect(!facts[0].serves(try #require(SocketAddress(host: "127.0.0.2", port: 0))))
}

@Test func `an answer with two connections and the end tells both`() {
    let (end, facts) = read(established + done)
    #expect(end == .done)
    #expect(facts.count == 2)
}

@Test func `a refused question ends with the kernel's number`() {
    #expect(read(refused).end == .refused(22))
}

@Test func `an answer that is cut anywhere is refused or holds less, and nothing else`() {
    for length in 0..<established.count {
        let (end, facts) = read(Array(established[..<length]))
        #expect(end == .more || end == .refused(74), "cut after \(length) bytes")
        #expect(facts.count <= 1)
    }
}

@Test func `a socket on any address serves every address, of both families`() throws {
    let four = try #require(SocketAddress(host: "10.0.0.1", port: 0))
    let six = try #require(SocketAddress(host: "fd00::1", port: 0))
    let any = TCPSocketFacts(high: 0, low: 0, receiveQueue: 0)
    #expect(any.serves(four) && any.serves(six))
    let mapped = TCPSocketFacts(high: 0, low: 0xFFFF_0A00_0001, receiveQueue: 0)
    #expect(mapped.serves(four) && !mapped.serves(six))
}

@Test func `the question names port and state where the kernel looks for them`() {
    let request = SockDiagMessage.request(port: 80, state: .listen)
    #expect(request.count == 76)
    #expect(Array(request[..<8]) == [76, 0, 0, 0, 18, 0, 1, 3])
    #expect(Array(request[16..<22]) == [0, 0, 0, 0, 0, 80])
    #expect(Array(request[68..<72]) == [0, 4, 0, 0])
}
