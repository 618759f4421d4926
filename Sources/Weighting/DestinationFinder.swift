// A service's destinations by their keys, without a dictionary as long as the order is the usual one.

/// Finds destinations that are asked for in about the order in which the table has them.
package struct DestinationFinder {
    private let destinations: [Table.Destination]
    private var next = 0
    private lazy var places = Dictionary(
        destinations.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })

    package init(_ destinations: [Table.Destination]) { self.destinations = destinations }

    package mutating func find(_ key: DestinationKey) -> Table.Destination? {
        if destinations.indices.contains(next), destinations[next].key == key {
            defer { next += 1 }
            return destinations[next]
        }
        guard let place = places[key] else { return nil }
        next = place + 1
        return destinations[place]
    }
}
