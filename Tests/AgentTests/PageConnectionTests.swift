// Connections that are kept from one question to the next: no answer is ever taken for another's.

import CLinux
import Daemon
import Glibc
import Testing

@testable import Agent

/// A server of one page that does nothing by itself, and the page as the agent sees it.
private final class Talk {
    static let look: Int64 = 1_000
    static let timeout: Int64 = 1_000_000
    let listener: Page
    let page: StatusPage
    private let poller: Poller
    /// Descriptors, -1 once closed.
    private var connections: [Int32] = []
    private var now: Int64 = 0

    init() throws {
        listener = try Page("")
        poller = try Poller()
        let url = try #require(PageURL("http://127.0.0.1:\(listener.port)/metrics"))
        page = StatusPage(
            .metrics(url), token: 1,
            patience: .init(timeout: Self.timeout, prompt: Self.timeout, look: Self.look))
        #expect(page.add(try MetricSelector("req")) == 0)
    }

    func ask() {
        now += 10 * Self.timeout
        page.begin(at: now, poller: poller)
    }

    /// Lets the agent look; the figure that it read in this fetch.
    func look() -> Double? {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4_096, alignment: 8)
        defer { buffer.deallocate() }
        page.expire(at: now + Self.look, poller: poller, buffer: buffer)
        // What was not there at the set time is watched.
        page.advance(at: now + Self.look, poller: poller, buffer: buffer)
        return page.readings.readAt == now + Self.look ? page.readings.value(0) : nil
    }

    func giveUp() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4_096, alignment: 8)
        defer { buffer.deallocate() }
        page.expire(at: now + Self.timeout, poller: poller, buffer: buffer)
    }

    /// How many connections there were until now.
    func count() -> Int {
        while true {
            let number = linux_accept(listener.listener.number)
            guard number >= 0 else { return connections.count }
            connections.append(number)
        }
    }

    /// Sends bytes over the newest connection.
    func say(_ text: String) throws {
        let number = try #require(count() > 0 ? connections.last : nil)
        let bytes = Array(text.utf8)
        #expect(linux_write(number, bytes, bytes.count) == bytes.count)
    }

    /// Closes the newest connection after what came over it was read.
    func close() throws {
        let index = count() - 1
        try #require(connections.indices.contains(index))
        var bytes = [UInt8](repeating: 0, count: 4_096)
        _ = linux_read(connections[index], &bytes, bytes.count)
        _ = Glibc.close(connections[index])
        connections[index] = -1
    }

    deinit { for number in connections where number >= 0 { _ = Glibc.close(number) } }

    static func answer(_ number: Int) -> String {
        let body = "req \(number)\n"
        return "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }
}

@Test func `one connection carries one question after another`() throws {
    let talk = try Talk()
    for number in 1...4 {
        talk.ask()
        #expect(talk.look() == nil)
        #expect(talk.count() == 1)
        try talk.say(Talk.answer(number))
        #expect(talk.look() == Double(number))
    }
    #expect(talk.page.readings.fault == nil)
}

@Test func `a connection that the server closed meanwhile is replaced`() throws {
    let talk = try Talk()
    talk.ask()
    try talk.say(Talk.answer(1))
    #expect(talk.look() == 1)
    try talk.close()
    talk.ask()
    #expect(talk.count() == 2)
    try talk.say(Talk.answer(2))
    #expect(talk.look() == 2)
}

@Test func `a server that closes as the question comes is asked once more, and only once`() throws {
    let talk = try Talk()
    talk.ask()
    try talk.say(Talk.answer(1))
    #expect(talk.look() == 1)
    talk.ask()
    try talk.close()
    #expect(talk.look() == nil)
    #expect(talk.count() == 2)
    #expect(talk.page.readings.fault == nil)
    try talk.say(Talk.answer(2))
    #expect(talk.look() == 2)

    talk.ask()
    try talk.close()
    #expect(talk.look() == nil)
    #expect(talk.count() == 3)
    try talk.close()
    #expect(talk.look() == nil)
    #expect(talk.count() == 3)
    #expect(talk.page.readings.fault == "the answer is not HTTP")
    #expect(!talk.page.isFetching)
}

@Test func `half an answer is a fault, on a kept connection too`() throws {
    let talk = try Talk()
    talk.ask()
    try talk.say(Talk.answer(1))
    #expect(talk.look() == 1)
    talk.ask()
    try talk.say(String(Talk.answer(2).dropLast(2)))
    #expect(talk.look() == nil)
    try talk.close()
    #expect(talk.look() == nil)
    #expect(talk.count() == 1)
    #expect(talk.page.readings.fault == "the answer ends in the middle")
}

@Test(arguments: [true, false])
func `bytes that nobody asked for are never an answer`(isAtOnce: Bool) throws {
    let talk = try Talk()
    talk.ask()
    if isAtOnce {
        try talk.say(Talk.answer(1) + Talk.answer(666))
        #expect(talk.look() == 1)
    } else {
        try talk.say(Talk.answer(1))
        #expect(talk.look() == 1)
        try talk.say(Talk.answer(666))
    }
    talk.ask()
    #expect(talk.look() == nil)
    #expect(talk.count() == 2)
    try talk.say(Talk.answer(2))
    #expect(talk.look() == 2)
}

@Test func `an answer that comes after its time is nobody's`() throws {
    let talk = try Talk()
    talk.ask()
    #expect(talk.look() == nil)
    #expect(talk.count() == 1)
    talk.giveUp()
    #expect(talk.page.readings.fault?.contains("no whole answer") == true)
    talk.ask()
    #expect(talk.count() == 2)
    try talk.say(Talk.answer(2))
    #expect(talk.look() == 2)
    talk.ask()
    #expect(talk.count() == 2)
}

@Test(arguments: ["Connection: close\r\n", ""])
func `a connection that the answer ends is not asked over again`(header: String) throws {
    let talk = try Talk()
    talk.ask()
    let version = header.isEmpty ? "HTTP/1.0" : "HTTP/1.1"
    try talk.say("\(version) 200 OK\r\nContent-Length: 6\r\n\(header)\r\nreq 1\n")
    #expect(talk.look() == 1)
    talk.ask()
    #expect(talk.count() == 2)
}
