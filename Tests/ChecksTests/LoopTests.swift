// Checks against servers on loopback that do as a test tells them.

import CLinux
import Daemon
import Testing
import Weighting

@testable import Checks

/// A loop with one member, driven until something is known of it.
final class Rig {
    let loop: CheckLoop
    let member = MemberKey(
        service: .firewallMark(1, .v4),
        destination: DestinationKey(address: .v4(0x0A00_0001), port: 80))

    /// Long enough for a busy machine, and never waited for by a test that passes.
    static let patience: Int64 = 20_000_000_000
    /// Quick, and one answer is enough.
    static let timing = CheckTiming(
        intervalNanoseconds: 30_000_000, timeoutNanoseconds: 30_000_000, rise: 1, fall: 1)

    init() throws { loop = try CheckLoop() }

    func watch(_ checks: Check...) { loop.adopt([CheckedMember(member, checks: checks)]) }

    /// What becomes known next; `serve` is called again and again meanwhile.
    func next(_ serve: () throws -> Void = {}) throws -> Checked {
        let end = MonotonicClock.now() + Self.patience
        while MonotonicClock.now() < end {
            let changes = try loop.turn()
            try serve()
            if let change = changes.first { return change }
        }
        throw SystemError("learn anything of a member in time", number: ETIME)
    }

    /// Goes on until a run ended with `outcome`.
    func run(_ serve: () throws -> Void = {}) throws -> Outcome {
        let end = MonotonicClock.now() + Self.patience
        while MonotonicClock.now() < end {
            _ = try loop.turn()
            try serve()
            if let outcome = loop.standings[member]?.first?.newest { return outcome }
        }
        throw SystemError("end a run in time", number: ETIME)
    }
}

/// A server of TCP that answers each connection with the same bytes, or with nothing.
final class Answerer {
    private let listener: Descriptor
    let address: SocketAddress
    var answer: String?
    private var open: [Int32] = []

    init(_ answer: String? = nil, at address: SocketAddress? = nil) throws {
        let any = try #require(SocketAddress("127.0.0.1:0"))
        let listener = try StreamListener(onTCP: address ?? any)
        self.answer = answer
        let local = listener.localAddress
        self.address = try #require(local)
        self.listener = try Descriptor(dup(listener.number), "keep a listener")
    }

    func serve() {
        while true {
            let number = linux_accept(listener.number)
            guard number >= 0 else { return }
            open.append(number)
            guard let answer else { continue }
            let bytes = Array(answer.utf8)
            _ = linux_write(number, bytes, bytes.count)
            _ = shutdown(number, Int32(SHUT_WR))
        }
    }

    deinit { for number in open { _ = close(number) } }
}

struct LoopTests {
    /// An address of loopback where nothing listens.
    private func closedPort() throws -> SocketAddress { try Answerer().address }

    @Test func `a port that listens is up, and down when it does so no more`() throws {
        let rig = try Rig()
        var server: Answerer? = try Answerer()
        let address = try #require(server?.address)
        rig.watch(Check(.connect, to: address, timing: Rig.timing))
        let up = try rig.next()
        #expect(up.isUp)
        #expect(up.text == "tcp \(address): connected")
        server = nil
        let down = try rig.next()
        #expect(!down.isUp)
        #expect(down.text == "tcp \(address): Connection refused")
        #expect(down.at > up.at)
    }

    @Test func `a page is asked for, and a bad status or silence is down`() throws {
        let rig = try Rig()
        let server = try Answerer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        let request = PageRequest(host: "x", pattern: try Pattern("^ok$"))
        let long = CheckTiming(
            intervalNanoseconds: 200_000_000, timeoutNanoseconds: 200_000_000, rise: 1, fall: 1)
        rig.watch(Check(.page(request), to: server.address, timing: long))
        #expect(try rig.next(server.serve).text.hasSuffix("status 200"))
        server.answer = "HTTP/1.1 500 No\r\n\r\n"
        #expect(try rig.next(server.serve).text.hasSuffix("status 500, and 200-299 is good"))
        server.answer = "HTTP/1.1 200 OK\r\n\r\nok"
        #expect(try rig.next(server.serve).isUp)
        server.answer = nil
        #expect(try rig.next(server.serve).text.hasSuffix("no answer"))
    }

    @Test func `a mail server is greeted`() throws {
        let rig = try Rig()
        let server = try Answerer("220 mx\r\n250 mx\r\n221 bye\r\n")
        rig.watch(Check(.smtp(SMTPRequest(name: "me")), to: server.address, timing: Rig.timing))
        #expect(try rig.next(server.serve).text.hasSuffix("greets"))
        server.answer = "554 no\r\n"
        #expect(try rig.next(server.serve).text.hasSuffix("the banner: 554 no"))
    }

    @Test func `over UDP a refusal is heard, and an answer matched`() throws {
        let rig = try Rig()
        let any = try #require(SocketAddress("127.0.0.1:0"))
        let socket = try UDPSocket(listeningOn: any, receiveBytes: 65_536)
        let local = socket.localAddress
        let address = try #require(local)
        rig.watch(
            Check(.datagram(DatagramRequest(send: [1])), to: address, timing: Rig.timing))
        #expect(try rig.next().text.hasSuffix("not refused"))
        _ = consume socket
        #expect(try rig.next().text.hasSuffix("nothing listens there"))
    }

    @Test func `this machine answers an echo, over IPv4 and IPv6`() throws {
        for host in ["127.0.0.1", "::1"] {
            let rig = try Rig()
            let target = try #require(SocketAddress(host: host, port: 0))
            rig.watch(Check(.ping, to: target, timing: Rig.timing))
            let outcome = try rig.run()
            // A kernel may let nobody ping; that is no server's fault, and says so.
            if case .unasked(let text) = outcome {
                #expect(text.contains("ping_group_range") || host == "::1", "\(text)")
            } else {
                #expect(outcome == .passed("answers"))
            }
        }
    }

    @Test func `a member is up when all of its checks are, and down with the first`() throws {
        let rig = try Rig()
        let (one, other) = (try Answerer(), try Answerer())
        rig.watch(
            Check(.connect, to: one.address, timing: Rig.timing),
            Check(.connect, to: try closedPort(), timing: Rig.timing))
        #expect(try !rig.next().isUp)
        rig.watch(
            Check(.connect, to: one.address, timing: Rig.timing),
            Check(.connect, to: other.address, timing: Rig.timing))
        #expect(try rig.next().isUp)
    }

    @Test func `equal checks of several members are made once, and speak for all`() throws {
        let rig = try Rig()
        let server = try Answerer()
        let check = Check(.connect, to: server.address, timing: Rig.timing)
        let members = (1...5).map { mark in
            CheckedMember(
                MemberKey(
                    service: .firewallMark(UInt32(mark), .v4), destination: rig.member.destination),
                checks: [check])
        }
        rig.loop.adopt(members)
        #expect(rig.loop.count == 1)
        var told: Set<MemberKey> = []
        let end = MonotonicClock.now() + Rig.patience
        while told.count < 5, MonotonicClock.now() < end {
            for change in try rig.loop.turn() { told.insert(change.member) }
        }
        #expect(told.count == 5)
    }

    @Test func `a reload keeps what is known of checks that stay`() throws {
        let rig = try Rig()
        let server = try Answerer()
        let check = Check(.connect, to: server.address, timing: Rig.timing)
        rig.watch(check)
        #expect(try rig.next().isUp)
        let other = MemberKey(
            service: .firewallMark(2, .v4), destination: rig.member.destination)
        rig.loop.adopt([
            CheckedMember(rig.member, checks: [check]), CheckedMember(other, checks: [check]),
        ])
        // The new member is told what the old check knows; the old one hears nothing twice.
        let change = try rig.next()
        #expect(change.member == other)
        #expect(change.isUp)
        rig.loop.adopt([])
        #expect(rig.loop.count == 0)
    }
}
