// What upkeep makes of a table that somebody else writes, too.

import Testing

@testable import Weighting

@Test func `row 9 of the failures: after ipvsadm -C the weights written last come back at once`() {
    var ground = UpkeepGround([declaredService(), declaredService(mailService, members: 4...5)])
    ground.tick()
    ground.tick()
    ground.write(11, of: destinationKey(1), in: webService)
    ground.tick()
    ground.table = Table()
    let pass = ground.tick()
    #expect(pass.plan.steps.count == 4 + 3)
    #expect(pass.news.map(\.drift) == [.serviceGone, .serviceGone])
    #expect(pass.news.map(\.answer) == [.mends, .mends])
    #expect(ground.weights() == [11, 8, 12])
    #expect(ground.weights(mailService)?.count == 2)
    #expect(ground.tick().plan.steps == [])
}

@Test(arguments: [Drift.Rule.yield, .alert])
func `with another rule what somebody else did stays, and is told once`(rule: Drift.Rule) {
    var ground = UpkeepGround([declaredService()], rule: rule)
    ground.tick()
    ground.tick()
    ground.table.services[0].remove(at: 1)
    ground.setBehind(0, of: destinationKey(1))
    let pass = ground.tick()
    #expect(pass.plan.steps == [])
    #expect(pass.news.map(\.drift) == [.destinationGone(destinationKey(2))])
    #expect(pass.news.map(\.answer) == [rule == .yield ? .accepts : .alerts])
    #expect(ground.tick() == Upkeep.Pass())
    ground.table = Table()
    #expect(ground.tick().plan.steps == [])
    // What the operator changes is done all the same.
    ground.adopt([declaredService(members: 1...4)])
    ground.tick()
    #expect(ground.weights()?.count == 4)
}

@Test func `what somebody else changed of a service or a destination is put back`() {
    let direct = DestinationSetup(forwarding: .direct, upperConnections: 10, lowerConnections: 5)
    var ground = UpkeepGround([declaredService(setup: direct)])
    ground.tick()
    ground.tick()
    ground.table.services[0].set(ServiceSetup(scheduler: .known(.rr)))
    ground.table.services[0].details[2].setup.upperConnections = 0
    let pass = ground.tick()
    #expect(pass.news.map(\.drift) == [.serviceEdited, .destinationEdited(destinationKey(3))])
    #expect(ground.table.services[0].scheduler == .known(.wrr))
    #expect(ground.table.services[0].details.map(\.setup) == [direct, direct, direct])
    #expect(ground.weights() == [4, 8, 12])
}

@Test func `row 12 of the failures: a destination that one dump skips is not added`() {
    var ground = UpkeepGround([declaredService()])
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
    #expect(ground.table[service: webService]?[destinationKey(2)]?.weight == 8)
}

@Test func `a 0 that somebody else set is put back to the weight written last`() {
    var ground = UpkeepGround([declaredService()])
    ground.tick()
    ground.tick()
    ground.write(9, of: destinationKey(2), in: webService)
    ground.tick()
    ground.setBehind(0, of: destinationKey(2))
    #expect(ground.tick().news.map(\.drift) == [.zeroed(destinationKey(2))])
    #expect(ground.weights() == [4, 9, 12])
    #expect(ground.left[service: webService]?[destinationKey(2)]?.weight == 9)
    // One of our own stays.
    ground.write(0, of: destinationKey(2), in: webService)
    for _ in 0..<4 { #expect(ground.tick().plan.steps == []) }
    #expect(ground.weights() == [4, 0, 12])
}

@Test func `a destination that somebody else added leaves, or stays with another rule`() {
    for rule in Drift.Rule.allCases {
        var ground = UpkeepGround([declaredService()], rule: rule)
        ground.tick()
        ground.tick()
        _ = ground.table.apply([
            .addDestination(
                service: webService, destination: destinationKey(9), setup: DestinationSetup(),
                weight: Weight(clamping: 7))
        ])
        #expect(ground.tick().news.map(\.drift) == [.destinationAdded(destinationKey(9))])
        for _ in 0..<10 { ground.tick() }
        #expect(ground.weights() == (rule == .reassert ? [4, 8, 12] : [4, 8, 12, 7]))
        // A stranger that stays is seen by those who decide on weights.
        #expect(ground.left[service: webService]?.destinations.count == (rule == .reassert ? 3 : 4))
    }
}

@Test func `somebody who insists has their way for a while`() {
    var ground = UpkeepGround([declaredService()])
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
