// What mail servers, name servers and programs say, and what becomes of it.

import Daemon
import Testing

@testable import Checks

struct SMTPTalkTests {
    private func outcome(_ lines: String, pieces: Int = 1000) -> Outcome {
        var talk = SMTPTalk(SMTPRequest(name: "me"))
        var rest = Array(lines.utf8)[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
            if case .done(let outcome) = piece.withUnsafeBytes({ talk.hear($0) }) {
                return outcome
            }
        }
        return talk.end()
    }

    @Test func `we greet after the banner, and say goodbye`() {
        var talk = SMTPTalk(SMTPRequest(name: "me"))
        let say = { (text: String, talk: inout SMTPTalk) in
            Array(text.utf8).withUnsafeBytes { talk.hear($0) }
        }
        #expect(say("220-mx\r\n220 ready\r\n", &talk) == .say(Array("EHLO me\r\n".utf8)))
        #expect(say("250-mx\r\n", &talk) == .wait)
        #expect(say("250 SIZE\r\n", &talk) == .say(Array("QUIT\r\n".utf8)))
        #expect(say("221 bye\r\n", &talk) == .done(.passed("greets")))
    }

    @Test(arguments: [1, 3, 1000])
    func `a whole dialogue passes, however it arrives`(pieces: Int) {
        #expect(
            outcome("220 a\r\n250-b\r\n250 c\r\n221 d\r\n", pieces: pieces) == .passed("greets"))
        #expect(outcome("220 a\n250 c\n", pieces: pieces) == .passed("greets"))
    }

    @Test(arguments: [
        ("554 go away\r\n", "the banner: 554 go away"),
        ("220 a\r\n502 no\r\n", "EHLO: 502 no"),
        ("HTTP/1.1 400 Bad\r\n", "this is not SMTP: HTTP/1.1 400 Bad"),
        ("", "it hangs up: no banner"), ("220 a\r\n", "it hangs up: no answer to EHLO"),
        (String(repeating: "2", count: 600), "a line is longer than 512 bytes"),
    ])
    func `what is no mail server fails, and is named`(lines: String, text: String) {
        #expect(outcome(lines) == .failed(text))
    }

    @Test func `a banner without end is given up`() {
        let banner = String(repeating: "220-hello\r\n", count: 101)
        #expect(outcome(banner) == .failed("this is not SMTP: 220-hello"))
    }

    @Test func `random words end in an outcome and nothing else`() {
        var dice = Dice(seed: 8)
        for _ in 0..<5000 {
            var talk = SMTPTalk(SMTPRequest(name: "me"))
            for _ in 0..<4 { _ = dice.bytes(upTo: 60).withUnsafeBytes { talk.hear($0) } }
            _ = talk.end()
        }
    }
}

struct DNSTalkTests {
    private let name = DNSName("www.Example.com")

    private func talk(
        record: DNSRecord = .a, code: DNSCode = .noError, answer: [UInt8]? = nil
    ) throws -> DNSTalk {
        let request = DNSRequest(
            name: try #require(name), record: record, code: code, answer: answer)
        return DNSTalk(request, id: 0x1234)
    }

    /// An answer with some addresses, each named by a pointer to the question.
    private func answer(_ talk: DNSTalk, flags: UInt16 = 0x8180, _ addresses: [[UInt8]]) -> [UInt8]
    {
        var bytes = talk.question
        (bytes[2], bytes[3]) = (UInt8(flags >> 8), UInt8(flags & 0xFF))
        bytes[7] = UInt8(addresses.count)
        for address in addresses {
            bytes += [0xC0, 12, 0, address.count == 4 ? 1 : 28, 0, 1, 0, 0, 0, 60, 0]
            bytes += [UInt8(address.count)] + address
        }
        return bytes
    }

    private func outcome(_ talk: DNSTalk, _ bytes: [UInt8]) -> Outcome? {
        bytes.withUnsafeBytes { talk.hear($0) }
    }

    @Test func `a question is as RFC 1035 has it`() throws {
        let question = try talk().question
        #expect(question.prefix(12).elementsEqual([0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
        #expect(
            question.dropFirst(12).elementsEqual(
                [3] + Array("www".utf8) + [7] + Array("Example".utf8) + [3] + Array("com".utf8)
                    + [0, 0, 1, 0, 1]))
    }

    @Test func `an answer with a record of the kind passes`() throws {
        let talk = try talk()
        #expect(outcome(talk, answer(talk, [[10, 0, 0, 1]])) == .passed("answers"))
        #expect(
            outcome(talk, answer(talk, [])) == .failed("no A record of www.Example.com"))
        // Cut, for there are more than fit.
        #expect(outcome(talk, answer(talk, flags: 0x8380, [])) == .passed("answers"))
    }

    @Test func `a wanted address has to be there`() throws {
        let talk = try talk(answer: [10, 0, 0, 2])
        let both = answer(talk, [[10, 0, 0, 1], [10, 0, 0, 2]])
        #expect(outcome(talk, both) == .passed("answers"))
        #expect(
            outcome(talk, answer(talk, [[10, 0, 0, 1]]))
                == .failed("the wanted address is not among 1 answers"))
    }

    @Test func `a code other than the wanted one fails, and is named`() throws {
        let plain = try talk()
        #expect(
            outcome(plain, answer(plain, flags: 0x8183, []))
                == .failed("NXDOMAIN, and NOERROR is wanted"))
        let absent = try talk(code: .nameError)
        #expect(outcome(absent, answer(absent, flags: 0x8183, [])) == .passed("NXDOMAIN"))
    }

    @Test func `what is no answer to this question is not listened to`() throws {
        let talk = try talk()
        var late = answer(talk, [[10, 0, 0, 1]])
        late[0] ^= 1
        #expect(outcome(talk, late) == nil)
        #expect(outcome(talk, talk.question) == nil)
        var other = answer(talk, [[10, 0, 0, 1]])
        other[14] = UInt8(ascii: "x")
        #expect(outcome(talk, other) == .failed("the answer is to another question"))
    }

    @Test func `broken and random answers end in an outcome or in nothing`() throws {
        var dice = Dice(seed: 9)
        let talk = try talk(answer: [1, 2, 3, 4])
        let good = answer(talk, [[10, 0, 0, 1], [10, 0, 0, 2]])
        for length in good.indices { _ = outcome(talk, Array(good[..<length])) }
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0...dice.below(6) { bytes[dice.below(bytes.count)] = UInt8(dice.below(256)) }
            _ = outcome(talk, Array(bytes.prefix(dice.below(bytes.count + 1))))
        }
    }

    @Test(arguments: ["", "a..b", ".", String(repeating: "a", count: 64) + ".com", "a b.com"])
    func `what is no name is refused`(text: String) {
        #expect(DNSName(text) == nil || text == ".")
    }
}

struct OtherTalkTests {
    @Test func `an echo is known by its token`() {
        let talk = EchoTalk(isIPv6: false, token: 0x0102_0304_0506_0708)
        var reply = talk.question
        #expect(reply.withUnsafeBytes { talk.hear($0) } == nil)
        reply[0] = 0
        #expect(reply.withUnsafeBytes { talk.hear($0) } == .passed("answers"))
        reply[15] ^= 1
        #expect(reply.withUnsafeBytes { talk.hear($0) } == nil)
        #expect([UInt8]().withUnsafeBytes { talk.hear($0) } == nil)
    }

    @Test func `over UDP silence is good only where nothing is expected`() throws {
        let open = UDPTalk(request: DatagramRequest(send: []))
        let asking = UDPTalk(request: DatagramRequest(send: [1], expect: try Pattern("^pong")))
        #expect(open.silence == .passed("not refused"))
        #expect(asking.silence == .failed("no answer"))
        #expect(Array("pong".utf8).withUnsafeBytes { asking.hear($0) } == .passed("answers"))
        #expect(
            Array("ping".utf8).withUnsafeBytes { asking.hear($0) }
                == .failed("the answer does not match"))
    }

    @Test func `a plugin's status means what the contract says`() {
        let request = ProgramRequest(arguments: ["/x"])
        let outcome = { (status: Int32, text: String) in
            request.outcome(.exited(status: status), output: Array(text.utf8))
        }
        #expect(outcome(0, "OK - fine|a=1\nmore") == .passed("OK - fine|a=1"))
        #expect(outcome(1, "slow") == .passed("slow"))
        #expect(outcome(2, "") == .failed("critical"))
        #expect(outcome(3, "what?") == .failed("what?"))
        #expect(outcome(9, "odd") == .failed("/x ended with status 9: odd"))
        #expect(
            ProgramRequest(arguments: ["/x"], unknown: .hold).outcome(
                .exited(status: 3), output: []) == .unasked("unknown"))
        #expect(
            outcome(127, "") == .unasked("/x could not be run: is it there, and executable?"))
        #expect(
            request.outcome(.killed(signal: 11), output: [])
                == .failed("/x was ended by signal 11"))
    }

    @Test func `placeholders are replaced in arguments, and not in the program's path`() {
        let request = ProgramRequest(arguments: ["/{port}", "-p", "{port}", "{address}:{port}"])
        #expect(
            request.replacing([("{port}", "80"), ("{address}", "10.0.0.1")]).arguments
                == ["/{port}", "-p", "80", "10.0.0.1:80"])
    }

    @Test func `words of others are shown on one line, cut, without control characters`() {
        #expect(Shown.text("a\u{1B}[31mb\r\nc".utf8) == "a.[31mb")
        let long = String(repeating: "ü", count: 100)
        #expect(Shown.cut(long).utf8.count <= Shown.longestBytes)
        #expect(Shown.text(long.utf8).utf8.count <= Shown.longestBytes + 2)
    }
}
