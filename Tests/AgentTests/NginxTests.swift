// nginx: its page as text, and a real nginx that is looked at through a whole agent.

import Protocol
import Testing

@testable import Agent

private func values(_ text: String) -> [Double?]? {
    Array(text.utf8).withUnsafeBytes { NginxSource.values(stubStatus: $0) }
}

// As nginx 1.22 writes it, with its blank at the ends of lines.
private let page = """
    Active connections: 291\u{20}
    server accepts handled requests
     16630948 16630940 31070465\u{20}
    Reading: 6 Writing: 179 Waiting: 106\u{20}

    """

@Test func `requests and busy connections are read, without the one that asks`() throws {
    let read = try #require(values(page))
    #expect(read[Field.requests.rawValue] == 31_070_465)
    #expect(read[Field.inFlight.rawValue] == 184)
    #expect(read.compactMap(\.self).count == 2)
}

@Test(arguments: [
    "", "<html>", "Active connections: 3\n", page.replacing("31070465", with: ""),
    page.replacing("Waiting: 106", with: "Waiting:"), page.replacing("291", with: "-1"),
])
func `what is not stub_status is refused`(text: String) { #expect(values(text) == nil) }

@Test func `more waiting than active, seen in the middle of a change, is none in flight`() throws {
    let read = try #require(values(page.replacing("291", with: "100")))
    #expect(read[Field.inFlight.rawValue] == 0)
}

/// nginx with one worker, its status and a page that says ok.
private func startNginx(in scratch: Scratch, port: UInt16) throws -> Server {
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map {
        "\($0)_temp_path \(scratch.path($0));"
    }.joined(separator: " ")
    let config = try scratch.write(
        "nginx.conf",
        """
        worker_processes 1; daemon off; pid \(scratch.path("pid")); error_log \(scratch.path("log"));
        events { worker_connections 64; }
        http {
            access_log off; \(temporary)
            server {
                listen 127.0.0.1:\(port);
                location /status { stub_status; }
                location / { return 200 "ok"; }
            }
        }
        """)
    return try Server(["/usr/sbin/nginx", "-e", scratch.path("log"), "-c", config])
}

@Test func `a real nginx tells what was asked of it`() throws {
    let scratch = try Scratch()
    let port = try Server.freePort()
    let server = try startNginx(in: scratch, port: port)
    let url = "http://127.0.0.1:\(port)/status"
    let question = Question.nginx(try #require(PageURL(url)))
    let before = try #require(try answer(question)[.requests])
    for _ in 1...5 { #expect(try Client.get("/", port: port).hasSuffix("ok")) }
    let halfAsked = try Client(port: port)
    try halfAsked.send("GET / HTTP/1.1\r\n")
    let after = try answer(question)
    // The one that is half asked and the second look are requests as well.
    #expect(after[.requests] == before + 7)
    #expect(after[.inFlight] == 1)

    let pair = try Pair("[service web]\nport = \(port)\nnginx = \(url)\n")
    let reports = try pair.reports(4)
    let last = try #require(reports.last)
    #expect(last.services.first?.state == .up)
    #expect(last.services.first?.inFlight == 1)
    let counters = reports.compactMap { $0.requests.first?.requests }
    #expect(counters.count >= 2 && counters == counters.sorted())
    #expect(try #require(counters.last) > 0)
    withExtendedLifetime((server, halfAsked)) {}
}
