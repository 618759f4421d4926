// A service's destinations by their keys, without a dictionary as long as the order is the usual one.

/// Finds destinations that are asked for in about the order in which the table has them.
package struct DestinationFinder {
    private let destinations: [Table.Destination]
    private var next = 0
    private var isOutOfOrder = false
    private lazy var places = Dictionary(
        destinations.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })

    package init(_ destinations: [Table.Destination]) { self.destinations = destinations }

    package mutating func find(_ key: DestinationKey) -> Table.Destination? {
        findPlace(key).map { destinations[$0] }
    }

    /// The first place of the key in the table.
    mutating func findPlace(_ key: DestinationKey) -> Int? {
        if next < destinations.count, destinations[next].key == key {
            defer { next += 1 }
            return next
        }
        // A plan leaves some out. Only what is asked for out of order needs the dictionary, which
        // costs more than all the rest of a plan's check.
        if !isOutOfOrder {
            if let place = destinations[next...].firstIndex(where: { $0.key == key }) {
                next = place + 1
                return place
            }
            isOutOfOrder = true
        }
        guard let place = places[key] else { return nil }
        next = place + 1
        return place
    }
}
