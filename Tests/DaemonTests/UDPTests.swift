// Datagrams over loopback, and the things that wake a poller.

import CLinux
import Testing

@testable import Daemon

private func listener() throws -> UDPSocket {
    let address = try #require(SocketAddress("127.0.0.1:0"))
    return try UDPSocket(listeningOn: address, receiveBytes: 1 << 20)
}

private func send(_ bytes: [UInt8], over socket: borrowing UDPSocket) throws {
    try bytes.span.bytes.withUnsafeBytes { buffer throws(SystemError) in try socket.send(buffer) }
}

@Test func `a batch hands out every waiting datagram whole and in order`() throws {
    let receiver = try listener()
    let address = receiver.localAddress
    let sender = try UDPSocket(connectedTo: try #require(address))
    for number in 1...5 { try send([UInt8](repeating: UInt8(number), count: number), over: sender) }

    let batch = try DatagramBatch(count: 3, byteCount: 4)
    var seen: [[UInt8]] = []
    var cuts: [Bool] = []
    for expected in [3, 2, 0] {
        let count = try batch.receive(from: receiver) { datagram, cut, _ in
            seen.append(Array(datagram))
            cuts.append(cut)
        }
        #expect(count == expected)
    }
    // The fifth is longer than the buffers.
    #expect(seen == [[1], [2, 2], [3, 3, 3], [4, 4, 4, 4], [5, 5, 5, 5]])
    #expect(cuts == [false, false, false, false, true])
}

@Test func `a socket that listens gets the room it asked for, or less but some`() throws {
    let granted = try listener().receiveBytesGranted
    #expect(granted > 0)
}

@Test func `on a host without IPv6 the address that does listen is named`() throws {
    let six = UDPSocket.listenFault(.any(port: 7817), number: EAFNOSUPPORT)
    #expect(six.description.hasPrefix("cannot listen on UDP [::]:7817: "))
    #expect(six.description.hasSuffix("; this host has no IPv6, so listen on 0.0.0.0:7817"))
    #expect(UDPSocket.listenFault(.any(port: 7817), number: EADDRINUSE).remedy == nil)
    let four = try #require(SocketAddress("10.0.0.1:7817"))
    #expect(UDPSocket.listenFault(four, number: EADDRNOTAVAIL).remedy == nil)
}

@Test func `sending to where nothing listens is told as a refusal`() throws {
    let free = try listener().localAddress
    let gone = try #require(free)
    let sender = try UDPSocket(connectedTo: gone)
    try send([1], over: sender)
    let error = #expect(throws: SystemError.self) { try send([2], over: sender) }
    #expect(error?.isRefusal == true)
}

@Test func `an IPv6 listener on any address hears IPv4 too`() throws {
    let receiver = try UDPSocket(listeningOn: .any(port: 0), receiveBytes: 65_536)
    let port = receiver.localAddress?.port ?? 0
    let sender = try UDPSocket(connectedTo: try #require(SocketAddress("127.0.0.1:\(port)")))
    try send([7], over: sender)
    let batch = try DatagramBatch(count: 1, byteCount: 16)
    var seen: [[UInt8]] = []
    _ = try batch.receive(from: receiver) { bytes, _, _ in seen.append(Array(bytes)) }
    #expect(seen == [[7]])
}

@Test func `the poller reports what is ready under its token, and no more once it is taken`() throws
{
    let poller = try Poller()
    let wakeup = try Wakeup()
    let timer = try Timer()
    try poller.add(wakeup.number, for: .read, token: 7)
    try poller.add(timer.number, for: .read, token: 8)
    wakeup.ring()
    wakeup.ring()
    var tokens: [UInt64] = []
    try poller.wait { token, ready in
        #expect(ready == .read)
        tokens.append(token)
    }
    #expect(tokens == [7])
    wakeup.take()
    // An instant that has passed rings at once, and is all that is left to report.
    try timer.set(to: MonotonicClock.now() - 1)
    tokens = []
    try poller.wait { token, _ in tokens.append(token) }
    #expect(tokens == [8])
    let rings = (timer.take(), timer.take())
    #expect(rings == (true, false))
}

@Test func `an answer goes where the datagram came from, from the address it went to`() throws {
    for any in ["0.0.0.0:0", "[::]:0"] {
        let receiver = try UDPSocket(
            listeningOn: try #require(SocketAddress(any)), receiveBytes: 65_536)
        let port = receiver.localAddress?.port ?? 0
        // A connected socket takes datagrams from this one address only.
        let sender = try UDPSocket(connectedTo: try #require(SocketAddress("127.0.0.2:\(port)")))
        try send([7], over: sender)
        let batch = try DatagramBatch(count: 4, byteCount: 16)
        var isSent = false
        var path = ReturnPath()
        #expect(![1].withUnsafeBytes { receiver.send($0, back: path) })
        _ = try batch.receive(from: receiver) { _, _, index in
            path = batch.path(of: index)
            isSent = [UInt8](8...9).withUnsafeBytes {
                batch.reply(to: index, over: receiver, with: $0)
            }
        }
        #expect(isSent)
        // Also later, when the batch holds others.
        _ = try batch.receive(from: receiver) { _, _, _ in }
        #expect([UInt8]([10]).withUnsafeBytes { receiver.send($0, back: path) })
        var heard: [[UInt8]] = []
        _ = try batch.receive(from: sender) { bytes, _, _ in heard.append(Array(bytes)) }
        #expect(heard == [[8, 9], [10]])
    }
}

@Test func `the kernel tells how many datagrams it had no room for`() throws {
    let address = try #require(SocketAddress("127.0.0.1:0"))
    let receiver = try UDPSocket(listeningOn: address, receiveBytes: 1)
    let here = receiver.localAddress
    let sender = try UDPSocket(connectedTo: try #require(here))
    let batch = try DatagramBatch(count: 64, byteCount: 16)
    var dropped: UInt32?
    // The count comes with the first datagram after the drops.
    for _ in 0..<2 {
        for _ in 0..<1_000 { try send([UInt8](repeating: 1, count: 1_000), over: sender) }
        while true {
            let count = try batch.receive(from: receiver) { _, _, _ in }
            guard count > 0 else { break }
            dropped = batch.droppedCount(at: count - 1) ?? dropped
        }
    }
    #expect((dropped ?? 0) > 0)
}
