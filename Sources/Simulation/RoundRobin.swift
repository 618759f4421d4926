// Weighted round robin: as ip_vs_wrr.c does it, and in the smoothest order.

/// The cursor of ip_vs_wrr.c: it goes around at a falling level, and takes those whose weight
/// reaches the level.
struct RoundRobin: Sendable {
    private var last = -1
    private var level = 0
    /// The greatest level, and by how much it falls.
    private var highest = 0
    private var fall = 1

    /// Some destination changed: the cursor goes back to the start of the list.
    mutating func change(_ destinations: [Director.Destination]) {
        var (divisor, most) = (0, 0)
        for destination in destinations where destination.takesConnections {
            divisor = Self.greatestDivisor(divisor, destination.weight)
            most = max(most, destination.weight)
        }
        fall = max(divisor, 1)
        highest = most - (fall - 1)
        last = -1
        if level > highest || level == 0 {
            level = highest
        } else if fall > 1 {
            level = level / fall * fall + 1
        }
    }

    static func greatestDivisor(_ one: Int, _ other: Int) -> Int {
        var (left, right) = (one, other)
        while right != 0 { (left, right) = (right, left % right) }
        return left
    }

    mutating func pick(_ destinations: [Director.Destination]) -> Int? {
        guard highest > 0 else { return nil }
        while true {
            var server = last + 1
            while server < destinations.count {
                if destinations[server].weight >= level, !destinations[server].isAbsent {
                    last = server
                    return server
                }
                server += 1
            }
            last = -1
            level -= fall
            if level <= 0 { level = highest }
        }
    }
}

/// Spreads the picks of each destination evenly: the reference for what wrr could be.
struct SmoothRoundRobin: Sendable {
    private var credits: [Int] = []

    mutating func pick(_ destinations: [Director.Destination]) -> Int? {
        if credits.count != destinations.count {
            credits = Array(repeating: 0, count: destinations.count)
        }
        var total = 0
        var best: Int?
        for (server, destination) in destinations.enumerated()
        where destination.takesConnections {
            credits[server] += destination.weight
            total += destination.weight
            if best.map({ credits[server] > credits[$0] }) ?? true { best = server }
        }
        if let best { credits[best] -= total }
        return best
    }
}
