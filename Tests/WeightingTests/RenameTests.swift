// What a configuration with other names leaves of what is known.

import Protocol
import Testing

@testable import Weighting

private let busy = Bench.busy

extension Bench {
    /// Takes the same configuration, with another name of the service or of the first server.
    fileprivate mutating func rename(service: String? = nil, server: String? = nil) {
        var cluster = balancer.cluster
        if let server { cluster.servers[0] = Cluster.Server(name: server) }
        if let service {
            cluster.services = cluster.services.map {
                Cluster.Service(
                    name: service, key: $0.key, members: $0.members, policy: $0.policy)
            }
        }
        balancer.adopt(cluster)
    }
}

@Test(arguments: [(nil, "other"), ("other", nil), ("other", "another")] as [(String?, String?)])
func `a 0 of ours stays ours under other names`(service: String?, server: String?) {
    var bench = Bench.settled(atRest: 4)
    bench.ask(0, .draining)
    bench.spend(2, [busy, busy, busy, busy])
    #expect(bench.weights[0] == 0)
    bench.rename(service: service, server: server)
    #expect(
        bench.spend(2, [busy, busy, busy, busy])?.verdicts[0].reason.code == "drains")
    bench.ask(0, .up)
    bench.spend(2, [busy, busy, busy, busy])
    #expect(bench.weights[0] > 0)
}

@Test func `who is out for its errors comes back under another name`() {
    var bench = Bench.settled(atRest: 4)
    bench.spend(6, [Bench.failing, busy, busy, busy])
    #expect(bench.weights[0] == 0)
    bench.rename(service: "other", server: "another")
    bench.spend(60, [Bench.idle, busy, busy, busy], silent: [0])
    #expect(bench.weights[0] > 0)
}

@Test func `what an agent said is not compared with what another name says`() {
    var bench = Bench.settled(atRest: 4)
    bench.rename(server: "other")
    bench.pass([busy, busy, busy, busy])
    #expect(bench.tick()?.services[0].verdicts[0].reason == .holds(.learning))
    bench.rename(service: "shop")
    let decision = bench.tick()
    #expect(decision?.services[0].chains.isEmpty == true)
    #expect(bench.weights == [1000, 1000, 1000, 1000])
}
