// Which services are read at a tick: in a large table those at rest take turns.

internal import Weighting

/// The table as it was read last, each part of it a few seconds ago at most.
///
/// Of a thousand services with twenty destinations each reading costs ten times what deciding does,
/// and nothing of it changes while nobody reports and nobody writes.
struct ReadingTurns {
    private var keys: [ServiceKey] = []
    /// Parallel to `keys`; nothing where there is no such service.
    private var held: [Table.Service?] = []
    private var next = 0
    private var isComplete = false
    private var destinationsCount = 0
    /// What is read at each tick, since it was written or follows load.
    var restless: Set<ServiceKey> = []

    /// Up to so many destinations nobody waits for a turn.
    static let mostAtOnce = 2_000
    /// A tick may be late, and five seconds are the most.
    private static let roundSeconds = 4.0

    /// The next tick reads everything: somebody looks, or what is known may be wrong.
    mutating func forget() { isComplete = false }

    /// The places in `keys` that are to be read now.
    mutating func places(of keys: [ServiceKey], every interval: Double) -> [Int] {
        if self.keys != keys {
            self.keys = keys
            held = Array(repeating: nil, count: keys.count)
            isComplete = false
        }
        guard isComplete, destinationsCount > Self.mostAtOnce else { return Array(keys.indices) }
        let share = (Double(keys.count) * interval / Self.roundSeconds).rounded(.up)
        let count = min(keys.count, Int(share))
        let inTurn = Set((0..<count).map { (next + $0) % keys.count })
        next = (next + count) % keys.count
        return keys.indices.filter { inTurn.contains($0) || restless.contains(keys[$0]) }
    }

    /// The whole table, of which `read` is what was read at those places.
    mutating func take(_ read: Table, at places: [Int]) -> Table {
        var found = read.services[...]
        for place in places {
            let isThere = found.first?.key == keys[place]
            held[place] = isThere ? found.removeFirst() : nil
        }
        if places.count == keys.count { isComplete = true }
        let services = held.compactMap(\.self)
        destinationsCount = services.reduce(0) { $0 + $1.destinations.count }
        return Table(services: services)
    }
}
