// What a test of orders and checks does with a service.

import Protocol

@testable import Weighting

extension Bench {
    static func order(
        _ id: UInt64, _ server: Int, _ action: Order.Action = .drain, service: String? = nil,
        isForced: Bool = false, isEnded: Bool = false
    ) -> Order {
        Order(
            id: id, server: "r\(server + 1)", service: service, action: action,
            reason: "new kernel", owner: "alice", isForced: isForced, isEnded: isEnded)
    }

    /// These are in force now, and no other.
    mutating func order(_ orders: Order...) { _ = balancer.take(.ordered(orders)) }

    /// A check of the member found this.
    mutating func check(_ index: Int, isUp: Bool) {
        let member = MemberKey(service: Self.key, destination: Self.destination(index))
        _ = balancer.take(
            .checked(
                Checked(
                    member: member, isUp: isUp,
                    text: isUp ? "" : "tcp 10.0.0.1:80: connection refused", at: now)))
    }

    mutating func fail(_ indices: Int...) { for index in indices { check(index, isUp: false) } }

    mutating func pass(check indices: Int...) {
        for index in indices { check(index, isUp: true) }
    }

    /// A service that is followed, on its scale, and at rest, with checks that pass.
    static func checked(
        _ count: Int, capacities: [Double]? = nil, scheduler: Scheduler.Known = .sed,
        without: Safeguard? = nil, quorum: Quorum? = nil, sorry: DestinationKey? = nil
    ) -> Bench {
        var bench = Bench(
            weights: Array(repeating: 1, count: count), scheduler: .known(scheduler),
            capacities: capacities, without: without)
        var cluster = bench.balancer.cluster
        cluster.services[0].hasChecks = true
        (cluster.services[0].quorum, cluster.services[0].sorry) = (quorum, sorry)
        bench.balancer.adopt(cluster)
        for index in 0..<count { bench.check(index, isUp: true) }
        bench.go(20)
        return bench
    }
}
