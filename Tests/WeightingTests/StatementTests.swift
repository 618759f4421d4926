// Statements that take several datagrams, and reports that come twice.

import Protocol
import Testing

@testable import Weighting

private let web = ServiceID(name: "web")

private func report(
    clock: UInt32, services: [ServiceLoad] = [], requests: UInt32? = nil
) -> Report {
    Report(
        state: .up, intervalMilliseconds: 500, clockTenthsOfMillisecond: clock,
        host: HostLoad(cpuBusyTenthsOfMillisecond: clock / 2, coresHundredths: 100),
        services: services,
        requests: requests.map { [RequestCounters(id: web, requests: $0, errors: 0)] } ?? [])
}

private func memory(after reports: [Report]) -> MemberMemory {
    var memory = MemberMemory()
    let heard = Event.Heard(server: 0, boot: 1, at: Instant(nanoseconds: 0))
    for report in reports { memory.hear(report, heard, service: web, policy: Policy()) }
    return memory
}

private let others = (0..<Report.serviceLimit).map {
    ServiceLoad(id: ServiceID(name: "other\($0)"), state: .up)
}
private let draining = [ServiceLoad(id: web, state: .draining)]

@Test func `a service that the second datagram of a statement names is heard from there`() {
    let first = report(clock: 5_000, services: others)
    let second = report(clock: 5_000, services: draining, requests: 10)
    for order in [[first, second], [second, first]] {
        let memory = memory(after: order)
        #expect(memory.narrowedState == .draining)
        #expect(memory.countsRequests)
    }
}

@Test func `the rest of a statement takes nothing back that its first datagram said`() {
    let first = report(
        clock: 5_000, services: draining + others.dropLast(), requests: 10)
    let rest = report(clock: 5_000, services: [ServiceLoad(id: ServiceID(name: "x"), state: .up)])
    let memory = memory(after: [first, rest])
    #expect(memory.narrowedState == .draining)
    #expect(memory.hasLoad)
}

@Test func `a service that no datagram of an agent with forty others names has its load`() {
    var memory = MemberMemory()
    memory.kernelConnections = 5
    let heard = Event.Heard(server: 0, boot: 1, at: Instant(nanoseconds: 0))
    var hasLoad: [Bool] = []
    for clock in UInt32(1)...6 {
        let full = report(clock: clock * 5_000, services: others)
        memory.hear(full, heard, service: web, policy: Policy())
        hasLoad.append(memory.hasLoad)
    }
    #expect(hasLoad == [false, false, false, false, true, true])
    memory.hear(
        report(clock: 35_000, services: draining), heard, service: web, policy: Policy())
    #expect(memory.narrowedState == .draining)
    memory.hear(
        report(clock: 40_000, services: others), heard, service: web, policy: Policy())
    #expect(memory.narrowedState == .draining)
}

@Test func `a report that comes twice counts once`() {
    let reports = (UInt32(0)..<4).map { report(clock: $0 * 5_000, requests: $0 * 20) }
    let twice = reports.flatMap { [$0, $0] }
    #expect(memory(after: twice)[.requests] == memory(after: reports)[.requests])
}

@Test func `a state of the service ends with the report that does not say it any more`() {
    let memory = memory(after: [
        report(clock: 5_000, services: draining, requests: 10),
        report(clock: 10_000, requests: 20),
    ])
    #expect(memory.narrowedState == nil)
}
