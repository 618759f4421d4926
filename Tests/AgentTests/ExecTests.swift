// Programs that are run: what they print, who runs them, and how they end.

import CLinux
import Daemon
import Foundation
import Protocol
import Testing

@testable import Agent

private let second: Int64 = 1_000_000_000
private let isRoot = UserNumbers.own.user == 0

/// A source that runs this script; as root it runs as nobody.
private func source(
    _ script: String, in scratch: Scratch, limit: Int64 = 30 * second, interval: Int64 = 60 * second
) throws -> ExecSource {
    let path = try scratch.write("program", "#!/bin/sh\n" + script, mode: 0o755)
    return ExecSource(
        .init(
            arguments: [path, "one", "two words"], user: isRoot ? "nobody" : nil,
            intervalNanoseconds: interval, limitNanoseconds: limit), token: 3)
}

/// Lets the program run until it is over.
private func run(_ source: ExecSource) throws {
    let poller = try Poller()
    source.begin(at: MonotonicClock.now(), poller: poller)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1_024, alignment: 8)
    defer { buffer.deallocate() }
    while let deadline = source.deadline {
        try poller.wait(until: deadline) { _, _ in
            source.advance(at: MonotonicClock.now(), buffer: buffer)
        }
        source.expire(at: MonotonicClock.now())
    }
}

@Test func `what a program prints is read, its arguments reach it as they are`() throws {
    let scratch = try Scratch()
    let source = try source(
        "echo \"requests $#\"; [ \"$2\" = 'two words' ] && echo state up", in: scratch)
    try run(source)
    #expect(source.readings.fault == nil)
    #expect(source.readings[.requests] == 2)
    #expect(source.readings.state == .up)
    #expect(!source.isFetching)
}

@Test func `a program has no input, no rights to gain, no signal blocked and a small environment`()
    throws
{
    let scratch = try Scratch()
    let source = try source(
        """
        cat
        echo errors $(env | grep -c -v -e ^PATH= -e ^LANG= -e ^PWD= -e ^_= -e ^SHLVL= -e ^OLDPWD=)
        echo queue $(sed -n 's/^NoNewPrivs://p' /proc/self/status)
        echo load $(sed -n 's/^SigBlk://p' /proc/self/status)

        """, in: scratch)
    try run(source)
    #expect(source.readings.fault == nil)
    #expect(source.readings[.errors] == 0)
    #expect(source.readings[.queue] == 1)
    #expect(source.readings[.load] == 0)
}

@Test func `a program is not spared for the agent's sake when memory runs out`() throws {
    let own = "/proc/self/oom_score_adj"
    let before = try Golden.text(own)
    // Less than nothing takes a right that this process may lack; more than nothing shows as much.
    try "300".write(toFile: own, atomically: false, encoding: .utf8)
    defer { try? before.write(toFile: own, atomically: false, encoding: .utf8) }
    let scratch = try Scratch()
    let source = try source("echo queue $(cat /proc/self/oom_score_adj)", in: scratch)
    try run(source)
    #expect(source.readings.fault == nil)
    #expect(source.readings[.queue] == 0)
}

@Test func `a program runs as the user that was named, without our groups`() throws {
    let scratch = try Scratch()
    let path = try scratch.write(
        "program", "#!/bin/sh\necho requests $(id -u)\necho queue $(id -G | wc -w)\n", mode: 0o755)
    let source = ExecSource(
        .init(
            arguments: [path], user: "nobody", intervalNanoseconds: 60 * second,
            limitNanoseconds: 30 * second), token: 3)
    try run(source)
    if isRoot {
        let nobody = try #require(try Accounts.user("nobody"))
        #expect(source.readings[.requests] == Double(nobody.user))
        #expect(source.readings[.queue] == 1)
    } else {
        #expect(source.readings.fault?.contains("AmbientCapabilities=CAP_SETUID") == true)
    }
}

@Test(arguments: [nil, "no-such-user"])
func `nobody runs a program as root by mistake, nor as a user who is not there`(user: String?)
    throws
{
    let source = ExecSource(
        .init(
            arguments: ["/bin/true"], user: user, intervalNanoseconds: 60 * second,
            limitNanoseconds: second), token: 3)
    try run(source)
    let fault = try #require(source.readings.fault)
    if user != nil {
        #expect(fault == "exec-user: /etc/passwd knows no user \"no-such-user\"")
    } else if isRoot {
        #expect(fault == "the agent runs as root: say with exec-user who runs /bin/true")
    } else {
        #expect(fault == "what /bin/true printed: no line of a name and a value")
    }
}

@Test func `a program that takes too long is killed, and all that it started`() throws {
    let scratch = try Scratch()
    let source = try source(
        "sleep 1000 & echo $! > \(scratch.path("child")); echo load 1; wait", in: scratch,
        limit: 300_000_000)
    try run(source)
    #expect(source.readings.fault?.hasSuffix("ran longer than 300ms and was killed") == true)
    #expect(source.readings.value(Field.load.rawValue) == nil)
    let child = try Golden.text(scratch.path("child")).prefix { $0 != "\n" }
    // Gone, or dead and not yet taken by whoever inherited it; the kernel may need a moment.
    let poller = try Poller()
    let giveUpAt = MonotonicClock.now() + 20 * second
    var state: Substring? = "?"
    while state != nil, state != "Z", state != "X", MonotonicClock.now() < giveUpAt {
        state = (try? Golden.text("/proc/\(child)/stat"))?.split(separator: " ").dropFirst(2).first
        try poller.wait(until: MonotonicClock.now() + second / 100) { _, _ in }
    }
    #expect(MonotonicClock.now() < giveUpAt)
}

@Test func `a program that prints without end is killed`() throws {
    let scratch = try Scratch()
    let source = try source("while :; do echo load 0.5; done", in: scratch)
    try run(source)
    #expect(source.readings.fault?.hasSuffix("printed more than 4096 bytes") == true)
}

@Test func `a program that closes its output is waited for, and its end counts`() throws {
    let scratch = try Scratch()
    let source = try source("echo load 0.5; exec >&-; sleep 0.05; exit 3", in: scratch)
    try run(source)
    #expect(source.readings.fault?.contains("ended with status 3") == true)
}

@Test func `a program that is not there is told, and tried again at its interval`() throws {
    let source = ExecSource(
        .init(
            arguments: ["/nonexistent/program"], user: isRoot ? "nobody" : nil,
            intervalNanoseconds: 10 * second, limitNanoseconds: second), token: 3)
    try run(source)
    #expect(source.readings.fault?.contains("is it there, and executable?") == true)
    let poller = try Poller()
    let now = MonotonicClock.now()
    source.begin(at: now + 5 * second, poller: poller)
    #expect(source.deadline == nil)
    source.begin(at: now + 10 * second, poller: poller)
    #expect(source.deadline != nil)
}

@Test func `a program that hangs delays no report, and its state holds between its runs`() throws {
    let scratch = try Scratch()
    let path = try scratch.write(
        "program",
        """
        #!/bin/sh
        [ -e \(scratch.path("ran")) ] && exec sleep 1000
        touch \(scratch.path("ran"))
        echo state draining; echo load 0.75

        """, mode: 0o755)
    let pair = try Pair(
        """
        [service web]
        exec = \(path)
        exec-interval = 1s
        exec-limit = 900ms
        \(isRoot ? "exec-user = nobody" : "")
        """)
    // At 20 reports a second the program is over within the first, and hangs from the second on.
    let reports = try pair.reports(30)
    let stated = reports.filter { $0.services.first?.state == .draining }
    #expect(stated.count >= 10)
    #expect(stated.allSatisfy { $0.services.first?.reason == .localCheck })
    #expect(stated.allSatisfy { $0.services.first?.loadTenThousandths == 7_500 })
}

@Test func `users are found by their whole name`() {
    let passwd = Array(
        """
        root:x:0:0:root:/root:/bin/bash
        www-data-2:x:7:8::/:/bin/sh
        broken:x:y:8::/:/bin/sh
        nobody:x:4294967295:8::/:/bin/sh
        nogroup:x:8:4294967295::/:/bin/sh
        www-data:x:33:44:www-data:/var/www:/usr/sbin/nologin
        """.utf8)
    #expect(Accounts.user("www-data", passwd: passwd) == UserNumbers(user: 33, group: 44))
    #expect(Accounts.user("www", passwd: passwd) == nil)
    #expect(Accounts.user("broken", passwd: passwd) == nil)
    #expect(Accounts.user("nobody", passwd: passwd) == nil)
    #expect(Accounts.user("nogroup", passwd: passwd) == nil)
}
