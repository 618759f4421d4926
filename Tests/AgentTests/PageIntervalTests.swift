// How often pages are asked, and what the reports in between say.

import Daemon
import Protocol
import Testing

@testable import Agent

private let millisecond: Int64 = 1_000_000

/// Nine reports of an agent whose page answers at once.
private func reports(_ sections: (String) -> String, _ page: Page) throws -> [Report] {
    let configuration = try Configuration.decode(
        """
        [agent]
        master = 127.0.0.1:1 \(SecretKey.generate().publicKey.text)
        interval = 50ms
        page-interval = 200ms
        \(sections("prometheus = http://127.0.0.1:\(page.port)/metrics"))
        """, file: "agent.conf")
    let start = MonotonicClock.now()
    let sources = Sources(configuration, startedAt: start, log: Log())
    let poller = try Poller()
    return (0...8).map { (beat: Int64) -> Report in
        // Beats are not that even.
        let now: Int64 = start + (beat * 50 + beat % 2) * millisecond
        sources.begin(at: now, poller: poller)
        page.serve()
        sources.expire(at: now + millisecond, poller: poller)
        return sources.report(at: now + millisecond)
    }
}

@Test func `counters are told when the page was asked, gauges until the next time`() throws {
    let page = try Page("req 100\nbusy 3\n")
    let reports = try reports({ "[service web]\n\($0)\nrequests = req\nin-flight = busy" }, page)
    #expect(reports.map(\.requests.count) == [1, 0, 0, 0, 1, 0, 0, 0, 1])
    #expect(reports.map { $0.services.first?.inFlight } == Array(repeating: 3, count: 9))
    #expect(reports.allSatisfy { $0.services.first?.state == .up })
    #expect(reports.allSatisfy { !$0.flags.contains(.sampleStale) })
}

@Test func `a page that stands in for the host is asked for every report`() throws {
    let page = try Page("req 100\nbusy 3\n")
    let host = "cpu-busy = req\nrunnable = req\ncores = busy\n"
    let reports = try reports(
        { "[host]\nsource = prometheus\n\($0)\n\(host)[service web]\n\($0)\nrequests = req" },
        page)
    #expect(reports.map { $0.host?.coresHundredths } == Array(repeating: 300, count: 9))
    #expect(reports.map(\.requests.count) == Array(repeating: 1, count: 9))
}
