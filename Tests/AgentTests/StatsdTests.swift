// Lines of statsd, the histogram of their times, and the socket they come by.

import CLinux
import Daemon
import Protocol
import Testing

@testable import Agent

private let second: Int64 = 1_000_000_000

private func take(_ datagram: String, into text: inout StatsdText, at now: Int64 = 0) {
    Array(datagram.utf8).withUnsafeBytes { text.take($0, at: now) }
}

@Test func `counters add up, by their sample rate; gauges are set and changed`() {
    var text = StatsdText(gaugeAge: 30 * second)
    take("requests:1|c\nrequests:2|c|@0.1\nerrors:1|c|@0.1|#zone:a", into: &text)
    take("requests:4|c\nin-flight:7|g\nin-flight:-2|g\nin-flight:+1|g\nload:0.4|g", into: &text)
    take("cache.hits:5|c\nusers:ada|s\nsize:3|h\nother:1|ms", into: &text)
    let values = text.values(at: 0)
    #expect(values == [25, 10, 6, nil, 0.4, nil, nil])
    #expect(text.takeComplaint() == "1 lines were no statsd lines, the last one: \"users:ada|s\"")
    #expect(text.takeComplaint() == nil)
}

@Test func `a gauge is forgotten when it was not sent for long`() {
    var text = StatsdText(gaugeAge: 30 * second)
    take("queue:3|g", into: &text)
    #expect(text.values(at: 30 * second)[Field.queue.rawValue] == 3)
    #expect(text.values(at: 30 * second + 1)[Field.queue.rawValue] == nil)
}

@Test func `counters of an application that sends nothing for long are not told`() {
    var text = StatsdText(gaugeAge: 30 * second)
    take("requests:5|c\nerrors:1|c", into: &text)
    #expect(text.values(at: 30 * second).prefix(2) == [5, 1])
    #expect(text.values(at: 30 * second + 1).allSatisfy { $0 == nil })
    // Whatever it sends, it is there, and garbage is nobody's.
    take("garbage", into: &text, at: 40 * second)
    #expect(text.values(at: 40 * second).allSatisfy { $0 == nil })
    take("queue:0|g", into: &text, at: 40 * second)
    #expect(text.values(at: 40 * second).prefix(2) == [5, 1])
}

@Test(arguments: [
    "x", ":1|c", "requests", "requests:", "requests:1", "requests:x|c", "requests:1|q",
    "requests:-1|c", "requests:1e30|c", "requests:nan|c", "requests:1|c|@0", "requests:1|c|@2",
    "time:-1|ms", "\u{0}\u{1}", "requests: 1|c",
])
func `garbage is counted and changes nothing`(line: String) {
    var text = StatsdText(gaugeAge: 30 * second)
    take(line, into: &text)
    #expect(text.values(at: 0).allSatisfy { $0 == nil })
    #expect(text.takeComplaint() != nil)
}

@Test func `the 99th percentile is at most an eighth too large, and forgotten after ten seconds`()
    throws
{
    var text = StatsdText(gaugeAge: second)
    for milliseconds in 1...100 { take("time:\(milliseconds)|ms", into: &text) }
    let first = text.values(at: 0)[Field.p99.rawValue]
    let p99 = try #require(first)
    #expect(p99 >= 99_000 && p99 <= 99_000 * 1.125)
    #expect(text.values(at: 5 * second)[Field.p99.rawValue] == p99)
    #expect(text.values(at: 10 * second)[Field.p99.rawValue] == nil)
}

@Test(arguments: [0, 0.5, 1, 7, 8, 9, 1_000, 123_456, 1e9, 1e18])
func `one time is in its bucket`(microseconds: Double) throws {
    var times = TimeHistogram()
    times.add(microseconds: microseconds, weight: 1, at: 0)
    let p99 = times.p99Microseconds(at: 0)
    let bound = try #require(p99)
    // Below 8 µs the buckets are finer than the whole numbers; above an hour all is one bucket.
    let most = max(2, min(microseconds, 4_294_967_296) * 1.125)
    #expect(bound > 0 && bound <= most)
    if microseconds < 4e9 { #expect(bound >= microseconds) }
}

/// Sends one datagram to the socket; false when its queue is full.
private func send(_ text: String, to path: String, from number: Int32) -> Bool {
    var address = sockaddr_storage()
    let size = linux_unix_address(path, &address)
    let bytes = Array(text.utf8)
    return linux_sendto(number, bytes, bytes.count, &address, size) == bytes.count
}

private func sender() throws -> Descriptor {
    try Descriptor(linux_socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0), "open a socket")
}

@Test func `what applications send is in the next report`() throws {
    let scratch = try Scratch()
    let path = scratch.path("web.sock")
    let from = try sender()
    let pair = try Pair("[service web]\nstatsd = \(path)\nstatsd-mode = 0600\n")
    _ = try pair.reports(1)
    #expect(send("requests:5|c\nin-flight:3|g\ntime:10|ms", to: path, from: from.number))
    _ = try pair.reports(2)
    #expect(send("requests:37|c", to: path, from: from.number))
    let last = try #require(try pair.reports(2).last)
    #expect(last.services.first?.inFlight == 3)
    // What came before the first look counts as seen; the rise after it is told.
    #expect(last.requests.first?.requests == 37)
    #expect(last.requests.first?.p99Microseconds ?? 0 > 10_000)
}

@Test func `a socket is taken over from a dead process only`() throws {
    let scratch = try Scratch()
    let path = scratch.path("web.sock")
    var address = sockaddr_storage()
    let size = linux_unix_address(path, &address)
    do {
        let dead = try sender()
        #expect(linux_bind(dead.number, &address, size) == 0)
    }
    let first = try UnixDatagramSocket(listeningOn: path, mode: 0o600)
    #expect(throws: SystemError.self) { _ = try UnixDatagramSocket(listeningOn: path, mode: 0o600) }
    let file = try scratch.write("file", "not a socket")
    #expect(throws: SystemError.self) { _ = try UnixDatagramSocket(listeningOn: file, mode: 0o600) }
    #expect(first.number >= 0)
}

@Test func `a socket whose name is gone is made anew, and one of a successor stays`() throws {
    let scratch = try Scratch()
    let path = scratch.path("web.sock")
    let from = try sender()
    let source = StatsdSource(.init(path: path, mode: 0o600, gaugeAgeNanoseconds: second))
    source.begin(at: 0)
    #expect(unlink(path) == 0)
    #expect(!send("requests:1|c", to: path, from: from.number))
    source.begin(at: 0)
    #expect(send("requests:7|c", to: path, from: from.number))
    source.collect(at: 0)
    #expect(source.readings[.requests] == 7)

    #expect(unlink(path) == 0)
    let successor = try UnixDatagramSocket(listeningOn: path, mode: 0o600)
    source.begin(at: 0)
    #expect(source.readings.fault?.contains("another process listens there") == true)
    #expect(source.deadline == nil)
    let isUntouched = successor.isAtItsPath
    #expect(isUntouched)
}

@Test func `the queue is emptied before half of it can be full`() throws {
    let scratch = try Scratch()
    let path = scratch.path("web.sock")
    let from = try sender()
    let source = StatsdSource(.init(path: path, mode: 0o600, gaugeAgeNanoseconds: 60 * second))
    let queue = try UnixDatagramSocket(listeningOn: scratch.path("other"), mode: 0o600).queueLength
    #expect(queue >= 10)
    source.begin(at: 0)
    let longest = try #require(source.deadline)
    #expect(longest > 0 && longest <= second)
    // Eight within 10 ms: at that rate half of the queue takes so long.
    for _ in 1...8 { #expect(send("requests:1|c", to: path, from: from.number)) }
    source.expire(at: longest - 1)
    source.collect(at: 10_000_000)
    #expect(source.readings[.requests] == 8)
    let wait = try #require(source.deadline) - 10_000_000
    #expect(wait > 0 && wait <= min(longest, 10_000_000 * Int64(queue / 2) / 8))
    // What comes meanwhile waits for that moment, and silence makes the pauses long again.
    #expect(send("requests:1|c", to: path, from: from.number))
    source.expire(at: 10_000_000 + wait - 1)
    #expect(try #require(source.deadline) == 10_000_000 + wait)
    source.expire(at: 10_000_000 + wait)
    source.collect(at: 20_000_000 + wait)
    #expect(source.readings[.requests] == 9)
    #expect(try #require(source.deadline) == 20_000_000 + wait + longest)
}

@Test func `a flood is taken up to a limit, and again after the next report`() throws {
    let scratch = try Scratch()
    let path = scratch.path("web.sock")
    let from = try sender()
    let source = StatsdSource(.init(path: path, mode: 0o600, gaugeAgeNanoseconds: second))
    /// Sends until nobody takes any more.
    func flood() -> Int {
        var sent = 0
        while true {
            var more = 0
            while send("requests:1|c", to: path, from: from.number) { more += 1 }
            guard more > 0 else { return sent }
            sent += more
            source.collect(at: 0)
        }
    }
    source.begin(at: 0)
    let sent = flood()
    let taken = try #require(source.readings[.requests])
    // The last ones come by a handful.
    #expect((0..<16).contains(Int(taken) - StatsdSource.mostBetweenReports))
    #expect(source.readings.complaint?.contains("more than") == true)
    #expect(source.deadline == nil)
    #expect(sent >= StatsdSource.mostBetweenReports)

    source.begin(at: 0)
    source.collect(at: 0)
    #expect(source.readings.complaint == nil)
    #expect(source.readings[.requests] ?? 0 > taken)
    #expect(source.deadline != nil)
}
