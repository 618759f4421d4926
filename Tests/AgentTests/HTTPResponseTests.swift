// HTTP responses, cut at every place.

import Testing

@testable import Agent

private let counted = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nup 1\ndown 0"
private let chunked = """
    HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTRANSFER-ENCODING: Chunked\r\n\r\n\
    5;note=x\r\nup 1\n\r\n6\r\ndown 0\r\n0\r\nTrailer: 1\r\n\r\n
    """
private let untilEnd = "HTTP/1.0 200 OK\nServer: x\n\nup 1\ndown 0"

/// Feeds the text in two pieces, then the end of the connection; the body, or why there is none.
private func read(_ text: String, cutAt cut: Int = 0) throws(HTTPFault) -> String {
    let bytes = Array(text.utf8)
    var response = HTTPResponse()
    var body: [UInt8] = []
    for piece in [bytes[..<cut], bytes[cut...]] {
        try Array(piece).span.bytes.withUnsafeBytes { piece throws(HTTPFault) in
            try response.take(piece) { body.append(contentsOf: $0) }
        }
    }
    try response.end()
    return String(decoding: body, as: UTF8.self)
}

@Test(arguments: [counted, chunked, untilEnd])
func `a body is the same wherever the answer is cut in two`(text: String) throws {
    for cut in 0...text.utf8.count {
        #expect(try read(text, cutAt: cut) == "up 1\ndown 0", "cut at \(cut)")
    }
}

@Test(arguments: [counted, chunked])
func `an answer that ends early is refused wherever it ends`(text: String) {
    let bytes = Array(text.utf8)
    for length in 1..<bytes.count {
        #expect(throws: HTTPFault.self, "ends after \(length)") {
            try read(String(decoding: bytes[..<length], as: UTF8.self))
        }
    }
}

@Test(arguments: [
    ("HTTP/1.1 404 Not Found\r\n\r\n", HTTPFault.status(404)),
    ("HTTP/1.1 503 Busy\r\n\r\n", .status(503)),
    ("SSH-2.0-OpenSSH_9.2\r\n", .notHTTP),
    ("", .notHTTP),
    ("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", .badLength),
    ("HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n", .tooLong),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", .badLength),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", .badLength),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", .badLength),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7fffffffffffffff\r\nab\r\n", .cutShort),
])
func `an answer that is of no use is refused with its reason`(text: String, fault: HTTPFault) {
    #expect(throws: fault) { try read(text) }
}

@Test func `an answer beyond the limits is refused`() {
    let long = String(repeating: "x", count: HTTPResponse.longestHead)
    #expect(throws: HTTPFault.headTooLong) { try read("HTTP/1.1 200 OK\r\nX: \(long)\r\n\r\n") }
    let huge = String(repeating: "x", count: HTTPResponse.longestBody + 1)
    #expect(throws: HTTPFault.tooLong) { try read("HTTP/1.1 200 OK\r\n\r\n" + huge) }
}

@Test func `what follows the whole answer is ignored`() throws {
    #expect(try read(counted + "HTTP/1.1 500 Next\r\n\r\n") == "up 1\ndown 0")
}

@Test(arguments: [
    (counted, true), (chunked, true),
    (counted.replacing("1.1 200", with: "1.0 200"), false),
    (counted.replacing("Content", with: "Connection: keep-alive, Close\r\nContent"), false),
    (counted.replacing("Content", with: "Connection: keep-alive\r\nContent"), true),
    (counted + "x", false), (chunked + "HTTP/1.1 200 OK\r\n", false),
    (counted.replacing("Content-Length: 11\r\n", with: ""), false),
    (String(counted.dropLast()), false),
])
func `another question may follow a whole answer with an end of its own`(
    text: String, isLeft: Bool
) throws {
    var response = HTTPResponse()
    try Array(text.utf8).span.bytes.withUnsafeBytes { bytes throws(HTTPFault) in
        try response.take(bytes) { _ in }
    }
    #expect(response.leavesConnection == isLeft)
    try? response.end()
    #expect(response.leavesConnection == isLeft)
}
