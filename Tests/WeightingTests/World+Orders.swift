// What people ordered in a world, known apart from the balancer, and whether it is so.

@testable import Weighting

struct WorldOrders {
    var inForce: [Order] = []
    private var count: UInt64 = 0
    /// When a hand set a member's weight, by ticks.
    var handAt: [Int: Int] = [:]
    /// What was ordered of members, and held when it was looked at last.
    private var held: [Int: Int] = [:]
    /// When what a hand had changed was written again, by ticks.
    private var rewroteAt: [Int: Int] = [:]

    mutating func give(_ place: Int, _ action: Order.Action, isForced: Bool) {
        count += 1
        inForce.append(Bench.order(count, place, action, isForced: isForced))
    }

    mutating func endOldest() {
        if !inForce.isEmpty { inForce.removeFirst() }
    }

    private func orders(_ place: Int) -> [Order] {
        inForce.filter { $0.server == "r\(place + 1)" }
    }

    func drains(_ place: Int) -> Bool { orders(place).contains(where: \.isDrain) }
    func forces(_ place: Int) -> Bool { orders(place).contains(where: \.isForced) }

    /// What the member is to have; nothing where no order says so.
    func weight(_ place: Int) -> Int? {
        let orders = orders(place)
        if orders.contains(where: \.isDrain) { return 0 }
        guard case .weight(let weight) = orders.last?.action else { return nil }
        return weight.rawValue
    }

    func wants(_ place: Int, _ weight: Int) -> Bool { self.weight(place) == weight }

    /// A weight was written for an order's sake.
    mutating func wrote(_ place: Int, tick: Int) throws {
        guard held[place] == weight(place) else { return }
        if let last = rewroteAt[place], tick - last < 120 { throw World.Breach.orderFought }
        rewroteAt[place] = tick
    }

    /// What was ordered is so, or there is a reason that it says.
    mutating func judge(
        tick: Int, before: [Int], after: [Int], foreign: Set<Int>, codes: [String]
    ) throws {
        for place in after.indices {
            let wanted = weight(place)
            if held[place] != wanted { (held[place], rewroteAt[place]) = (nil, nil) }
            guard let wanted else { continue }
            if after[place] == wanted {
                held[place] = wanted
            } else if !isExcused(
                place, codes[place], tick: tick, before: before, after: after, foreign: foreign)
            {
                throw World.Breach.orderBroken
            }
        }
    }

    /// Whether the member may have another weight than what is ordered, for the reason that it says.
    private func isExcused(
        _ place: Int, _ code: String, tick: Int, before: [Int], after: [Int], foreign: Set<Int>
    ) -> Bool {
        switch code {
        case "last_for_order":
            after.indices.allSatisfy { $0 == place || before[$0] == 0 || after[$0] == 0 }
        case "order_contested": tick - (handAt[place] ?? -1_000) < 120
        case "foreign_zero": foreign.contains(place)
        default: false
        }
    }
}
