// What counts as load beside the processor: each resource that the policy names, and none else.

import Protocol
import Testing

@testable import Weighting

/// A policy that names one resource, which is full at this value.
private func naming(_ resource: Resource, _ limit: Double) -> Policy {
    var policy = Policy()
    switch resource {
    case .cpu, .cpuPressure: break
    case .memory: policy.resources.memory = limit
    case .memoryPressure: policy.resources.memoryPressure = limit
    case .ioPressure: policy.resources.ioPressure = limit
    case .inFlight: policy.resources.inFlight = limit * 40
    case .serviceLoad: policy.resources.serviceLoad = limit
    }
    return policy
}

/// A server that has so much of everything in use, 0 to 1, and little of its processor.
private func filled(_ resource: Resource?, _ share: Double) -> Site.Doing {
    var doing = Site.Doing(memoryAvailable: 1, memoryStalled: 0, ioStalled: 0)
    doing.services[0].inFlight = 0
    doing.services[0].load = 0
    switch resource {
    case .memory: doing.memoryAvailable = 1 - share
    case .memoryPressure: doing.memoryStalled = share
    case .ioPressure: doing.ioStalled = share
    case .inFlight: doing.services[0].inFlight = UInt64(share * 40)
    case .serviceLoad: doing.services[0].load = share
    case .cpu, .cpuPressure, nil: break
    }
    return doing
}

private let named: [Resource] = [
    .memory, .memoryPressure, .ioPressure, .inFlight, .serviceLoad,
]

@Test(arguments: named)
func `a server that is fuller of what the policy names gets less`(resource: Resource) throws {
    var site = Site(servers: 4, policy: naming(resource, 0.5))
    let calm = filled(resource, 0.1)
    let decision = site.pass([filled(resource, 0.9), calm, calm, calm], times: 60)
    let weights = site.weights[0]
    #expect(weights[0] < 700)
    #expect(weights[1...].allSatisfy { $0 > 1000 })
    let chains = decision?.services[0].chains ?? []
    try #require(chains.count == 4)
    #expect(chains[0].resource == resource)
    #expect(chains[1...].allSatisfy { $0.resource == .cpu && $0.utilisation < 0.31 })
}

@Test(arguments: named)
func `the more of a resource is in use, the less its server gets`(resource: Resource) {
    var before = Int.max
    for share in [0, 0.2, 0.35, 0.5, 0.7, 0.9, 1] {
        var site = Site(servers: 3, policy: naming(resource, 0.3))
        let calm = filled(resource, 0.1)
        site.pass([filled(resource, share), calm, calm], times: 60)
        #expect(site.weights[0][0] <= before)
        before = site.weights[0][0]
    }
}

@Test func `use never falls as any resource fills`() throws {
    var dice = SplitMix(state: 11)
    for _ in 0..<20_000 {
        var limits = Policy.Resources()
        for resource in named where dice.unit() < 0.5 {
            let all = naming(resource, 0.01 + 0.9 * dice.unit()).resources
            switch resource {
            case .memory: limits.memory = all.memory
            case .memoryPressure: limits.memoryPressure = all.memoryPressure
            case .ioPressure: limits.ioPressure = all.ioPressure
            case .inFlight: limits.inFlight = all.inFlight
            case .serviceLoad: limits.serviceLoad = all.serviceLoad
            case .cpu, .cpuPressure: break
            }
        }
        var report = Report(state: .up, intervalMilliseconds: 500, clockTenthsOfMillisecond: 0)
        report.host = HostLoad(
            coresHundredths: 200, memoryAvailableTenThousandths: UInt16(dice.unit() * 10_000))
        var service = ServiceLoad(
            id: ServiceID(name: "web"), state: .up, inFlight: UInt64(dice.unit() * 100),
            loadTenThousandths: UInt16(dice.unit() * 10_000))
        var stalled = Stalls.Shares(memory: dice.unit(), io: dice.unit())
        let less = try #require(limits.use(report, service, stalled: stalled)).share
        switch dice.next() % 5 {
        case 0: report.host?.memoryAvailableTenThousandths = 0
        case 1: stalled.memory = 1
        case 2: stalled.io = 1
        case 3: service.inFlight = 100
        default: service.loadTenThousandths = 10_000
        }
        let more = try #require(limits.use(report, service, stalled: stalled)).share
        #expect(more >= less && more.isFinite && less >= 0)
    }
}

@Test func `what the policy does not name changes nothing, bit for bit`() {
    var (plain, full) = (Site(servers: 5), Site(servers: 5))
    var dice = SplitMix(state: 3)
    for _ in 0..<120 {
        let doing = (0..<5).map { _ in
            var doing = Site.Doing(use: 0.2 + 0.6 * dice.unit())
            doing.services[0].requests = 100 * dice.unit()
            return doing
        }
        let fuller = doing.map { doing in
            var fuller = doing
            fuller.memoryAvailable = dice.unit()
            fuller.memoryStalled = dice.unit()
            fuller.ioStalled = dice.unit()
            fuller.services[0].inFlight = dice.next() % 1_000
            fuller.services[0].load = dice.unit()
            return fuller
        }
        #expect(plain.pass(doing) == full.pass(fuller))
    }
    #expect(Set(plain.weights[0]).count > 1)
}

@Test(arguments: named)
func `a server that does not tell what the policy names holds until it does`(resource: Resource) {
    var site = Site(servers: 5, policy: naming(resource, 0.5))
    let calm = filled(resource, 0.1)
    site.pass(Array(repeating: calm, count: 5), times: 40)
    var silent = Site.Doing()
    silent.services[0].requests = 500
    func reason(_ decision: Decision?) -> Verdict.Reason? {
        decision?.services[0].verdicts[0].reason
    }
    let mute = site.pass([silent] + Array(repeating: calm, count: 4), times: 20)
    #expect(reason(mute) == .holds(.noLoadInReports))
    #expect((900...1100).contains(site.weights[0][0]))
    let back = site.pass(Array(repeating: calm, count: 5), times: 20)
    #expect(reason(back) == .follows || reason(back) == .withinDeadband)
}

@Test func `memory that is in use below its knob is no load`() {
    var site = Site(servers: 3, policy: naming(.memory, 0.8))
    let decision = site.pass(
        [filled(.memory, 0.75), filled(.memory, 0.1), filled(.memory, 0)], times: 40)
    let chains = decision?.services[0].chains ?? []
    #expect(chains.count == 3)
    #expect(chains.allSatisfy { $0.resource == .cpu && abs($0.utilisation - 0.3) < 0.01 })
}

@Test func `counters that are looked at every five seconds are no bursts`() {
    for phase in 0..<10 {
        var stalls = Stalls()
        for tick in 0..<200 {
            var report = Report(
                state: .up, intervalMilliseconds: 500,
                clockTenthsOfMillisecond: UInt32(tick * 5_000))
            report.host = HostLoad()
            // 0.3 of the time, as the agent saw it at its last look.
            let looked = (tick + phase) / 10 * 10
            report.pressure = Pressure(
                memoryFullTenthsOfMillisecond: 7, ioFullTenthsOfMillisecond: UInt32(looked * 1_500))
            stalls.hear(report, boot: 1)
            if tick < 10 { #expect(stalls.shares.io == nil) }
            guard tick > 20 else { continue }
            #expect(stalls.shares.io.map { abs($0 - 0.3) < 0.001 } == true)
            #expect(stalls.shares.memory == 0)
        }
    }
}

@Test func `a counter that rests tells of no stalls, and a new agent begins anew`() {
    var stalls = Stalls()
    func hear(_ tick: Int, boot: UInt32 = 1) {
        var report = Report(
            state: .up, intervalMilliseconds: 500, clockTenthsOfMillisecond: UInt32(tick * 5_000))
        report.host = HostLoad()
        report.pressure = Pressure(ioFullTenthsOfMillisecond: UInt32(min(tick, 20) * 2_500))
        stalls.hear(report, boot: boot)
    }
    for tick in 0...20 { hear(tick) }
    #expect(stalls.shares.io.map { abs($0 - 0.5) < 0.001 } == true)
    for tick in 21...55 { hear(tick) }
    #expect(stalls.shares.io == 0)
    #expect(stalls.shares.memory == nil)
    hear(1, boot: 2)
    #expect(stalls.shares.io == nil)
}

@Test func `moments that differ by a third are no change of a server's speed`() {
    let slow = Rates(requests: 100, errors: 0, utilisation: 0.4, load: 0.4)
    let fast = Rates(requests: 100, errors: 0, utilisation: 0.55, load: 0.55)
    func isChange(isMomentary: Bool) -> Bool {
        var detector = ChangeDetector()
        return (0..<2).map { _ in
            detector.happened(slow: slow, fast: fast, window: 10, isMomentary: isMomentary)
        }.contains(true)
    }
    #expect(isChange(isMomentary: false))
    #expect(!isChange(isMomentary: true))
}

@Test func `who fails and does not tell what the policy names is taken out all the same`() {
    var site = Site(servers: 5, policy: naming(.serviceLoad, 0.5))
    let calm = filled(.serviceLoad, 0.1)
    site.pass(Array(repeating: calm, count: 5), times: 40)
    var failing = calm
    failing.services[0].load = nil
    failing.services[0].errors = 50
    site.pass([failing] + Array(repeating: calm, count: 4), times: 20)
    #expect(site.weights[0][0] == 0)
    #expect(site.weights[0][1...].allSatisfy { $0 > 900 })
}

@Test func `a rest is no part of the time of the stall behind it`() {
    var stalls = Stalls()
    for tick in 0...1_240 {
        // Nothing for ten minutes, and then nothing else.
        let looked = max(0, tick / 10 * 10 - 1_200)
        var report = Report(
            state: .up, intervalMilliseconds: 500, clockTenthsOfMillisecond: UInt32(tick * 5_000))
        report.host = HostLoad()
        report.pressure = Pressure(ioFullTenthsOfMillisecond: UInt32(looked * 5_000))
        stalls.hear(report, boot: 1)
        if tick == 1_200 { #expect(stalls.shares.io == 0) }
        // Two looks, of which the first may come at once behind the rest.
        if tick >= 1_220 { #expect(stalls.shares.io.map { (0.9...1.2).contains($0) } == true) }
    }
}

@Test func `a policy that names pressure later finds what it needs`() {
    var site = Site(servers: 4, policy: Policy())
    let calm = filled(.ioPressure, 0.1)
    site.pass(Array(repeating: calm, count: 4), times: 40)
    site.adopt(naming(.ioPressure, 0.5))
    let decision = site.pass(Array(repeating: calm, count: 4))
    #expect(decision?.services[0].hold == nil)
    #expect(decision?.services[0].chains.count == 4)
}
