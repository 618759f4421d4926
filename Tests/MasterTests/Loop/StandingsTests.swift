// What agents are told of services that the kernel does not hold.

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
