// One key, two processes: nobody knows which one speaks for the server.

import Testing

@testable import Weighting

private let busy = Bench.Doing(requestsPerSecond: 30, utilisation: 0.6)

@Test func `a member that two processes report for holds, and follows when one has ended`() {
    var bench = Bench(weights: [1000, 1000])
    for _ in 0..<10 {
        bench.pass([busy, busy])
        _ = bench.tick()
    }
    bench.counters[1].isDuplicateIdentity = true
    let before = bench.weights[1]
    for _ in 0..<10 {
        bench.pass([busy, .init(requestsPerSecond: 3, utilisation: 1)])
        let verdict = bench.tick()?.services[0].verdicts[1]
        #expect(verdict?.reason == .holds(.duplicateIdentity))
    }
    #expect(bench.weights[1] == before)
    bench.counters[1].isDuplicateIdentity = false
    bench.pass([busy, busy])
    #expect(bench.tick()?.services[0].verdicts[1].reason != .holds(.duplicateIdentity))
}

@Test func `two processes that both fall silent are silent, and no longer two`() {
    var bench = Bench(weights: [1000, 1000])
    bench.counters[1].isDuplicateIdentity = true
    for _ in 0..<10 {
        bench.pass([busy, busy])
        _ = bench.tick()
    }
    let silence = bench.balancer.cluster.policy.silence
    var verdict: Verdict?
    for _ in 0...Int(silence / 0.5) + 1 {
        bench.pass([busy, busy], silent: [1])
        verdict = bench.tick()?.services[0].verdicts[1]
    }
    #expect(verdict?.reason == .holds(.stale))
}
