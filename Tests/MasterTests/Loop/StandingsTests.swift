// What agents are told of services that the kernel does not hold.

import IPVS
import Protocol
import Testing
import Weighting

@testable import Master

@Suite struct StandingsTests {
    @Test func `of a service that is gone every member hears that it has no weight`() throws {
        let cluster = try #require(ConfigurationFolder().load().configuration).cluster
        var balancer = Balancer(cluster)
        var standings = Standings(cluster)
        let empty = Table(services: [])
        let taken = balancer.take(.tick(at: Instant(nanoseconds: 1), table: empty))
        let decision = try #require(taken)
        var told: [Int: [ServiceStanding]] = [:]
        standings.update(decision, empty, [], in: cluster) { told[$0] = $1 }
        #expect(told.keys.sorted() == Array(cluster.servers.indices))
        let all = told.values.joined()
        #expect(all.contains { $0.id == ServiceID(name: "web") })
        #expect(all.allSatisfy { $0.weight == nil && $0.activeConnections == nil })
    }
}

extension StandingsTests {
    @Test func `connections count for a drain only when they were read after the 0 was written`()
        throws
    {
        let cluster = try #require(ConfigurationFolder().load().configuration).cluster
        let web = try #require(cluster.services.first { $0.name == "web" })
        let keys = web.members.map(\.destination)
        func table(_ weights: [Int]) -> Table {
            Table(services: [
                Table.Service(
                    key: web.key, scheduler: .known(.rr),
                    destinations: zip(keys, weights).map {
                        Table.Destination(key: $0, weight: $1)
                    })
            ])
        }
        var balancer = Balancer(cluster)
        var standings = Standings(cluster)
        let server = web.members[0].server
        _ = balancer.take(
            .report(
                Report(
                    state: .leaving, reason: .serviceStopping, intervalMilliseconds: 500,
                    clockTenthsOfMillisecond: 1),
                Event.Heard(server: server, boot: 1, at: Instant(nanoseconds: 1))))
        var told: [ServiceStanding] = []
        func tick(_ weights: [Int], at now: UInt64) throws {
            let read = table(weights)
            let taken = balancer.take(.tick(at: Instant(nanoseconds: now), table: read))
            let decision = try #require(taken)
            let outcomes = decision.plan.steps.map { StepOutcome(step: $0, result: .done) }
            _ = balancer.take(.applied(decision.plan.steps))
            standings.update(decision, read, outcomes, in: cluster) {
                if $0 == server { told = $1 }
            }
        }
        try tick([1, 1], at: 2)
        let id = ServiceID(name: "web")
        let first = try #require(told.first { $0.id == id })
        #expect(first.weight == 0)
        #expect(first.activeConnections == nil)
        try tick([0, 1], at: 500_000_000)
        let second = try #require(told.first { $0.id == id })
        #expect(second.weight == 0)
        #expect(second.activeConnections == 0)
        #expect(second.reason == StateReason.serviceStopping.rawValue)
    }
}
