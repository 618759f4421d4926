// Answers of web servers, in pieces of any size and of any quality.

import Testing

@testable import Checks

struct HTTPAnswerTests {
    private func outcome(
        _ answer: String, pieces: Int = 1000, request: PageRequest = PageRequest(host: "x")
    ) -> Outcome {
        outcome(Array(answer.utf8), pieces: pieces, request: request)
    }

    private func outcome(_ bytes: [UInt8], pieces: Int, request: PageRequest) -> Outcome {
        var talk = PageTalk(request)
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(pieces))
            rest = rest.dropFirst(pieces)
            if case .done(let outcome) = piece.withUnsafeBytes({ talk.hear($0) }) {
                return outcome
            }
        }
        return talk.end()
    }

    private func wanting(_ pattern: String) throws -> PageRequest {
        PageRequest(host: "x", pattern: try Pattern(pattern))
    }

    @Test(arguments: [1, 2, 7, 1000])
    func `a status and a body are enough, however they arrive`(pieces: Int) throws {
        let forms = [
            "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
            "HTTP/1.0 200 OK\n\nhello",
            "HTTP/1.1 200\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        ]
        for form in forms {
            #expect(
                outcome(form, pieces: pieces, request: try wanting("^hello$"))
                    == .passed("status 200"))
            #expect(
                outcome(form, pieces: pieces, request: try wanting("bye"))
                    == .failed("status 200, and the body does not match"))
        }
    }

    @Test func `a status that is not wanted fails before the body comes`() {
        #expect(
            outcome("HTTP/1.1 503 Busy\r\nContent-Length: 99\r\n\r\n")
                == .failed("status 503, and 200-299 is good"))
        let request = PageRequest(
            host: "x", statuses: StatusRanges(ranges: [301...301, 503...503]))
        #expect(outcome("HTTP/1.1 503 Busy\r\n\r\n", request: request) == .passed("status 503"))
    }

    @Test(arguments: [
        ("", "the answer is not HTTP"), ("SSH-2.0-OpenSSH\r\n", "the answer is not HTTP"),
        ("HTTP/1.1 2000 OK\r\n\r\n", "the answer is not HTTP"),
        ("HTTP/1.1 -20 OK\r\n\r\n", "the answer is not HTTP"),
        ("HTTP/1.1 200 OK\r\nno header\r\n\r\n", "the answer is not HTTP"),
        ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "the answer's length cannot be read"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "the answer's length cannot be read"
        ),
        ("HTTP/1.1 200 OK\r\n", "the answer ends in the middle"),
    ])
    func `what is no good answer fails, and is named`(answer: String, text: String) {
        #expect(outcome(answer) == .failed(text))
    }

    @Test func `a body that ends early fails where it is wanted`() throws {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"
        #expect(outcome(answer, request: try wanting("h")) == .failed(HTTPFault.cutShort.text))
        #expect(outcome(answer) == .passed("status 200"))
    }

    @Test func `a head or chunk lines without end are given up`() throws {
        let head = "HTTP/1.1 200 OK\r\n" + String(repeating: "a: b\r\n", count: 2000)
        #expect(outcome(head) == .failed(HTTPFault.headTooLong.text))
        let early = String(repeating: "HTTP/1.1 100 Wait\r\n\r\n", count: 1000)
        #expect(outcome(early) == .failed(HTTPFault.headTooLong.text))
        let chunks =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + String(repeating: "1\r\na\r\n", count: 5000)
        #expect(outcome(chunks, request: try wanting("b")) == .failed(HTTPFault.headTooLong.text))
    }

    @Test func `of a body without end the first 64 KiB are looked at`() throws {
        let body = String(repeating: "x", count: 65_535)
        let head = "HTTP/1.1 200 OK\r\n\r\n"
        let request = try wanting("yz?")
        #expect(outcome(head + body + "yz", request: request) == .passed("status 200"))
        #expect(
            outcome(head + body + "xyz", request: request)
                == .failed("status 200, and the body does not match"))
    }

    @Test func `random answers end in an outcome and nothing else`() throws {
        var dice = Dice(seed: 5)
        let good = Array(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
                .utf8)
        let request = try wanting("hello")
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0...dice.below(4) {
                let place = dice.below(bytes.count)
                switch dice.below(3) {
                case 0: bytes[place] = UInt8(dice.below(256))
                case 1: bytes.remove(at: place)
                default: bytes.insert(contentsOf: dice.bytes(upTo: 9), at: place)
                }
            }
            _ = outcome(bytes, pieces: 1 + dice.below(20), request: request)
        }
    }

    @Test(arguments: ["200", "200-299", "200-299,301", "100-599,404"])
    func `lists of status codes are read`(text: String) throws {
        let ranges = try #require(StatusRanges(text))
        #expect(ranges.text == text)
    }

    @Test(arguments: ["", "2", "99", "600", "200-", "-200", "300-200", "200,,201", "+20", "1-2-3"])
    func `what is no list of status codes is refused`(text: String) {
        #expect(StatusRanges(text) == nil)
    }
}
