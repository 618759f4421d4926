// Two services on the same servers: what one does there is the other's machine too.

import Protocol
import Testing

@testable import Weighting

/// Eight servers on which both services do the same; a request of either is 4 ms of the core.
private func even() -> [Site.Doing] {
    let part = Site.Doing.Service(requests: 40, connections: 40)
    return Array(repeating: Site.Doing(use: 0.32, services: [part, part]), count: 8)
}

@Test func `the load of one service leaves the other less of a machine`() throws {
    var site = Site(servers: 8, services: 2)
    var doing = even()
    // The first service gives this server 150 requests/s.
    doing[0].services[0].requests = 150
    doing[0].use = 0.76
    let decision = site.pass(doing, times: 60)
    let chains = decision?.services[1].chains ?? []
    try #require(chains.count == 8)
    // The machine has 0.4 left for it, and the others have 0.84.
    #expect(abs(chains[0].othersUse - 0.6) < 0.02)
    #expect(abs(chains[1].othersUse - 0.16) < 0.02)
    #expect(abs(chains[0].capacity / chains[1].capacity - 0.4 / 0.84) < 0.04)
    #expect(site.weights[1][0] < 500)
    #expect(site.weights[1][1...].allSatisfy { (900...1300).contains($0) })
}

@Test func `errors of one service take nobody out of the other`() {
    var site = Site(servers: 8, services: 2)
    site.pass(even(), times: 40)
    var doing = even()
    doing[0].services[0].errors = 40
    site.pass(doing, times: 10)
    #expect(site.weights[0][0] == 0)
    // What is at 0 is asked nothing.
    doing[0].services[0] = Site.Doing.Service(requests: 0, connections: 0)
    doing[0].use = 0.16
    site.pass(doing, times: 30)
    #expect(site.weights[0][0] == 0)
    #expect(site.weights[1].allSatisfy { $0 > 900 })
}

@Test func `a service that fails fast on a machine gives the other no more of it`() throws {
    var site = Site(servers: 8, services: 2)
    site.pass(even(), times: 40)
    var doing = even()
    // It fails a thousand times a second in no time, and the other does what it did.
    doing[0].services[0].requests = 1_000
    doing[0].services[0].errors = 1_000
    doing[0].use = 0.16
    let decision = site.pass(doing, times: 20)
    let chains = decision?.services[1].chains ?? []
    try #require(chains.count == 8)
    // Nobody else uses the machine.
    #expect(chains[0].othersUse < 0.06)
    #expect(chains[0].capacity < 1.5 * chains[1].capacity)
}

@Test func `a drain of the machine is a drain of both, and that of a service is its own`() {
    var site = Site(servers: 8, services: 2)
    site.pass(even(), times: 10)
    var doing = even()
    doing[0].state = .draining
    doing[1].services[1].state = .draining
    site.pass(doing)
    #expect(site.weights[0].map { $0 == 0 } == [true] + Array(repeating: false, count: 7))
    #expect(site.weights[1].map { $0 == 0 } == [true, true] + Array(repeating: false, count: 6))
    site.pass(even(), times: 60)
    for weights in site.weights { #expect(weights.allSatisfy { (800...1200).contains($0) }) }
}

@Test func `a service whose requests nobody counts uses the machine all the same`() throws {
    var site = Site(servers: 8, services: 2)
    var doing = even()
    for place in doing.indices { doing[place].services[1].requests = nil }
    doing[0].services[1].connections = 150
    doing[0].use = 0.76
    let decision = site.pass(doing, times: 60)
    let chains = decision?.services[0].chains ?? []
    try #require(chains.count == 8)
    #expect(abs(chains[0].othersUse - 0.6) < 0.02)
    #expect(abs(chains[1].othersUse - 0.16) < 0.02)
}

@Test func `a service that is fuller than its machine is full of its own work`() throws {
    var policy = Policy()
    policy.resources.inFlight = 10
    var site = Site(servers: 8, services: 2, policy: policy)
    var doing = even()
    for place in doing.indices {
        doing[place].services[0].inFlight = 8
        doing[place].services[1].inFlight = 1
    }
    let decision = site.pass(doing, times: 120)
    let first = try #require(decision?.services[0].chain(0))
    let second = try #require(decision?.services[1].chain(0))
    #expect(first.resource == .inFlight && second.resource == .cpu)
    #expect(abs(first.utilisation - 0.8) < 0.01 && first.othersUse < 0.01)
    #expect(abs(second.utilisation - 0.32) < 0.01 && abs(second.othersUse - 0.16) < 0.01)
}

@Test func `what a service did on a machine that it left is no use of it any more`() throws {
    var site = Site(servers: 8, services: 2)
    var doing = even()
    for place in doing.indices { doing[place].services[1].requests = nil }
    site.pass(doing, times: 40)
    site.removeLast(ofService: 1)
    doing[7].use = 0.16
    let decision = site.pass(doing, times: 60)
    let chains = decision?.services[0].chains ?? []
    try #require(chains.count == 8)
    #expect(chains[7].othersUse == 0 && chains[0].othersUse > 0.1)
}
