// php-fpm: its status as text, and the records of FastCGI that carry it.

import Testing

@testable import Agent

private let status = """
    pool:                 www
    process manager:      dynamic
    start time:           22/Nov/2026:20:00:00 +0000
    start since:          120
    accepted conn:        12073
    listen queue:         3
    max listen queue:     8
    listen queue len:     511
    idle processes:       6
    active processes:     2
    total processes:      8
    max active processes: 5
    max children reached: 0
    slow requests:        0

    """

private let head = "Content-type: text/plain;charset=UTF-8\r\n\r\n"

private func record(_ type: UInt8, _ content: String, padding: UInt8 = 0) -> [UInt8] {
    let bytes = Array(content.utf8)
    return [1, type, 0, 1, UInt8(bytes.count >> 8), UInt8(bytes.count & 0xFF), padding, 0] + bytes
        + [UInt8](repeating: 0, count: Int(padding))
}

private let ending = record(3, "\0\0\0\0\0\0\0\0")

/// Takes an answer in pieces of so many bytes; what it carried, and whether it was whole.
private func take(_ bytes: [UInt8], by count: Int) throws -> (text: String, isDone: Bool) {
    var response = FastCGIResponse()
    var body: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: count) {
        try bytes[start..<min(start + count, bytes.count)].withUnsafeBytes { piece in
            try response.take(piece) { body.append(contentsOf: $0) }
        }
    }
    return (String(decoding: body, as: UTF8.self), response.isDone)
}

@Test func `the status of a pool is read`() throws {
    let bytes = Array((head + status).utf8)
    let read = try #require(bytes.withUnsafeBytes { PHPFPMSource.values(response: $0) })
    #expect(read[Field.requests.rawValue] == 12_073)
    #expect(read[Field.queue.rawValue] == 3)
    #expect(read[Field.inFlight.rawValue] == 2)
    #expect(read[Field.load.rawValue] == 0.25)
    #expect(read.compactMap(\.self).count == 4)
}

@Test(arguments: ["", "Status: 404 Not Found\r\n\r\nFile not found.\n", "accepted conn: 1\n"])
func `another page of the pool is refused`(text: String) {
    let bytes = Array(text.utf8)
    #expect(bytes.withUnsafeBytes { PHPFPMSource.values(response: $0) } == nil)
}

@Test(arguments: [1, 2, 7, 8, 9, 100, 10_000])
func `an answer comes in pieces of any size`(count: Int) throws {
    let bytes =
        record(6, head, padding: 3) + record(7, "a warning") + record(6, status, padding: 7)
        + record(6, "") + ending
    let whole = try take(bytes, by: count)
    #expect(whole.text == head + status)
    #expect(whole.isDone)
    #expect(try !take(bytes.dropLast(), by: count).isDone)
}

@Test func `what is not FastCGI, or is refused, is told`() {
    #expect(throws: FastCGIFault.notFastCGI) { try take(Array("HTTP/1.1 200 OK".utf8), by: 4) }
    #expect(throws: FastCGIFault.notFastCGI) { try take(record(3, "\0\0"), by: 99) }
    #expect(throws: FastCGIFault.refused) { try take(record(3, "\0\0\0\0\u{2}\0\0\0"), by: 99) }
}

@Test func `the request asks for the page by its name, and is closed after it`() {
    let bytes = PHPFPMSource.request(path: "/status")
    #expect(bytes.starts(with: [1, 1, 0, 1, 0, 8, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 4, 0, 1]))
    #expect(String(decoding: bytes, as: UTF8.self).contains("SCRIPT_NAME/status"))
    // No more parameters, and no input.
    #expect(bytes.suffix(16) == [1, 4, 0, 1, 0, 0, 0, 0, 1, 5, 0, 1, 0, 0, 0, 0])
}
