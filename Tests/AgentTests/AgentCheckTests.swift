// What HAProxy's agent-check is told.

import Daemon
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

/// An agent that starts with what the ones before it left in the folder.
private func started(in scratch: Scratch) -> AgentCheck {
    AgentCheck(mark: DrainMark(path: scratch.path("drained"), log: Log()))
}

@Test func `a drain that ended while no agent ran is taken back, for a minute and once`() throws {
    let scratch = try Scratch()
    let report = report(clock: 0, busy: 0, load: 4_000)
    var check = started(in: scratch)
    check.take(report, isDraining: true, at: 0)
    // The machine boots: its maintenance is gone, and what HAProxy holds is not.
    check = started(in: scratch)
    check.take(report, isDraining: false, at: 10 * second)
    #expect(check.line(at: 10 * second) == "60% ready\n")
    // Within the minute the agent restarts once more.
    check = started(in: scratch)
    check.take(report, isDraining: false, at: 60 * second)
    check.take(report, isDraining: false, at: 119 * second)
    #expect(check.line(at: 119 * second) == "60% ready\n")
    check.take(report, isDraining: false, at: 120 * second)
    #expect(check.line(at: 120 * second) == "60%\n")
    check = started(in: scratch)
    check.take(report, isDraining: false, at: 130 * second)
    #expect(check.line(at: 130 * second) == "60%\n")
}

@Test func `a drain that still holds when an agent starts goes on`() throws {
    let scratch = try Scratch()
    let report = report(clock: 0, busy: 0, load: 4_000)
    var check = started(in: scratch)
    check.take(report, isDraining: true, at: 0)
    check = started(in: scratch)
    check.take(report, isDraining: true, at: 10 * second)
    #expect(check.line(at: 10 * second) == "drain\n")
    check.take(report, isDraining: false, at: 20 * second)
    #expect(check.line(at: 20 * second) == "60% ready\n")
    // A drain within the minute of ready begins anew.
    check.take(report, isDraining: true, at: 30 * second)
    check.take(report, isDraining: false, at: 70 * second)
    #expect(check.line(at: 129 * second) == "60% ready\n")
}

@Test func `a drain is not taken back before it is known that nobody asks for it`() throws {
    let scratch = try Scratch()
    let report = report(clock: 0, busy: 0, load: 4_000)
    var check = started(in: scratch)
    check.take(report, isDraining: true, at: 0)
    check = started(in: scratch)
    check.take(report, isDraining: nil, at: 10 * second)
    #expect(check.line(at: 10 * second) == "60%\n")
    check.take(report, isDraining: false, at: 20 * second)
    #expect(check.line(at: 20 * second) == "60% ready\n")
}

@Test func `a mark that cannot be kept does not keep anything else`() {
    var check = AgentCheck(mark: DrainMark(path: "/nowhere/drained", log: Log()))
    let report = report(clock: 0, busy: 0, load: 4_000)
    check.take(report, isDraining: true, at: 0)
    #expect(check.line(at: 0) == "drain\n")
    check.take(report, isDraining: false, at: 0)
    #expect(check.line(at: 0) == "60% ready\n")
}

@Test func `the mark is where a boot leaves it, if the agent may write there`() throws {
    let scratch = try Scratch()
    let address = try #require(SocketAddress("127.0.0.1:8989"))
    let paths = [scratch.root, scratch.path("missing"), nil].map {
        DrainMark(of: address, runFolder: "/run/poise", keptFolder: $0, log: Log()).path
    }
    let inRunFolder = "/run/poise/drained-127.0.0.1:8989"
    #expect(paths == [scratch.path("drained-127.0.0.1:8989"), inRunFolder, inRunFolder])
}
