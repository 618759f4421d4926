// What a service is in trouble with is an event when it begins and when it ends.

import Protocol
import Testing

@testable import Weighting

@Test func `a common cause is told once, and once that it is over`() {
    var bench = Bench.settled(atRest: 5)
    var chronicle = Chronicle(bench.balancer.cluster)
    var told: [Happening] = []
    func spend(_ seconds: Int, _ doing: [Bench.Doing]) {
        for _ in 0..<seconds * 2 {
            bench.pass(doing)
            guard let decision = bench.tick() else { continue }
            let found = chronicle.happenings(decision, in: bench.balancer.cluster)
            told += found.filter { $0.cause == .alarm || $0.cause == .alarmEnded }
        }
    }
    let (busy, failing) = (Bench.busy, Bench.failing)
    spend(20, [failing, failing, failing, failing, busy])
    #expect(told.map(\.cause) == [.alarm])
    #expect(told.first?.services == ["web"])
    #expect(told.first?.detail == Alarm.commonCause.text)
    // Another configuration of the same service is no news.
    let cluster = bench.balancer.cluster
    var next = cluster
    next.services.append(Cluster.Service(name: "new", key: .firewallMark(1, .v4), members: []))
    chronicle.adopt(next, after: cluster)
    bench.balancer.adopt(next)
    spend(5, [failing, failing, failing, failing, busy])
    #expect(told.count == 1)
    spend(90, [busy, busy, busy, busy, busy])
    #expect(told.map(\.cause) == [.alarm, .alarmEnded])
}
