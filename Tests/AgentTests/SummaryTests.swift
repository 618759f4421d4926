// What --once prints.

import Protocol
import Testing

@testable import Agent

private func report(_ clock: UInt32, busy: UInt32, requests: UInt32) -> Report {
    Report(
        state: .up, intervalMilliseconds: 500, sampleAgeMilliseconds: 2,
        clockTenthsOfMillisecond: clock,
        host: HostLoad(
            cpuBusyTenthsOfMillisecond: busy, runnableTenthsOfMillisecond: busy &* 2,
            coresHundredths: 400, memoryAvailableTenThousandths: 6_100),
        services: [
            ServiceLoad(id: ServiceID(name: "web"), state: .up, inFlight: 17, queue: 0),
            ServiceLoad(
                id: ServiceID(name: "mail"), state: .down, reason: .notListening, queue: 0),
        ],
        pressure: Pressure(
            cpuSomeTenthsOfMillisecond: clock / 50, memoryFullTenthsOfMillisecond: 7,
            ioFullTenthsOfMillisecond: nil),
        requests: [
            RequestCounters(
                id: ServiceID(name: "web"), p99Microseconds: 12_345, requests: requests,
                errors: requests &* 3)
        ])
}

// The counters pass 2 to the power of 32 between the two looks, as they will in a long life.
private let summary = ReportSummary(
    first: report(10_000, busy: .max - 4_999, requests: .max - 299),
    second: report(15_000, busy: 5_000, requests: 300), serviceNames: ["web", "mail"],
    faults: ["[service web] prometheus: no \"answer\"\tyet"])

@Test func `one look prints rates for people`() throws {
    try Golden.expect(summary.text, in: Golden.folder + "Once.txt")
}

@Test func `one look prints one object for programs, with the same keys always`() throws {
    try Golden.expect(summary.json, in: Golden.folder + "Once.json")
}

@Test(arguments: [(0, "0.0000"), (1, "0.0001"), (10_000, "1.0000"), (123_456_789, "12345.6789")])
func `decimals have four places`(tenThousandths: UInt64, text: String) {
    #expect(ReportSummary.Decimal(tenThousandths: tenThousandths).text == text)
}
