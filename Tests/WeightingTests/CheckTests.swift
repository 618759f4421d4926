// What the director's checks do: one that fails goes at once, and many never empty a service.

import Protocol
import Testing

@testable import Weighting

@Test func `one that fails goes at once, and comes back slowly when it passes`() {
    var bench = Bench.checked(4)
    bench.fail(0)
    #expect(bench.go().first == "fails_check")
    #expect(bench.weights[0] == 0)
    bench.go(10)
    bench.pass(check: 0)
    #expect(bench.go().first == "passes_check")
    #expect(bench.weights[0] > 0 && bench.weights[0] < 200)
    bench.go(40)
    #expect(bench.weights[0] > 700)
}

@Test(arguments: [Scheduler.Known.rr, .fo, .mh, .dh])
func `on every scheduler`(scheduler: Scheduler.Known) {
    var bench = Bench.checked(4, scheduler: scheduler)
    let before = bench.weights[0]
    bench.fail(0)
    bench.go()
    #expect(bench.weights[0] == 0)
    bench.pass(check: 0)
    bench.go(80)
    #expect(bench.weights[0] > 0)
    if scheduler == .rr || scheduler == .fo { #expect(bench.weights[0] == before) }
}

@Test func `a service of one keeps it, whatever its check finds`() {
    var bench = Bench.checked(1)
    bench.fail(0)
    #expect(bench.go(4) == ["no_room_to_fail"])
    #expect(bench.weights[0] > 0)
}

@Test func `of a pair the one that is alone with its failure goes, however large it is`() {
    var bench = Bench.checked(2, capacities: [3, 1])
    bench.fail(0)
    bench.go(2)
    #expect(bench.weights[0] == 0 && bench.weights[1] > 0)
}

@Test func `when all fail at once traffic goes on, and the one that went first comes back`() {
    var bench = Bench.checked(8)
    bench.fail(0)
    bench.go()
    #expect(bench.weights[0] == 0)
    bench.fail(1, 2, 3, 4, 5, 6, 7)
    let decision = bench.spend(1, Array(repeating: Bench.busy, count: 8))
    #expect(decision?.alarm == .panic)
    #expect(decision?.verdicts.allSatisfy { $0.reason.code == "panic" } == true)
    #expect(bench.weights.allSatisfy { $0 > 0 })
    // Not above 60 % yet, and then.
    bench.pass(check: 0, 1, 2, 3)
    #expect(bench.spend(1, Array(repeating: Bench.busy, count: 8))?.alarm == .panic)
    bench.pass(check: 4)
    #expect(bench.spend(1, Array(repeating: Bench.busy, count: 8))?.alarm != .panic)
}

@Test func `a burst of failures takes out a tenth in half a minute, and never more than a third`() {
    var bench = Bench.checked(40)
    for index in 0..<7 { bench.fail(index) }
    bench.go()
    #expect(bench.weights.count { $0 == 0 } == 4)
    bench.go(58)
    #expect(bench.weights.count { $0 == 0 } == 4)
    bench.go(4)
    #expect(bench.weights.count { $0 == 0 } == 7)
    for index in 7..<18 { bench.fail(index) }
    bench.go(400)
    #expect(bench.weights.count { $0 == 0 } == 13)
    #expect(bench.go().count { $0 == "no_room_to_fail" } == 5)
}

@Test func `more than a fifth within one window is doubted, with an alarm`() {
    var bench = Bench.checked(8)
    bench.fail(0, 1)
    let decision = bench.spend(1, Array(repeating: Bench.busy, count: 8))
    #expect(decision?.alarm == .manyFailAtOnce)
    #expect(bench.weights.allSatisfy { $0 > 0 })
    bench.go(60)
    #expect(bench.weights.count { $0 == 0 } == 1)
    bench.go(60)
    #expect(bench.weights.count { $0 == 0 } == 2)
}

@Test func `what fails again and again stays out twice as long each time, and this is forgotten`() {
    var bench = Bench.checked(4)
    var outSeconds: [Double] = []
    for _ in 0..<9 {
        bench.fail(0)
        bench.go()
        bench.pass(check: 0)
        var ticks = 0
        while bench.weights[0] == 0, ticks < 2_000 {
            bench.go()
            ticks += 1
        }
        outSeconds.append(Double(ticks) / 2)
    }
    #expect(outSeconds[0] == 0.5)
    #expect(abs(outSeconds[1] - 10) < 1 && abs(outSeconds[2] - 20) < 1)
    #expect(abs(outSeconds[7] - 600) < 1 && abs(outSeconds[8] - 600) < 1)
    bench.go(1_210)
    bench.fail(0)
    bench.go()
    bench.pass(check: 0)
    bench.go()
    #expect(bench.weights[0] > 0)
}

@Test func `somebody else's hand stands until the check passes`() {
    var bench = Bench.checked(4)
    bench.fail(0)
    bench.go(2)
    bench.setByHand(0, 300)
    #expect(bench.go(6).first == "failure_overruled")
    #expect(bench.weights[0] == 300)
    bench.pass(check: 0)
    bench.go(2)
    bench.fail(0)
    bench.go(2)
    #expect(bench.weights[0] == 0)
}

@Test func `a 0 that somebody else set is not raised since a check passes`() {
    var bench = Bench.checked(4)
    bench.setByHand(0, 0)
    bench.go(2)
    bench.fail(0)
    bench.go(2)
    bench.pass(check: 0)
    #expect(bench.go(4).first == "foreign_zero")
    #expect(bench.weights[0] == 0)
}

@Test func `after a restart the check tells whose a 0 is, although the agent spoke first`() {
    var bench = Bench.checked(4)
    bench.fail(0)
    bench.go(2)
    bench.setByHand(1, 0)
    bench.go(2)
    bench.restartMaster()
    bench.go(6)
    bench.fail(0)
    for index in 1..<4 { bench.check(index, isUp: true) }
    #expect(bench.go(2)[0...1] == ["fails_check", "foreign_zero"])
    bench.pass(check: 0)
    bench.go(2)
    #expect(bench.weights[0] > 0 && bench.weights[1] == 0)
}

@Test func `errors and checks together respect the limits`() {
    var bench = Bench.checked(6)
    bench.fail(0)
    bench.go()
    bench.spend(12, [Bench.idle, Bench.failing] + Array(repeating: Bench.busy, count: 4))
    // One in half a minute.
    #expect(bench.weights.count { $0 == 0 } == 1)
}

@Test func `a late master takes nobody out`() {
    var bench = Bench.checked(4)
    bench.fail(0)
    bench.pass(Array(repeating: Bench.busy, count: 4), seconds: 2)
    let decision = bench.tick()
    #expect(decision?.services[0].verdicts[0].reason.code == "master_late")
    #expect(bench.weights[0] > 0)
    bench.go()
    #expect(bench.weights[0] == 0)
}

@Test func `where nobody checks any more, what checks took out comes back`() {
    var bench = Bench.checked(4)
    bench.fail(0)
    bench.go(2)
    var cluster = bench.balancer.cluster
    cluster.services[0].hasChecks = false
    bench.balancer.adopt(cluster)
    #expect(bench.go().first == "passes_check")
    bench.fail(0)
    bench.go(2)
    #expect(bench.weights[0] > 0)
}

@Test func `a dead server beside a forced order comes back, for bad answers are better than none`()
{
    var bench = Bench.checked(2)
    bench.fail(0)
    bench.go(2)
    bench.order(Bench.order(1, 1, isForced: true))
    #expect(bench.go()[0] == "needed_again")
    #expect(bench.weights[0] > 0 && bench.weights[1] == 0)
    bench.go(4)
    #expect(bench.weights[0] > 0)
}

@Test func `a quorum is lost below it, and regained beyond its hysteresis`() {
    var bench = Bench.checked(
        5, quorum: Quorum(least: .members(4), hysteresis: .members(1)),
        sorry: Bench.destination(9))
    func isBelow() -> Bool {
        bench.spend(1, Array(repeating: Bench.busy, count: 5))?.isBelowQuorum ?? false
    }
    #expect(!isBelow())
    bench.fail(0)
    #expect(!isBelow())
    bench.ask(1, .down, .notListening)
    #expect(isBelow())
    bench.ask(1, .up)
    #expect(isBelow())
    bench.pass(check: 0)
    #expect(!isBelow())
}

@Test func `where the sorry server answers all that fail may go`() {
    var bench = Bench.checked(4, sorry: Bench.destination(9))
    bench.fail(0, 1, 2, 3)
    let busy = Array(repeating: Bench.busy, count: 4)
    #expect(bench.spend(1, busy)?.isBelowQuorum == true)
    #expect(bench.weights.allSatisfy { $0 > 0 })
    bench.table.services[0].destinations.append(
        Table.Destination(key: Bench.destination(9), weight: 1))
    bench.pass(busy)
    #expect(bench.tick()?.violations.isEmpty == true)
    #expect(bench.weights == [0, 0, 0, 0, 1])
    bench.pass(check: 2)
    bench.pass(busy)
    _ = bench.tick()
    #expect(bench.weights[2] > 0)
}
