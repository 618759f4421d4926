// From the locator of a datagram to a place in a list, in one look at memory.

/// A table with open addressing, made once and then only read.
///
/// Locators are hashes already, so their low bits say where to look; at most half of the places are
/// taken, so a stranger's locator is known for one after a place or two.
struct LocatorTable: Sendable {
    private struct Place {
        /// No locator has this value.
        static let free = UInt64.max
        var locator = free
        var index = 0
    }

    private var places: [Place]
    private let mask: Int

    init(count: Int) {
        var size = 16
        while size < 2 * count { size *= 2 }
        places = [Place](repeating: Place(), count: size)
        mask = size - 1
    }

    subscript(locator: Locator) -> Int? {
        let place = places[self.place(of: locator)]
        return place.locator == Place.free ? nil : place.index
    }

    /// False when the locator is in the table already.
    mutating func insert(_ locator: Locator, index: Int) -> Bool {
        let place = place(of: locator)
        guard places[place].locator == Place.free else { return false }
        places[place] = Place(locator: locator.rawValue, index: index)
        return true
    }

    /// Where the locator is, or belongs.
    private func place(of locator: Locator) -> Int {
        var place = Int(truncatingIfNeeded: locator.rawValue) & mask
        while places[place].locator != locator.rawValue, places[place].locator != Place.free {
            place = (place + 1) & mask
        }
        return place
    }
}
