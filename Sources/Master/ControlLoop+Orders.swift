// What people ordered, on its way to the balancer and to those who look.

internal import Logging
internal import Weighting

extension ControlLoop {
    /// Takes what the keeper says, and acts on it at once.
    mutating func take(_ news: OrderNews, at now: Instant) {
        tell(orders.take(news))
        turnOrders(at: now)
        made = nil
    }

    /// Hears of orders that begin and end by themselves, and tells the balancer what is in force.
    mutating func turnOrders(at now: Instant) {
        tell(orders.turn(to: unixSeconds() * 1000, at: now))
        if let amendments = orders.amended() {
            force(declared.amended(by: amendments), because: [], at: now)
        }
        guard let inForce = orders.news() else { return }
        _ = balancer.take(.ordered(inForce))
        shadow?.take(.ordered(inForce))
        journal.ordered(inForce, at: now)
    }

    /// A decision was taken on a table; removals may go on.
    mutating func goOnRemoving(_ table: Table, at now: Instant) {
        tell(
            orders.decided(
                on: table, of: balancer.cluster, declared: declared.cluster,
                unixMilliseconds: unixSeconds() * 1000, at: now))
    }

    private mutating func tell(_ happenings: [Happening]) {
        for happening in happenings {
            journal.happens(happening)
            logger.notice(
                "\(happening.detail ?? "")",
                metadata: [
                    "server": .string(happening.servers.joined(separator: " ")),
                    "service": .string(happening.services.joined(separator: " ")),
                ].filter { $0.value != "" })
        }
    }

    /// What an order is judged by.
    var ground: OrderGround {
        var table: Table?
        if case .tick(let tick) = newest { table = tick.table }
        return OrderGround(
            cluster: balancer.cluster, table: table, makesMembers: configuration.makesMembers)
    }
}
