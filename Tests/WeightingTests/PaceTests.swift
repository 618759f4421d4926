// Schedulers that rebuild a table at each write are written to now and then, whatever is written.

import Protocol
import Testing

@testable import Weighting

private let busy = Bench.busy

@Test func `on mh a share that is kept is written as seldom as one that follows load`() {
    var policy = Policy()
    policy.slowStart = 60
    var bench = Bench.settled(atRest: 6, scheduler: .mh, policy: policy)
    let all = Array(repeating: busy, count: 6)
    bench.ask(0, .draining)
    bench.spend(2, all)
    bench.ask(0, .up)
    bench.spend(2, all)
    // Its agent is silent, so that it comes to its share by time; another one has become slow.
    let slow = Bench.Doing(requestsPerSecond: 30, utilisation: 1, runnable: 2)
    let before = bench.weights[1]
    var written: [Instant] = []
    for _ in 0..<120 {
        bench.pass([busy, slow, busy, busy, busy, busy], silent: [0])
        if bench.tick()?.plan.steps.isEmpty == false { written.append(bench.now) }
    }
    #expect(written.count > 2)
    for (one, next) in zip(written, written.dropFirst()) { #expect(next.seconds(since: one) >= 5) }
    #expect(bench.weights[1] < before * 2 / 3)
    #expect(bench.weights[0] > 15)
}
