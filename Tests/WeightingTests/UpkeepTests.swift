// Upkeep against a table that others write, too.

import Testing

@testable import Weighting

@Test func `a service that is missing is made whole in one pass, with weights by capacity`() {
    var ground = UpkeepGround([declaredService()])
    let pass = ground.tick()
    #expect(pass.plan.steps.count == 4)
    #expect(pass.news == [])
    #expect(ground.weights() == [4, 8, 12])
    #expect(ground.left.services.map(\.key) == [webService])
    #expect(ground.upkeep.holdings.made == [webService])
    #expect(ground.tick().plan.steps == [])
}

@Test func `whole capacities become weights without a loss, on every scale`() {
    func weights(_ scheduler: Scheduler.Known, _ capacities: [Double]) -> [Int] {
        Declaration.Service(
            key: webService, setup: ServiceSetup(scheduler: .known(scheduler)),
            members: capacities.enumerated().map {
                Declaration.Member(
                    key: destinationKey(UInt32($0)), setup: DestinationSetup(), capacity: $1)
            }
        ).firstWeights.map(\.rawValue)
    }
    #expect(weights(.wrr, [1, 2, 4]) == [3, 6, 12])
    #expect(weights(.sed, [1, 2, 4]) == [428, 856, 1712])
    #expect(weights(.rr, [1, 2, 4]) == [1, 1, 1])
    #expect(weights(.fo, [10, 20, 1]) == [10, 20, 1])
    #expect(weights(.sh, [1, 1, 1]).reduce(0, +) <= 256)
    #expect(weights(.mh, [1, 100]).allSatisfy { (1...63).contains($0) })
    #expect(weights(.wrr, [0.01, 1000]).allSatisfy { $0 >= 1 })
}

@Test func `a member that leaves is drained first, and goes when its last connection ended`() {
    var ground = UpkeepGround([declaredService()])
    ground.tick()
    ground.tick()
    ground.connect(2, to: destinationKey(3))
    ground.adopt([declaredService(members: 1...2)])
    // Sure after two audits a second apart; it has no part in weights from the first.
    #expect(ground.tick().plan.steps == [])
    #expect(ground.left[service: webService]?.destinations.count == 2)
    #expect(ground.tick().plan.steps == [])
    ground.tick()
    #expect(ground.weights() == [4, 8, 0])
    for _ in 0..<10 { #expect(ground.tick().plan.steps == []) }
    ground.connect(0, to: destinationKey(3))
    ground.tick()
    #expect(ground.weights() == [4, 8])
    #expect(!ground.upkeep.holdings.holds(destinationKey(3), in: webService))
}

@Test func `whoever changes their mind at every tick is followed at every tick`() {
    var ground = UpkeepGround([declaredService()])
    for tick in 0..<20 {
        let last = 3 + UInt32(tick % 2)
        ground.adopt([declaredService(members: 1...last)])
        ground.tick()
        #expect(ground.table[service: webService]?[destinationKey(last)]?.weight ?? 0 > 0)
    }
    for more in 5...16 as ClosedRange<UInt32> {
        ground.adopt([declaredService(members: 1...more)])
        ground.tick()
        #expect(ground.weights()?.count == Int(more))
    }
}

@Test func `connections that never end do not keep a member for ever`() {
    var ground = UpkeepGround([declaredService()])
    ground.tick()
    ground.connect(2, to: destinationKey(3))
    ground.adopt([declaredService(members: 1...2)])
    for _ in 0..<5 { ground.tick() }
    #expect(ground.weights() == [4, 8, 0])
    ground.tick(58)
    #expect(ground.weights() == [4, 8, 0])
    ground.tick(2)
    #expect(ground.weights() == [4, 8])
}

@Test func `a member that is declared again while it leaves gets its weight back`() {
    var ground = UpkeepGround([declaredService()])
    ground.tick()
    ground.connect(1, to: destinationKey(3))
    ground.adopt([declaredService(members: 1...2)])
    for _ in 0..<5 { ground.tick() }
    #expect(ground.weights() == [4, 8, 0])
    ground.adopt([declaredService()])
    ground.tick()
    #expect(ground.weights() == [4, 8, 12])
    for _ in 0..<5 { #expect(ground.tick().plan.steps == []) }
}

@Test func `a member that had a 0 when it left is not kept out for it once it is declared again`() {
    var ground = UpkeepGround([declaredService()])
    ground.tick()
    ground.connect(1, to: destinationKey(3))
    ground.table.services[0].destinations[2].weight = 0
    ground.upkeep.memories[webService]?.last = ground.table.services[0]
    ground.adopt([declaredService(members: 1...2)])
    for _ in 0..<5 { ground.tick() }
    #expect(ground.weights() == [4, 8, 0])
    ground.adopt([declaredService()])
    ground.tick()
    #expect(ground.weights() == [4, 8, 1])
    for _ in 0..<5 { #expect(ground.tick().plan.steps == []) }
}

@Test func `the last member with a weight does not leave before another one takes clients`() {
    var ground = UpkeepGround([declaredService(members: 1...1)])
    ground.tick()
    ground.adopt([declaredService(members: 2...2)])
    ground.tick()
    #expect(ground.weights() == [8, 8])
    ground.table.services[0].destinations[1].weight = 0
    ground.upkeep.memories[webService]?.last = ground.table.services[0]
    for _ in 0..<10 { ground.tick() }
    #expect(ground.weights() == [8, 0])
    ground.write(5, of: destinationKey(2), in: webService)
    for _ in 0..<10 { ground.tick() }
    #expect(ground.weights() == [5])
}

@Test func `a service that is no longer declared goes only if Poise made it`() {
    var ground = UpkeepGround([declaredService(), declaredService(mailService, members: 4...5)])
    ground.table = Table(services: [
        Table.Service(
            key: webService, scheduler: .known(.wrr),
            destinations: (1...3).map { Table.Destination(key: destinationKey($0), weight: 5) })
    ])
    ground.tick()
    #expect(ground.upkeep.holdings.made == [mailService])
    ground.adopt([])
    for _ in 0..<10 { ground.tick() }
    #expect(ground.table.services.map(\.key) == [webService])
    #expect(ground.weights() == [5, 5, 5])
    #expect(ground.upkeep.keys == [])
}

@Test func `a service that leaves is drained, also by a master that starts anew`() {
    var ground = UpkeepGround([declaredService()])
    ground.tick()
    ground.connect(1, to: destinationKey(2))
    let table = ground.table
    ground = UpkeepGround([], holdings: ground.upkeep.holdings)
    ground.table = table
    for _ in 0..<4 { ground.tick() }
    #expect(ground.weights() == [0, 0, 0])
    ground.connect(0, to: destinationKey(2))
    ground.tick()
    #expect(ground.table.services == [])
    ground.tick()
    #expect(ground.upkeep.holdings == Holdings())
}

@Test func `more than ten services go only when somebody confirmed it`() {
    let services = (1...11).map { declaredService(.firewallMark(UInt32($0), .v4), members: 1...2) }
    var ground = UpkeepGround(services)
    ground.tick()
    ground.adopt([])
    for _ in 0..<10 { #expect(ground.tick().plan.steps == []) }
    #expect(ground.upkeep.isRemovalHeld)
    ground.adopt([], isConfirmed: true)
    for _ in 0..<10 { ground.tick() }
    #expect(ground.table.services == [])
}

@Test func `what a check takes out and the sorry server are followed`() {
    var service = declaredService()
    service.sorry = Declaration.Member(key: destinationKey(99), setup: DestinationSetup())
    var ground = UpkeepGround([service])
    ground.tick()
    ground.tick()
    ground.availability.removed = [MemberKey(service: webService, destination: destinationKey(2))]
    ground.tick()
    #expect(ground.weights() == [4, 12])
    ground.availability.sorry = [webService]
    ground.tick()
    #expect(ground.weights() == [4, 12, 1])
    #expect(ground.left[service: webService]?.destinations.count == 3)
    ground.availability = Upkeep.Availability()
    for _ in 0..<6 { ground.tick() }
    #expect(ground.table[service: webService]?[destinationKey(99)] == nil)
    #expect(ground.table[service: webService]?[destinationKey(2)]?.weight == 8)
    // Never the last one.
    ground.availability.removed = Set(
        (1...3).map { MemberKey(service: webService, destination: destinationKey($0)) })
    #expect(!ground.tick().faults.isEmpty)
    #expect(ground.weights()?.count == 3)
}

@Test func `a drained server is made without clients, unless nobody else would have any`() {
    func member(_ number: UInt32) -> MemberKey {
        MemberKey(service: webService, destination: destinationKey(number))
    }
    var ground = UpkeepGround([declaredService()])
    ground.availability.drained = [member(2)]
    ground.tick()
    #expect(ground.weights() == [4, 0, 12])
    // It comes to others, and has no weight that it had last.
    ground.adopt([declaredService(members: 1...5)])
    ground.availability.drained = [member(2), member(5)]
    ground.tick()
    #expect(ground.weights() == [4, 0, 12, 16, 0])
    // The table was lost, and all are drained: an order does not empty a service.
    ground = UpkeepGround([declaredService()])
    ground.availability.drained = [member(1), member(2), member(3)]
    ground.tick()
    #expect(ground.weights() == [4, 8, 12])
}

@Test func `what is to be made is told before it is made`() {
    var ground = UpkeepGround([declaredService()])
    let pass = ground.upkeep.pass(on: Table(), at: ground.now)
    #expect(!ground.upkeep.holdings.made.contains(webService))
    #expect(ground.upkeep.holdings.expecting(pass.plan).made == [webService])
}

@Test func `whatever happens, no service is emptied, and what is not ours is not touched`() {
    var dice = SystemRandomNumberGenerator()
    for _ in 0..<200 {
        var ground = UpkeepGround([declaredService(), declaredService(mailService, members: 4...5)])
        let foreign = Table.Service(
            key: .firewallMark(99, .v4), setup: ServiceSetup(scheduler: .known(.fo)))
        ground.table.services.append(foreign)
        for _ in 0..<40 {
            switch Int.random(in: 0..<6, using: &dice) {
            case 0:
                ground.adopt([declaredService(members: 1...UInt32.random(in: 1...6, using: &dice))])
            case 1: ground.adopt([declaredService(), declaredService(mailService, members: 4...5)])
            case 2: ground.table.services.removeAll { $0.key != foreign.key && .random() }
            case 3:
                for place in ground.table.services.indices
                where !ground.table.services[place].destinations.isEmpty && .random() {
                    ground.table.services[place].remove(at: 0)
                }
            case 4:
                ground.availability.removed = Set(
                    (1...6).filter { _ in .random() }.map {
                        MemberKey(service: webService, destination: destinationKey(UInt32($0)))
                    })
            default: break
            }
            let before = ground.table
            let pass = ground.tick(Double.random(in: 0.1...3, using: &dice))
            for service in ground.upkeep.declaration.services {
                let had = before[service: service.key]?.destinations.contains { $0.weight > 0 }
                guard had == true else { continue }
                #expect(
                    ground.table[service: service.key]?.destinations.contains { $0.weight > 0 }
                        == true)
            }
            #expect(pass.plan.steps.allSatisfy { $0.service != foreign.key })
        }
        #expect(ground.table[service: foreign.key] == foreign)
        ground.availability = Upkeep.Availability()
        ground.adopt([declaredService()])
        for _ in 0..<300 { ground.tick() }
        #expect(
            Set(ground.table[service: webService]?.destinations.map(\.key) ?? []) == [
                destinationKey(1), destinationKey(2), destinationKey(3),
            ])
        #expect(ground.table[service: mailService] == nil)
        #expect(ground.tick().plan.steps == [])
    }
}
