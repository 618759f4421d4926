// Whoever is at 0, or new, comes to its share whatever becomes of the others.

import Protocol
import Testing

@testable import Weighting

private let busy = Bench.Doing(requestsPerSecond: 30, utilisation: 0.6)
private let idle = Bench.Doing(requestsPerSecond: 0, utilisation: 0)
private let failing = Bench.Doing(
    requestsPerSecond: 30, utilisation: 0.02, errorsPerSecond: 30)
/// Errors are remembered for 30 s, and less than a third of them takes nobody out.
private let longSeconds = 60

extension Bench {
    @discardableResult
    fileprivate mutating func go(
        _ doing: [Doing], seconds: Int, silent: Set<Int> = [], uncounted: Set<Int> = []
    ) -> Decision.Service? {
        var last: Decision.Service?
        for _ in 0..<seconds * 2 {
            pass(doing, silent: silent.union(uncounted))
            for index in uncounted { report(index, countsRequests: false) }
            last = tick()?.services[0]
        }
        return last
    }

    fileprivate static func busyFor15Seconds(_ count: Int) -> Bench {
        var bench = Bench(weights: Array(repeating: 1, count: count))
        bench.go(Array(repeating: busy, count: count), seconds: 15)
        return bench
    }

    fileprivate mutating func set(_ weight: Int, at place: Int) {
        table.services[0].destinations[place].weight = weight
    }
}

@Test func `who is out comes back though nobody else is heard any more`() {
    var bench = Bench.busyFor15Seconds(2)
    bench.go([failing, busy], seconds: 10)
    #expect(bench.weights[0] == 0)
    let soon = bench.go([idle, busy], seconds: 8, silent: [1])
    #expect(soon?.hold == .fewerThanHalfFresh)
    bench.go([idle, busy], seconds: longSeconds, silent: [1])
    #expect(bench.weights[0] > 0)
}

@Test func `who is out comes back at once when somebody else took the last one away`() {
    var bench = Bench.busyFor15Seconds(2)
    bench.go([failing, busy], seconds: 10)
    #expect(bench.weights[0] == 0)
    bench.set(0, at: 1)
    bench.go([idle, idle], seconds: 2)
    #expect(bench.weights[0] > 0 && bench.weights[1] == 0)
}

@Test func `who is out comes back though its agent counts no requests any more`() {
    var bench = Bench.busyFor15Seconds(4)
    bench.go([failing, busy, busy, busy], seconds: 5)
    #expect(bench.weights[0] == 0)
    bench.go([idle, busy, busy, busy], seconds: longSeconds, uncounted: [0])
    #expect(bench.weights[0] > 0)
    // And stays, when what it did long ago is all that is known of it.
    bench.go([idle, busy, busy, busy], seconds: 2 * longSeconds, uncounted: [0])
    #expect(bench.weights[0] > 0)
}

@Test func `errors of most servers are said, and draw no more requests`() {
    var bench = Bench.busyFor15Seconds(5)
    let last = bench.go([failing, failing, failing, busy, busy], seconds: 20)
    #expect(last?.alarm == .commonCause)
    #expect(!bench.weights.contains(0))
    #expect(bench.weights[0...2].allSatisfy { $0 <= 1100 })
}

@Test func `who serves already is no newcomer for a new name`() {
    var bench = Bench.busyFor15Seconds(4)
    let old = bench.balancer.cluster
    var servers = old.servers
    servers[3] = Cluster.Server(name: "renamed")
    bench.balancer.adopt(Cluster(servers: servers, services: old.services, policy: old.policy))
    for _ in 0..<8 {
        bench.go([busy, busy, busy, busy], seconds: 1)
        #expect(bench.weights[3] > 900)
    }
}

@Test func `while few serve, those who come back are not held back`() {
    var bench = Bench.busyFor15Seconds(6)
    for place in 0..<6 { bench.set(0, at: place) }
    let doing = Array(repeating: busy, count: 6)
    bench.go(doing, seconds: 4)
    for place in 0..<3 {
        bench.set(1000, at: place)
        bench.go(doing, seconds: 1)
        #expect(bench.weights[0...place].allSatisfy { $0 > 700 })
    }
}
