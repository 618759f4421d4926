// The agent as a whole, over loopback: what a master and a metrics page see of it.

import Daemon
import Protocol
import Testing

@testable import Agent

@Test func `a master opens what the agent sends, and finds the host in it`() throws {
    let pair = try Pair("")
    let reports = try pair.reports(3)
    #expect(reports.map(\.intervalMilliseconds) == [50, 50, 50])
    #expect(reports.map(\.state) == [.up, .up, .up])
    #expect(reports.allSatisfy { $0.flags.isDisjoint(with: [.final, .sampleStale]) })
    let busy = reports.compactMap(\.host?.cpuBusyTenthsOfMillisecond)
    #expect(busy.count == 3 && busy == busy.sorted())
    let cores = try #require(reports[0].host?.coresHundredths)
    #expect(cores > 0)
    // The first report says which agent this is, the next ones need not.
    #expect(reports.map { $0.info?.agentVersion } == [Poise.versionNumber, nil, nil])
}

@Test func `a port that nobody listens on is down, one that somebody does is up`() throws {
    let page = try Page("")
    let pair = try Pair("[service open]\nport = \(page.port)\n[service shut]\nport = 1\n")
    let report = try #require(try pair.reports(1).first)
    #expect(report.services.map(\.state) == [.up, .down])
    #expect(report.services.map(\.reason) == [.none, .notListening])
    #expect(report.services.map(\.queue) == [0, 0])
}

@Test func `metrics become counters that grow from the first reading`() throws {
    let page = try Page("busy_seconds 5.5\nrun_seconds 7\ncores 1.5\nreq 100\nbad 3\n")
    let url = "prometheus = http://127.0.0.1:\(page.port)/metrics\n"
    let pair = try Pair(
        """
        [host]
        source = prometheus
        \(url)cpu-busy = busy_seconds
        runnable = run_seconds
        cores = cores
        [service web]
        \(url)requests = req
        errors = bad
        in-flight = cores
        """)
    let report = try #require(try pair.reports(1) { page.serve() }.last)
    #expect(report.state == .up)
    #expect(report.host?.cpuBusyTenthsOfMillisecond == 0)
    #expect(report.host?.coresHundredths == 150)
    #expect(report.services.first?.inFlight == 1)
    #expect(report.requests.first?.requests == 0)
    #expect(report.requests.first?.errors == 0)
}

@Test func `a page that never answers costs its own figures, and no report`() throws {
    let page = try Page("")
    let start = MonotonicClock.now()
    let pair = try Pair(
        """
        [service web]
        port = \(page.port)
        prometheus = http://127.0.0.1:\(page.port)/metrics
        requests = req
        """, startedAt: start)
    // The first report waits its short while, a fifth of the interval of 50 ms.
    #expect(try pair.reports(at: start).isEmpty)
    #expect(try pair.reports(at: start + 9_999_999).isEmpty)
    var reports = try pair.reports(at: start + 10_000_000)
    #expect(reports.count == 1)
    // Then the page has lost its credit: each next report goes when it is due, fetch or no fetch,
    // and so it stays when the fetch is given up and the next one begins.
    for beat: Int64 in 1...7 {
        let due = start + beat * 50_000_000
        #expect(try pair.reports(at: due - 1).isEmpty)
        let one = try pair.reports(at: due)
        #expect(one.count == 1)
        reports += one
    }
    #expect(reports.allSatisfy { $0.host != nil && $0.state == .up })
    #expect(reports.allSatisfy { $0.requests.isEmpty })
    #expect(reports.allSatisfy { $0.services.first?.state == .up })
    #expect(reports.allSatisfy { $0.services.first?.reason == .agentFault })
}

@Test func `a page that answers intervals later counts in the report after its answer`() throws {
    let page = try Page("req 100\n")
    let start = MonotonicClock.now()
    let configuration = try Configuration.decode(
        """
        [agent]
        master = 127.0.0.1:1 \(SecretKey.generate().publicKey.text)
        interval = 50ms
        page-interval = 50ms
        [service web]
        prometheus = http://127.0.0.1:\(page.port)/metrics
        requests = req
        """, file: "agent.conf")
    let sources = Sources(configuration, startedAt: start, log: Log())
    let poller = try Poller()
    // A report every interval; the page answers in the third interval of every fetch.
    var reports: [Report] = []
    for beat: Int64 in 0...8 {
        let now = start + beat * 50_000_000
        sources.expire(at: now, poller: poller)
        sources.begin(at: now, poller: poller)
        reports.append(sources.report(at: now + 1))
        guard beat % 3 == 2 else { continue }
        page.serve()
        while sources.isFetching {
            try poller.wait { token, _ in
                sources.advance(token: token, at: now + 20_000_000, poller: poller)
            }
        }
    }
    #expect(reports.map(\.requests.count) == [0, 0, 0, 1, 0, 0, 1, 0, 0])
    // Before the first answer nothing is known; then a page that takes its time is no fault.
    #expect(reports.prefix(3).allSatisfy { $0.services.first?.state == .unknown })
    #expect(reports.dropFirst(3).allSatisfy { $0.services.first?.state == .up })
    #expect(reports.dropFirst(3).allSatisfy { $0.services.first?.reason == StateReason.none })
    #expect(sources.faults.isEmpty)
    // But not for ever: five intervals after the last fetch began it is given up.
    for beat: Int64 in 9...14 {
        sources.expire(at: start + beat * 50_000_000, poller: poller)
        sources.begin(at: start + beat * 50_000_000, poller: poller)
        _ = sources.report(at: start + beat * 50_000_000 + 1)
    }
    #expect(sources.faults.count == 1)
    #expect(sources.faults.first?.hasSuffix("within 245ms") == true)
}

@Test(
    arguments: [
        (0, nil), (0.0049, nil), (-1, nil), (0.005, 1), (1.5, 150), (1e300, UInt16.max),
    ] as [(Double, UInt16?)])
func `no cores at all are no figure`(cores: Double, hundredths: UInt16?) {
    #expect(StandInHost.hundredths(cores: cores) == hundredths)
}

@Test func `a host whose stand-in is silent is unknown by fault of the agent`() throws {
    let page = try Page("")
    let pair = try Pair(
        """
        [host]
        source = prometheus
        prometheus = http://127.0.0.1:\(page.port)/metrics
        cpu-busy = a
        runnable = b
        cores = c
        """)
    let report = try #require(try pair.reports(1).first)
    #expect(report.host == nil)
    #expect(report.state == .unknown)
    #expect(report.reason == .agentFault)
    #expect(report.flags.contains(.sampleStale))
}
