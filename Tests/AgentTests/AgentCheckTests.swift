// What HAProxy's agent-check is told.

import Protocol
import Testing

@testable import Agent

/// A report whose host spent `busy` of the time since clock 0, on one core.
private func report(clock: UInt32, busy: UInt32, load: UInt16? = nil) -> Report {
    Report(
        state: .up, intervalMilliseconds: 500, clockTenthsOfMillisecond: clock,
        host: HostLoad(cpuBusyTenthsOfMillisecond: busy, coresHundredths: 100),
        services: [
            ServiceLoad(id: ServiceID(name: "web"), state: .up, loadTenThousandths: load)
        ])
}

private let second: Int64 = 1_000_000_000

@Test func `before anything is known, nothing is said`() {
    var check = AgentCheck()
    #expect(check.line(at: 0) == "\n")
    check.take(report(clock: 0, busy: 0), isDraining: false, at: 0)
    #expect(check.line(at: 0) == "\n")
}

@Test func `the weight is what the busiest part has left`() {
    var check = AgentCheck()
    check.take(report(clock: 0, busy: 0), isDraining: false, at: 0)
    check.take(report(clock: 5_000, busy: 1_250), isDraining: false, at: 0)
    #expect(check.line(at: 0) == "75%\n")
    check.take(report(clock: 10_000, busy: 2_500, load: 4_000), isDraining: false, at: 0)
    #expect(check.line(at: 0) == "60%\n")
}

@Test func `a change of load comes smoothly, over four seconds`() {
    var check = AgentCheck()
    check.take(report(clock: 0, busy: 0), isDraining: false, at: 0)
    check.take(report(clock: 10_000, busy: 0), isDraining: false, at: 0)
    #expect(check.line(at: 0) == "100%\n")
    // One second of a core that is wholly busy.
    check.take(report(clock: 20_000, busy: 10_000), isDraining: false, at: 0)
    #expect(check.line(at: 0) == "75%\n")
}

@Test func `load alone never takes a server out`() {
    var check = AgentCheck()
    check.take(report(clock: 0, busy: 0, load: 10_000), isDraining: false, at: 0)
    #expect(check.line(at: 0) == "1%\n")
    check.take(report(clock: 0, busy: 0, load: .max), isDraining: false, at: 0)
    #expect(check.line(at: 0) == "1%\n")
}

@Test func `a figure that is missing leaves the last one`() {
    var check = AgentCheck()
    check.take(report(clock: 0, busy: 0, load: 4_000), isDraining: false, at: 0)
    var blind = report(clock: 0, busy: 0)
    blind.host = nil
    check.take(blind, isDraining: false, at: 0)
    #expect(check.line(at: 0) == "60%\n")
}

@Test func `a drain is said while it lasts, ready for a minute after it, and neither before`() {
    var check = AgentCheck()
    let report = report(clock: 0, busy: 0, load: 4_000)
    check.take(report, isDraining: false, at: 0)
    #expect(check.line(at: 0) == "60%\n")
    check.take(report, isDraining: true, at: 1 * second)
    check.take(report, isDraining: true, at: 900 * second)
    #expect(check.line(at: 900 * second) == "drain\n")
    check.take(report, isDraining: false, at: 901 * second)
    #expect(check.line(at: 901 * second) == "60% ready\n")
    check.take(report, isDraining: false, at: 960 * second)
    #expect(check.line(at: 961 * second - 1) == "60% ready\n")
    #expect(check.line(at: 961 * second) == "60%\n")
}
