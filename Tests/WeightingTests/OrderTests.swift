// What people order: done at once, kept through everything, and ended when it ends.

import Protocol
import Testing

@testable import Weighting

@Test func `an ordered drain takes a server to 0 and back to what it had`() {
    var bench = Bench.settled(atRest: 4)
    let before = bench.weights
    bench.order(Bench.order(1, 0))
    #expect(bench.go().first == "ordered")
    #expect(bench.weights[0] == 0)
    bench.order()
    #expect(bench.go().first == "released")
    // As a newcomer.
    #expect(bench.weights[0] > 0 && bench.weights[0] < before[0] / 2)
    #expect(bench.go(40).first != "released")
    #expect(abs(bench.weights[0] - before[0]) < before[0] / 5)
}

@Test func `it is drained while any order drains it`() {
    var bench = Bench.settled(atRest: 4)
    let (whole, one) = (Bench.order(1, 0), Bench.order(2, 0, service: "web"))
    bench.order(whole, one)
    bench.go()
    bench.order(one)
    #expect(bench.go(4).first == "ordered")
    #expect(bench.weights[0] == 0)
    bench.order(Bench.order(3, 0, service: "mail"))
    bench.go()
    #expect(bench.weights[0] > 0)
}

@Test func `an ordered weight is written as it is, and load moves it no more`() {
    var bench = Bench.settled(atRest: 4)
    let sum = bench.weights[1...].reduce(0, +)
    bench.order(Bench.order(1, 0, .weight(Weight(clamping: 123))))
    #expect(bench.go(20).first == "ordered")
    #expect(bench.weights[0] == 123)
    // The others share among them what they had.
    #expect(abs(bench.weights[1...].reduce(0, +) - sum) < sum / 20)
    bench.order(
        Bench.order(1, 0, .weight(Weight(clamping: 123))),
        Bench.order(2, 0, .weight(Weight(clamping: 77))))
    bench.go()
    #expect(bench.weights[0] == 77)
    bench.order()
    #expect(bench.go().first == "follows")
    bench.go(40)
    #expect(bench.weights[0] > 700)
}

@Test func `where load has no say, a weight comes back that was there before the order`() {
    var bench = Bench(weights: [3, 5], scheduler: .known(.rr))
    bench.go(2)
    bench.order(Bench.order(1, 1, .weight(Weight(clamping: 9))))
    bench.go(2)
    bench.order(Bench.order(2, 1, .weight(Weight(clamping: 11))))
    bench.go(2)
    #expect(bench.weights == [3, 11])
    bench.order()
    #expect(bench.go().last == "released")
    #expect(bench.weights == [3, 5])
    #expect(bench.go(2).last == "scheduler")
    #expect(bench.weights == [3, 5])
}

@Test func `neither agents nor checks nor a reload end an order`() {
    var bench = Bench.checked(4)
    bench.order(Bench.order(1, 0))
    bench.go()
    bench.ask(0, .draining)
    bench.go()
    bench.ask(0, .up)
    bench.fail(0)
    bench.go()
    bench.pass(check: 0)
    // Another place, and another name of the server.
    var cluster = bench.balancer.cluster
    cluster.servers[0] = Cluster.Server(name: "renamed")
    bench.balancer.adopt(cluster)
    #expect(bench.go(4).first == "ordered")
    // A panic of the others.
    bench.fail(1, 2, 3)
    #expect(bench.go(4).first == "ordered")
    #expect(bench.weights[0] == 0 && bench.weights[1...].allSatisfy { $0 > 0 })
}

@Test func `after a restart the order tells whose the 0 is, also one that ended meanwhile`() {
    var bench = Bench.settled(atRest: 4)
    let order = Bench.order(1, 0)
    bench.order(order)
    bench.go(2)
    bench.restartMaster()
    bench.order(order)
    #expect(bench.go(8).first == "ordered")
    bench.order()
    bench.go()
    #expect(bench.weights[0] > 0)

    bench.order(order)
    bench.go(2)
    bench.restartMaster()
    bench.order(Bench.order(1, 0, isEnded: true))
    #expect(bench.go().first == "released")
    #expect(bench.weights[0] > 0)
}

@Test func `a 0 that somebody else had set before the order stays when it ends`() {
    var bench = Bench.settled(atRest: 4)
    bench.setByHand(0, 0)
    bench.go(2)
    bench.order(Bench.order(1, 0))
    #expect(bench.go(2).first == "ordered")
    bench.order()
    #expect(bench.go(4).first == "foreign_zero")
    // A weight is no word about somebody else's 0 either, but with force.
    bench.order(Bench.order(2, 0, .weight(Weight(clamping: 5))))
    #expect(bench.go(2).first == "foreign_zero")
    bench.order(Bench.order(3, 0, .weight(Weight(clamping: 5)), isForced: true))
    bench.go()
    #expect(bench.weights[0] == 5)
}

@Test func `the last one with a weight waits, and goes when another has one or by force`() {
    var bench = Bench(weights: [1, 0])
    bench.go(2)
    bench.order(Bench.order(1, 0))
    #expect(bench.go(2).first == "last_for_order")
    bench.setByHand(1, 1)
    bench.go(2)
    #expect(bench.weights[0] == 0 && bench.weights[1] > 0)
    bench.order(Bench.order(1, 0), Bench.order(2, 1, isForced: true))
    bench.go()
    #expect(bench.weights == [0, 0])
}

@Test func `of two that are ordered out together the later order waits`() {
    var bench = Bench.settled(atRest: 2)
    bench.order(Bench.order(7, 0), Bench.order(3, 1))
    #expect(bench.go(2) == ["last_for_order", "ordered"])
}

@Test func `whoever raises an ordered 0 is contradicted at once, and then once a minute`() {
    var bench = Bench.settled(atRest: 4)
    bench.order(Bench.order(1, 0))
    bench.go(2)
    var writes = 0
    for _ in 0..<240 {
        bench.setByHand(0, 900)
        let codes = bench.go()
        if bench.weights[0] == 0 { writes += 1 } else { #expect(codes[0] == "order_contested") }
    }
    #expect(writes == 2)
    // It ends, and what it had before was none of that.
    bench.order()
    bench.go(40)
    #expect(bench.weights[0] > 700)
}

@Test func `an ordered weight takes a server back that checks, agents or errors took out`() {
    var bench = Bench.checked(6)
    bench.fail(0)
    bench.ask(1, .draining)
    bench.go(2)
    #expect(bench.weights[0] == 0 && bench.weights[1] == 0)
    bench.order(
        Bench.order(1, 0, .weight(Weight(clamping: 40))),
        Bench.order(2, 1, .weight(Weight(clamping: 50))))
    bench.go(2)
    #expect(bench.weights[0] == 40 && bench.weights[1] == 50)
    bench.order()
    bench.go(2)
    #expect(bench.weights[0] == 0 && bench.weights[1] == 0)
}

@Test func `what changes availability wants a tick, and a mind that changes all the time a few`() {
    var bench = Bench.checked(4)
    func wants(_ seconds: Double) -> Bool {
        bench.balancer.wantsTick(at: bench.now.advanced(bySeconds: seconds))
    }
    #expect(!wants(1))
    bench.check(0, isUp: true)
    #expect(!wants(1))
    bench.fail(0)
    #expect(wants(0.2) && !wants(0.05))
    bench.go()
    #expect(!wants(1))
    bench.order(Bench.order(1, 0))
    #expect(wants(0.2))
    bench.go()
    bench.ask(2, .down, .notListening)
    bench.report(2)
    #expect(wants(0.2))
    bench.go()
    bench.report(2)
    #expect(!wants(1))
}
