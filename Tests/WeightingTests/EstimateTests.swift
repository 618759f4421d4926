// From counters to rates, and from rates to what a server can carry.

import Protocol
import Testing

@testable import Weighting

private func sample(
    clock: UInt32, busy: UInt32, requests: UInt32, boot: UInt32 = 1, runnable: UInt32? = nil,
    pressure: UInt32? = nil, errors: UInt32? = nil, cores: UInt16 = 100
) throws -> CounterSample {
    let web = ServiceID(name: "web")
    var report = Report(
        state: .up, intervalMilliseconds: 500, clockTenthsOfMillisecond: clock)
    report.host = HostLoad(
        cpuBusyTenthsOfMillisecond: busy, runnableTenthsOfMillisecond: runnable,
        coresHundredths: cores, memoryAvailableTenThousandths: nil)
    report.pressure = Pressure(
        cpuSomeTenthsOfMillisecond: pressure, memoryFullTenthsOfMillisecond: nil,
        ioFullTenthsOfMillisecond: nil)
    report.requests = [
        RequestCounters(id: web, p99Microseconds: nil, requests: requests, errors: errors)
    ]
    return try #require(CounterSample(report, boot: boot, service: web, kernel: nil))
}

@Test func `rates come from differences over the agent's own clock`() throws {
    let interval = try Rates.between(
        sample(clock: 10_000, busy: 0, requests: 100),
        sample(clock: 15_000, busy: 2_500, requests: 120), counting: .requests)
    #expect(interval?.seconds == 0.5)
    #expect(interval?.rates.requests == 40)
    #expect(interval?.rates.utilisation == 0.5)
}

@Test func `counters may pass the end of 32 bits`() throws {
    let interval = try Rates.between(
        sample(clock: .max - 4_999, busy: .max, requests: .max - 9),
        sample(clock: 5_000, busy: 4_999, requests: 10), counting: .requests)
    #expect(interval?.seconds == 1)
    #expect(interval?.rates.requests == 20)
    #expect(interval?.rates.utilisation == 0.5)
}

@Test func `counters of two boots, of one moment, or too far apart do not compare`() throws {
    let first = try sample(clock: 10_000, busy: 0, requests: 0)
    #expect(
        try Rates.between(
            first, sample(clock: 20_000, busy: 1, requests: 1, boot: 2), counting: .requests) == nil
    )
    #expect(Rates.between(first, first, counting: .requests) == nil)
    let late = try sample(clock: 10_000 + 18_000_001, busy: 1, requests: 1)
    #expect(Rates.between(first, late, counting: .requests) == nil)
}

@Test func `pressure unmasks a throttled server, and a queue makes load grow past 1`() throws {
    let interval = try Rates.between(
        sample(clock: 0, busy: 0, requests: 0, runnable: 0, pressure: 0),
        sample(clock: 10_000, busy: 3_000, requests: 10, runnable: 20_000, pressure: 9_000),
        counting: .requests)
    #expect(interval?.rates.utilisation == 0.9)
    #expect(interval.map { abs($0.rates.load - 1.4) < 1e-12 } == true)
}

@Test func `two cores at half use are half used`() throws {
    let interval = try Rates.between(
        sample(clock: 0, busy: 0, requests: 0, cores: 200),
        sample(clock: 10_000, busy: 10_000, requests: 10, cores: 200), counting: .requests)
    #expect(interval?.rates.utilisation == 0.5)
}

@Test func `a busy server that halves is noticed within three seconds, not eight`() throws {
    var estimate = Estimate()
    var clock: UInt32 = 0
    var busy: Double = 0
    var requests: Double = 0
    func pass(_ perSecond: Double, _ utilisation: Double, seconds: Double) throws {
        for _ in 0..<Int(seconds * 2) {
            clock += 5_000
            busy += utilisation * 5_000
            requests += perSecond / 2
            try estimate.hear(
                sample(clock: clock, busy: UInt32(busy), requests: UInt32(requests)),
                counting: .requests, policy: Policy())
        }
    }
    try pass(560, 0.7, seconds: 30)
    #expect(estimate.observedCapacity(ownPart: 1).map { abs($0 - 800) < 1 } == true)
    try pass(400, 1, seconds: 3)
    #expect(estimate.observedCapacity(ownPart: 1).map { $0 < 500 } == true)
}

@Test func `a restarted agent keeps its prior and nothing else`() throws {
    var estimate = Estimate()
    for tick in UInt32(0)..<10 {
        try estimate.hear(
            sample(clock: tick * 5_000, busy: tick * 2_500, requests: tick * 20),
            counting: .requests, policy: Policy())
        estimate.advance(
            by: .init(seconds: 0.5), fallback: 50, ownPart: 1, isFailing: false)
    }
    let prior = estimate.prior
    #expect(prior.map { $0 > 60 } == true)
    try estimate.hear(
        sample(clock: 1, busy: 0, requests: 0, boot: 2), counting: .requests, policy: Policy())
    #expect(estimate.slow == nil)
    #expect(estimate.prior == prior)
}

@Test func `what a restarted agent says within milliseconds is no rate`() throws {
    var estimate = Estimate()
    for (clock, requests): (UInt32, UInt32) in [(0, 0), (50, 1), (3_000, 12)] {
        try estimate.hear(
            sample(clock: clock, busy: clock / 2, requests: requests), counting: .requests,
            policy: Policy())
        #expect(estimate.slow == nil)
    }
    try estimate.hear(
        sample(clock: 5_000, busy: 2_500, requests: 20), counting: .requests, policy: Policy())
    #expect(estimate.slow.map { abs($0.requests - 40) < 1e-9 } == true)
}

@Test func `the first interval weighs no more than the next`() throws {
    var estimate = Estimate()
    for (clock, requests): (UInt32, UInt32) in [(0, 0), (5_000, 40), (10_000, 60), (15_000, 60)] {
        try estimate.hear(
            sample(clock: clock, busy: clock / 2, requests: requests), counting: .requests,
            policy: Policy())
    }
    #expect(estimate.slow.map { abs($0.requests - 40) < 1e-9 } == true)
}

@Test func `a server whose queue grows is believed sooner to have become slow`() {
    // A third less done by a busy server: within 4 standard deviations of a fast average of 1.5 s.
    let slow = Rates(requests: 60, errors: 0, utilisation: 0.9, load: 0.95)
    let fast = Rates(requests: 45, errors: 0, utilisation: 1, load: 1.05)
    let drowning = Rates(requests: 45, errors: 0, utilisation: 1, load: 1.6)
    func looks(_ fast: Rates) -> Int? {
        var detector = ChangeDetector()
        return (1...10).first { _ in detector.happened(slow: slow, fast: fast, window: 1.5) }
    }
    #expect(looks(fast) == nil)
    #expect(looks(drowning) == 2)
    // A queue that grows because more comes in, and all of it gets done, is no change.
    #expect(looks(Rates(requests: 66, errors: 0, utilisation: 1, load: 1.6)) == nil)
}
