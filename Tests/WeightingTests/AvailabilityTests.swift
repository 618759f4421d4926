// Who is in the table at all, by what checks found.

import Testing

@testable import Weighting

/// A service whose members leave the table when their checks fail.
private struct Ground {
    var bench: Bench
    var availability = Upkeep.Availability()

    init(_ bench: Bench) {
        self.bench = bench
        var cluster = bench.balancer.cluster
        cluster.services[0].onFailure = .remove
        self.bench.balancer.adopt(cluster)
    }

    mutating func tick(_ count: Int = 1) throws {
        for _ in 0..<count {
            bench.pass(Array(repeating: Bench.busy, count: bench.counters.count))
            let decided = bench.tick()
            let decision = try #require(decided)
            availability = bench.balancer.availability(after: decision, before: availability)
            // As upkeep does it.
            let removed = Set(availability.removed.map(\.destination))
            bench.table.services[0].destinations.removeAll { removed.contains($0.key) }
        }
    }

    var keys: [DestinationKey] { bench.table.services[0].destinations.map(\.key) }
}

@Test func `a member goes after its 0 was written, and comes back when its check passes`() throws {
    var ground = Ground(Bench.checked(4))
    ground.bench.fail(1)
    try ground.tick()
    #expect(ground.availability.removed.isEmpty)
    try ground.tick()
    let gone = MemberKey(service: Bench.key, destination: Bench.destination(1))
    #expect(ground.availability.removed == [gone])
    // It is not in the table any more, and that is no reason to bring it back.
    try ground.tick(20)
    #expect(ground.availability.removed == [gone])
    #expect(ground.keys.count == 3)
    ground.bench.pass(check: 1)
    try ground.tick(2)
    #expect(ground.availability.removed.isEmpty)
}

@Test func `where nobody believes the checks, nobody goes, and who went comes back`() throws {
    var ground = Ground(Bench.checked(8))
    ground.bench.fail(0)
    try ground.tick(3)
    #expect(ground.availability.removed.count == 1)
    ground.bench.fail(1, 2, 3, 4, 5, 6, 7)
    try ground.tick(3)
    #expect(ground.availability.removed.isEmpty)
    #expect(ground.keys.count == 7)
}

@Test func `the sorry server is in while fewer are up than the quorum`() throws {
    let sorry = DestinationKey(address: .v4(0x0A00_00FF), port: 80)
    var ground = Ground(
        Bench.checked(3, quorum: Quorum(least: .members(3)), sorry: sorry))
    try ground.tick()
    #expect(ground.availability.sorry.isEmpty)
    ground.bench.fail(1)
    try ground.tick(2)
    #expect(ground.availability.sorry == [Bench.key])
}

/// What a master finds that another one left: three of four members, and the sorry server.
private func left(by bench: Bench, sorry: DestinationKey) -> Ground {
    var ground = Ground(bench)
    ground.bench.table.services[0].destinations.remove(at: 1)
    ground.bench.table.services[0].destinations.append(Table.Destination(key: sorry, weight: 1))
    ground.bench.balancer = Balancer(ground.bench.balancer.cluster)
    ground.availability = ground.bench.balancer.availability(left: ground.bench.table)
    return ground
}

@Test func `after a restart who was out stays out, and the sorry server in, until checks tell`()
    throws
{
    let sorry = DestinationKey(address: .v4(0x0A00_00FF), port: 80)
    var ground = left(
        by: Bench.checked(4, quorum: Quorum(least: .members(4)), sorry: sorry), sorry: sorry)
    let gone = MemberKey(service: Bench.key, destination: Bench.destination(1))
    #expect(ground.availability.removed == [gone])
    #expect(ground.availability.sorry == [Bench.key])
    try ground.tick(20)
    #expect(ground.availability.removed == [gone])
    #expect(ground.availability.sorry == [Bench.key])
    ground.bench.fail(1)
    ground.bench.pass(check: 0, 2, 3)
    try ground.tick(3)
    #expect(ground.availability.removed == [gone])
    #expect(ground.availability.sorry == [Bench.key])
    ground.bench.pass(check: 1)
    try ground.tick()
    #expect(ground.availability.removed.isEmpty)
    // As upkeep does it.
    ground.bench.table.services[0].destinations.insert(
        Table.Destination(key: gone.destination, weight: 1), at: 1)
    try ground.tick(2)
    #expect(ground.availability.sorry.isEmpty)
}

@Test func `a service that is empty or new waits for no check`() {
    let bench = Bench.checked(4)
    var ground = Ground(bench)
    #expect(ground.bench.balancer.availability(left: Table()).removed.isEmpty)
    ground.bench.table.services[0].destinations.removeAll()
    #expect(ground.bench.balancer.availability(left: ground.bench.table).removed.isEmpty)
}
