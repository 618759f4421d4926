// Servers where nothing serves, beside others that errors keep out.

import Protocol
import Testing

@testable import Weighting

private let busy = Bench.busy
private let idle = Bench.idle

/// Three servers, of which errors took the first one out.
private func oneIsOut() -> Bench {
    var bench = Bench.settled(atRest: 3)
    bench.spend(8, [Bench.failing, busy, busy])
    return bench
}

@Test func `who is down goes, though errors keep another one out`() {
    var bench = oneIsOut()
    #expect(bench.weights[0] == 0)
    bench.ask(1, .down, .notListening)
    let decision = bench.spend(1, [idle, idle, busy])
    #expect(decision?.verdicts[1].reason.code == "drains")
    #expect(bench.weights[0] == 0 && bench.weights[1] == 0 && bench.weights[2] > 0)
}

@Test func `who drains serves still, and waits for one that errors keep out`() {
    var bench = oneIsOut()
    bench.ask(1, .draining)
    #expect(bench.spend(1, [idle, busy, busy])?.verdicts[1].reason.code == "last_ones")
    #expect(bench.weights[1] > 0)
}

@Test func `who is out comes back when all the others are down, and the service is not emptied`() {
    var bench = oneIsOut()
    bench.ask(1, .down, .notListening)
    bench.spend(1, [idle, idle, busy])
    bench.ask(2, .down, .notListening)
    bench.spend(1, [idle, idle, idle])
    #expect(bench.weights[0] > 0)
    // One that is down keeps a weight, for at most half of a service drains.
    #expect(bench.weights[2] > 0)
    // Bad answers are better than none.
    bench.spend(4, [Bench.failing, idle, idle])
    #expect(bench.weights[0] > 0)
}
