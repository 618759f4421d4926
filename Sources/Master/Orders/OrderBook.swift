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
        case ends(UInt64, atMilliseconds: Int, by: String = KeptOrder.time)
        /// The server is drained, and leaves.
        case goes(UInt64, atMilliseconds: Int)
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

    /// Takes an order that ended; it stays while its 0 may be in the table.
    mutating func takeEnded(_ order: KeptOrder) {
        if order.mayHoldZero { keep(order) } else { remove(order.record.id) }
    }

    private mutating func remove(_ id: UInt64) { orders.removeAll { $0.record.id == id } }

    subscript(id: UInt64) -> KeptOrder? { orders.first { $0.record.id == id } }

    /// Goes on to that time, also where clocks were set back; what began and ended since.
    mutating func turn(to now: Int) -> [Change] {
        guard now >= lookAgainMilliseconds || now < turnedAt else { return [] }
        turnedAt = now
        lookAgainMilliseconds = .max
        let living = orders.filter { !$0.isEnded }
        let changes = living.compactMap { change(of: $0, at: now) }
        for change in changes { apply(change) }
        return changes
    }

    /// What is due of one order, and when to look again.
    private mutating func change(of order: KeptOrder, at now: Int) -> Change? {
        let record = order.record
        if let ends = record.endsUnixMilliseconds, ends <= now {
            return .ends(record.id, atMilliseconds: ends)
        }
        lookAgainMilliseconds = min(lookAgainMilliseconds, record.endsUnixMilliseconds ?? .max)
        guard record.startsUnixMilliseconds <= now || order.isOpen else {
            lookAgainMilliseconds = min(lookAgainMilliseconds, record.startsUnixMilliseconds)
            return nil
        }
        var isIn = true
        if let windows = record.windows {
            let inForce = windows.inForce(at: now / 1000, in: zone)
            isIn = inForce.window != nil
            lookAgainMilliseconds = min(lookAgainMilliseconds, inForce.lookAgain * 1000)
        }
        guard isIn != order.isOpen else { return nil }
        return isIn ? .begins(record.id) : .pauses(record.id)
    }

    /// Makes the change here, as it was made elsewhere; the order as it is then.
    ///
    /// One that ended leaves, but while its 0 may be in the table.
    @discardableResult
    mutating func apply(_ change: Change) -> KeptOrder? {
        guard let index = orders.firstIndex(where: { $0.record.id == change.id }) else {
            return nil
        }
        orders[index].apply(change)
        let order = orders[index]
        if order.isEnded && !order.mayHoldZero { orders.remove(at: index) }
        return order
    }
}

extension OrderBook.Change {
    var id: UInt64 {
        switch self {
        case .begins(let id), .pauses(let id), .ends(let id, _, _), .goes(let id, _),
            .settles(let id):
            id
        }
    }
}

extension KeptOrder {
    fileprivate mutating func apply(_ change: OrderBook.Change) {
        switch change {
        case .begins:
            isOpen = true
            // Any other weight of ours is for load to go on from.
            mayHoldZero = record.action == .drain
            record.state = .inForce
        case .pauses:
            isOpen = false
            record.state = .scheduled
        case .ends(_, let moment, let owner): self = ended(at: moment, by: owner)
        case .goes(_, let moment): record.goneUnixMilliseconds = moment
        case .settles: mayHoldZero = false
        }
    }

    /// What ends an order whose time is over.
    static let time = "its time"

    /// The same, ended; one that had ended stays as it was.
    func ended(at milliseconds: Int, by owner: String) -> KeptOrder {
        guard !isEnded else { return self }
        var ended = self
        ended.record.endedUnixMilliseconds = milliseconds
        ended.record.endedBy = owner
        ended.record.state = .ended
        return ended
    }
}

extension OrderBook {
    /// What is in force, for the balancer.
    ///
    /// At its start it also hears of orders that ended and whose 0 the table may still hold.
    func told(atStart isStart: Bool) -> [Order] {
        orders.compactMap { kept in
            guard kept.isInForce || (isStart && kept.mayHoldZero) else { return nil }
            return kept.order
        }
    }

    /// The orders in force for a member, the newest last.
    func inForce(server: String, service: String) -> [KeptOrder] {
        orders.filter { $0.isInForce && $0.concerns(server: server, service: service) }
    }

    /// Whether the table may hold a 0 of an order that is not in force.
    var mayHoldZeros: Bool { orders.contains { $0.mayHoldZero && !$0.isInForce } }

    /// Sees which of those 0s are gone; `holdsZero` tells of a server, in a service or in any.
    mutating func settle(_ holdsZero: (_ server: String, _ service: String?) -> Bool) -> [Change] {
        let changes = orders.compactMap { kept -> Change? in
            guard kept.mayHoldZero, !kept.isInForce,
                !holdsZero(kept.record.server, kept.record.service)
            else { return nil }
            return .settles(kept.record.id)
        }
        for change in changes { apply(change) }
        return changes
    }
}

extension KeptOrder {
    /// As the balancer takes it.
    fileprivate var order: Order? {
        action.map {
            Order(
                id: record.id, server: record.server, service: record.service, action: $0,
                reason: record.reason, owner: record.owner, isForced: record.isForced,
                isEnded: !isInForce)
        }
    }

    /// Nothing of a server that was added: it is one of the cluster's.
    private var action: Order.Action? {
        switch record.action {
        case .drain: .drain
        case .weight: .weight(Weight(clamping: record.weight ?? 1))
        case .add: nil
        }
    }
}
