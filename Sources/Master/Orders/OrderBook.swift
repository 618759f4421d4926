// Which orders are in force now. Pure: the time comes in, and what changed goes out.

internal import Settings
internal import Weighting

/// All orders that live, by their numbers.
struct OrderBook: Equatable, Sendable {
    private(set) var orders: [KeptOrder] = []
    /// The clocks of the people.
    var zone = Zone.utc { didSet { lookAgainMilliseconds = .min } }
    /// Nothing changes by itself before.
    private var lookAgainMilliseconds = Int.min
    private var turnedAt = Int.min

    /// Orders that live, at most.
    static let most = 10_000

    init(_ orders: [KeptOrder] = [], zone: Zone = .utc) {
        self.orders = orders.sorted { $0.record.id < $1.record.id }
        self.zone = zone
    }

    /// What happened to an order by itself.
    enum Change: Equatable, Sendable {
        case begins(UInt64)
        /// A time of the week is over, and the next one will come.
        case pauses(UInt64)
        case ends(UInt64, atMilliseconds: Int)
        /// The table holds no 0 of it any more.
        case settles(UInt64)
    }

    /// Takes a new order, or another state of one.
    mutating func keep(_ order: KeptOrder) {
        remove(order.record.id)
        let place = orders.firstIndex { $0.record.id > order.record.id } ?? orders.endIndex
        orders.insert(order, at: place)
        lookAgainMilliseconds = .min
    }

    mutating func remove(_ id: UInt64) { orders.removeAll { $0.record.id == id } }

    subscript(id: UInt64) -> KeptOrder? { orders.first { $0.record.id == id } }

    /// Goes on to that time, also where clocks were set back; what began and ended since.
    mutating func turn(to now: Int) -> [Change] {
        guard now >= lookAgainMilliseconds || now < turnedAt else { return [] }
        turnedAt = now
        lookAgainMilliseconds = .max
        var changes: [Change] = []
        for index in orders.indices where !orders[index].isEnded {
            if let change = turn(index, to: now) { changes.append(change) }
        }
        return changes
    }

    private mutating func turn(_ index: Int, to now: Int) -> Change? {
        let record = orders[index].record
        if let ends = record.endsUnixMilliseconds, ends <= now {
            let change = Change.ends(record.id, atMilliseconds: ends)
            apply(change)
            return change
        }
        lookAgainMilliseconds = min(lookAgainMilliseconds, record.endsUnixMilliseconds ?? .max)
        guard record.startsUnixMilliseconds <= now || orders[index].isOpen else {
            lookAgainMilliseconds = min(lookAgainMilliseconds, record.startsUnixMilliseconds)
            return nil
        }
        var isIn = true
        if let windows = record.windows {
            let inForce = windows.inForce(at: now / 1000, in: zone)
            isIn = inForce.window != nil
            lookAgainMilliseconds = min(lookAgainMilliseconds, inForce.lookAgain * 1000)
        }
        guard isIn != orders[index].isOpen else { return nil }
        let change: Change = isIn ? .begins(record.id) : .pauses(record.id)
        apply(change)
        return change
    }

    /// Makes the change here, as it was made elsewhere.
    mutating func apply(_ change: Change) {
        switch change {
        case .begins(let id):
            alter(id) {
                ($0.isOpen, $0.mayHoldZero) = (true, true)
                $0.record.state = .inForce
            }
        case .pauses(let id):
            alter(id) {
                $0.isOpen = false
                $0.record.state = .scheduled
            }
        case .ends(let id, let moment): end(id, atMilliseconds: moment, by: Self.time)
        case .settles(let id):
            alter(id) { $0.mayHoldZero = false }
            if self[id]?.isEnded == true { remove(id) }
        }
    }

    /// What ends an order whose time is over.
    static let time = "its time"

    /// Ends an order; one whose 0 may be in the table stays until it is not.
    mutating func end(_ id: UInt64, atMilliseconds moment: Int, by owner: String) {
        alter(id) {
            guard !$0.isEnded else { return }
            $0.record.endedUnixMilliseconds = moment
            $0.record.endedBy = owner
            $0.record.state = .ended
            if !$0.isOpen && $0.record.windows == nil { $0.mayHoldZero = false }
        }
        if self[id]?.mayHoldZero == false { remove(id) }
    }

    private mutating func alter(_ id: UInt64, _ change: (inout KeptOrder) -> Void) {
        guard let index = orders.firstIndex(where: { $0.record.id == id }) else { return }
        change(&orders[index])
    }
}
