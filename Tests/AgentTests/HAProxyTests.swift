// HAProxy: its statistics as text, and a real one asked over its page and over its socket.

import Protocol
import Testing

@testable import Agent

/// A page with the columns that count and some between them; those of others are in another order.
private let csv = """
    # pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,econ,eresp,status,hrsp_5xx,req_tot,last_chk,
    web,FRONTEND,,,7,9,2000,500,1,,,OPEN,12,900,,
    app,s1,1,1,3,5,,300,1,1,2,UP,7,,"Layer7 check passed, code 200",
    app,BACKEND,4,9,6,7,200,301,1,1,2,UP,11,890,,
    mail,FRONTEND,,,5,9,2000,50,1,,,OPEN,,0,,
    mail,BACKEND,2,9,5,7,200,50,1,3,4,UP,,,,
    alone,BACKEND,1,9,2,7,200,80,1,5,6,UP,,,,

    """

private func values(_ text: String, _ proxies: [String?]) -> [Double?]? {
    Array(text.utf8).withUnsafeBytes { HAProxySource.values(csv: $0, of: proxies) }
}

/// Requests, errors, in flight, queue.
private func figures(_ values: [Double?]?, _ index: Int = 0) -> [Double?] {
    Array((values ?? []).dropFirst(index * Field.allCases.count).prefix(4))
}

@Test func `without a name the frontends are summed up, and the queues of all backends`() {
    #expect(figures(values(csv, [nil])) == [950, 12, 12, 7])
}

@Test func `a named proxy is the one of both kinds, or of the one it has`() {
    let read = values(csv, ["web", "app", "mail", "alone", "none"])
    #expect(figures(read, 0) == [900, 12, 7, nil])
    #expect(figures(read, 1) == [890, 11, 6, 4])
    // In TCP mode sessions are requests, and what broke in the backend are the errors.
    #expect(figures(read, 2) == [50, 7, 5, 2])
    #expect(figures(read, 3) == [80, 11, 2, 1])
    #expect(figures(read, 4) == [nil, nil, nil, nil])
}

@Test(arguments: ["", "\n", "Unknown command.\n", "pxname,svname\n", "<html>\n"])
func `what is not the list is refused`(text: String) { #expect(values(text, [nil]) == nil) }

@Test func `rows that are cut or strange do not matter`() {
    let text = "# pxname,svname,scur\nweb\n,,,,\nweb,FRONTEND\nweb,FRONTEND,x\nweb,FRONTEND,3"
    #expect(figures(values(text, ["web"])) == [0, nil, 3, nil])
}

@Test func `a real HAProxy tells the same over its page and its socket`() throws {
    let scratch = try Scratch()
    let (web, stats, mail) = (
        try Server.freePort(), try Server.freePort(), try Server.freePort()
    )
    let socket = scratch.path("stats.sock")
    let config = try scratch.write(
        "haproxy.cfg",
        """
        global
            stats socket \(socket) mode 600 level user
        defaults
            mode http
            timeout connect 5s
            timeout client 30s
            timeout server 30s
        frontend web
            bind 127.0.0.1:\(web)
            default_backend app
        backend app
            http-request return status 503 if { path /bad }
            http-request return status 200 content-type text/plain string ok
        listen mail
            mode tcp
            bind 127.0.0.1:\(mail)
            server one 127.0.0.1:\(web)
        frontend statistics
            bind 127.0.0.1:\(stats)
            stats enable
            stats uri /stats

        """)
    let server = try Server(["/usr/sbin/haproxy", "-db", "-f", config])
    let overSocket = Question.haproxySocket(path: socket)
    let overPage = Question.haproxyPage(
        try #require(PageURL("http://127.0.0.1:\(stats)/stats;csv")))
    #expect(try answer(overSocket, proxy: "web").failure == nil)
    for _ in 1...3 { #expect(try Client.get("/", port: web).hasSuffix("ok")) }
    for _ in 1...2 { #expect(try Client.get("/bad", port: web).contains(" 503 ")) }
    #expect(try Client.get("/", port: mail).hasSuffix("ok"))
    let halfAsked = try Client(port: web)
    try halfAsked.send("GET / HTTP/1.1\r\n")

    for question in [overSocket, overPage] {
        // The frontend has no queue; the one request over "mail" came through "web" too.
        #expect(figures(try answer(question, proxy: "web").values) == [6, 2, 1, nil])
        #expect(figures(try answer(question, proxy: "app").values) == [6, 2, 0, 0])
        #expect(figures(try answer(question, proxy: "mail").values) == [1, 0, 0, 0])
    }
    let pair = try Pair(
        """
        [service web]
        port = \(web)
        haproxy = \(socket)
        haproxy-proxy = web
        haproxy-fields = requests errors in-flight
        [service app]
        haproxy = http://127.0.0.1:\(stats)/stats;csv
        haproxy-proxy = app
        """)
    let last = try #require(try pair.reports(4).last)
    #expect(last.services.map(\.state) == [.up, .up])
    #expect(last.services.map(\.inFlight) == [1, 0])
    #expect(last.services.map(\.queue) == [0, 0])
    #expect(last.requests.map(\.requests) == [0, 0])
    withExtendedLifetime((server, halfAsked)) {}
}
