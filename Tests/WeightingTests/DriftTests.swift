// What upkeep makes of a table that somebody else writes, too.

import Testing

@testable import Weighting

private let web = ServiceKey.address(.v4(0x0A00_0064), port: 80, .tcp)
private let mail = ServiceKey.firewallMark(7, .v4)

private func key(_ number: UInt32) -> DestinationKey {
    DestinationKey(address: .v4(0x0A00_000A + number), port: 80)
}

private func declared(
    _ name: ServiceKey = web, members: ClosedRange<UInt32> = 1...3,
    scheduler: Scheduler = .known(.wrr), setup: DestinationSetup = DestinationSetup()
) -> Declaration.Service {
    Declaration.Service(
        key: name, setup: ServiceSetup(scheduler: scheduler),
        members: members.map {
            Declaration.Member(key: key($0), setup: setup, capacity: Double($0))
        })
}

@Test func `row 9 of the failures: after ipvsadm -C the weights written last come back at once`() {
    var ground = UpkeepGround([declared(), declared(mail, members: 4...5)])
    ground.tick()
    ground.tick()
    ground.write(11, of: key(1), in: web)
    ground.tick()
    ground.table = Table()
    let pass = ground.tick()
    #expect(pass.plan.steps.count == 4 + 3)
    #expect(pass.news.map(\.drift) == [.serviceGone, .serviceGone])
    #expect(pass.news.map(\.answer) == [.mends, .mends])
    #expect(ground.weights() == [11, 8, 12])
    #expect(ground.weights(mail)?.count == 2)
    #expect(ground.tick().plan.steps == [])
}

@Test(arguments: [Drift.Rule.yield, .alert])
func `with another rule what somebody else did stays, and is told once`(rule: Drift.Rule) {
    var ground = UpkeepGround([declared()], rule: rule)
    ground.tick()
    ground.tick()
    ground.table.services[0].remove(at: 1)
    ground.setBehind(0, of: key(1))
    let pass = ground.tick()
    #expect(pass.plan.steps == [])
    #expect(pass.news.map(\.drift) == [.destinationGone(key(2))])
    #expect(pass.news.map(\.answer) == [rule == .yield ? .accepts : .alerts])
    #expect(ground.tick() == Upkeep.Pass())
    ground.table = Table()
    #expect(ground.tick().plan.steps == [])
    // What the operator changes is done all the same.
    ground.adopt([declared(members: 1...4)])
    ground.tick()
    #expect(ground.weights()?.count == 4)
}

@Test func `what somebody else changed of a service or a destination is put back`() {
    let direct = DestinationSetup(forwarding: .direct, upperConnections: 10, lowerConnections: 5)
    var ground = UpkeepGround([declared(setup: direct)])
    ground.tick()
    ground.tick()
    ground.table.services[0].set(ServiceSetup(scheduler: .known(.rr)))
    ground.table.services[0].details[2].setup.upperConnections = 0
    let pass = ground.tick()
    #expect(pass.news.map(\.drift) == [.serviceEdited, .destinationEdited(key(3))])
    #expect(ground.table.services[0].scheduler == .known(.wrr))
    #expect(ground.table.services[0].details.map(\.setup) == [direct, direct, direct])
    #expect(ground.weights() == [4, 8, 12])
}

@Test func `row 12 of the failures: a destination that one dump skips is not added`() {
    var ground = UpkeepGround([declared()])
    ground.tick()
    ground.tick()
    let whole = ground.table
    ground.table.services[0].remove(at: 1)
    #expect(ground.tick().plan.steps == [])
    ground.table = whole
    #expect(ground.tick().plan.steps == [])
    ground.table.services[0].remove(at: 1)
    ground.tick()
    #expect(ground.tick().plan.steps.count == 1)
    #expect(ground.table[service: web]?[key(2)]?.weight == 8)
}

@Test func `a 0 that somebody else set is put back to the weight written last`() {
    var ground = UpkeepGround([declared()])
    ground.tick()
    ground.tick()
    ground.write(9, of: key(2), in: web)
    ground.tick()
    ground.setBehind(0, of: key(2))
    #expect(ground.tick().news.map(\.drift) == [.zeroed(key(2))])
    #expect(ground.weights() == [4, 9, 12])
    #expect(ground.left[service: web]?[key(2)]?.weight == 9)
    // One of our own stays.
    ground.write(0, of: key(2), in: web)
    for _ in 0..<4 { #expect(ground.tick().plan.steps == []) }
    #expect(ground.weights() == [4, 0, 12])
}

@Test func `a destination that somebody else added leaves, or stays with another rule`() {
    for rule in Drift.Rule.allCases {
        var ground = UpkeepGround([declared()], rule: rule)
        ground.tick()
        ground.tick()
        _ = ground.table.apply([
            .addDestination(
                service: web, destination: key(9), setup: DestinationSetup(),
                weight: Weight(clamping: 7))
        ])
        #expect(ground.tick().news.map(\.drift) == [.destinationAdded(key(9))])
        for _ in 0..<10 { ground.tick() }
        #expect(ground.weights() == (rule == .reassert ? [4, 8, 12] : [4, 8, 12, 7]))
        // A stranger that stays is seen by those who decide on weights.
        #expect(ground.left[service: web]?.destinations.count == (rule == .reassert ? 3 : 4))
    }
}

@Test func `somebody who insists has their way for a while`() {
    var ground = UpkeepGround([declared()])
    ground.tick()
    ground.tick()
    var mended = 0
    for _ in 0..<100 {
        ground.table.services[0].set(ServiceSetup(scheduler: .known(.rr)))
        if !ground.tick().plan.steps.isEmpty { mended += 1 }
    }
    // In 50 seconds, of which the first try was the making.
    #expect(mended <= Upkeep.mostMends)
    #expect(mended > 0)
    ground.tick(60)
    #expect(ground.table.services[0].scheduler == .known(.wrr))
}
