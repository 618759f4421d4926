// From the locator of a datagram to its pair and its agent, in one look at memory.

/// A table with open addressing, made once and then only read.
///
/// Locators are hashes already, so their low bits say where to look; at most half of the places are
/// taken, so a stranger's locator is known for one after a place or two.
struct LocatorTable: Sendable {
    private struct Place {
        /// No locator has this value.
        static let free = UInt64.max
        var locator = free
        var entry = Entry(pair: 0, agent: 0)
    }

    /// Of what a locator is: two indices in little room.
    struct Entry: Equatable {
        private let pair32: UInt32
        private let agent32: UInt32

        var pair: Int { Int(pair32) }
        var agent: Int { Int(agent32) }

        init(pair: Int, agent: Int) {
            pair32 = UInt32(clamping: pair)
            agent32 = UInt32(clamping: agent)
        }
    }

    private var places: [Place]
    private let mask: Int

    init(count: Int) {
        var size = 16
        while size < 2 * count { size *= 2 }
        places = [Place](repeating: Place(), count: size)
        mask = size - 1
    }

    subscript(locator: Locator) -> Entry? {
        let place = places[self.place(of: locator)]
        return place.locator == Place.free ? nil : place.entry
    }

    /// False when the locator is in the table already.
    mutating func insert(_ locator: Locator, _ entry: Entry) -> Bool {
        let place = place(of: locator)
        guard places[place].locator == Place.free else { return false }
        places[place] = Place(locator: locator.rawValue, entry: entry)
        return true
    }

    /// Asks for the memory that a look at this locator takes.
    func expect(_ locator: Locator) {
        places.prefetch(first(of: locator))
    }

    /// Where to begin to look.
    private func first(of locator: Locator) -> Int {
        Int(truncatingIfNeeded: locator.rawValue) & mask
    }

    /// Where the locator is, or belongs.
    private func place(of locator: Locator) -> Int {
        var place = first(of: locator)
        while places[place].locator != locator.rawValue, places[place].locator != Place.free {
            place = (place + 1) & mask
        }
        return place
    }
}
