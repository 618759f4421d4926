// Which members the orders in force are about, and which of several counts.

/// One member that people gave orders about.
struct MemberOrder: Equatable, Sendable, Codable {
    var place: Int
    /// Of several the one that counts.
    var order: Order
    /// Whether the kernel held what is ordered: only then can somebody else have changed it.
    var isConfirmed = false
    /// Whether the member ever had what an order says.
    var isObeyed = false
    /// When it was written anew, since somebody else had changed it.
    var rewroteAt: Instant?

    /// Between two such writes: two programs that write against each other help nobody.
    static let paceSeconds = 60.0

    /// The kernel holds it.
    mutating func confirm() { (isConfirmed, isObeyed) = (true, true) }

    /// What the kernel is to hold.
    var weight: Weight {
        switch order.action {
        case .drain: Weight(clamping: 0)
        case .weight(let weight): weight
        }
    }
}

extension Order {
    /// The one of two that counts: a server is drained while any order drains it, and of two weights
    /// the newer one holds.
    fileprivate func stronger(than other: Order?) -> Order {
        guard let other else { return self }
        if isDrain != other.isDrain { return isDrain ? self : other }
        if isDrain, isForced != other.isForced { return isForced ? self : other }
        return isDrain == (id < other.id) ? self : other
    }
}

extension Fleet {
    /// These orders are in force, and no other.
    mutating func take(_ next: [Order]) {
        orders = next.sorted { $0.id < $1.id }
        findOrdered()
    }

    /// Finds the members that orders are about.
    ///
    /// One whose server or service has another name now, and is found nowhere, stays where it was.
    mutating func findOrdered() {
        guard !orders.isEmpty || services.contains(where: { !$0.ordered.isEmpty }) else { return }
        let servers = Dictionary(
            cluster.servers.enumerated().map { ($1.name, $0) },
            uniquingKeysWith: { first, _ in first })
        var found: [Place: Order] = [:]
        var homeless: [UInt64: Order] = [:]
        for order in orders {
            let all = servers[order.server].map(places(ofServer:)) ?? []
            let places = all.filter { place in
                order.service == nil || order.service == cluster.services[Int(place.service)].name
            }
            if order.isDrain { claim(places) }
            guard !order.isEnded else { continue }
            if places.isEmpty { homeless[order.id] = order }
            for place in places { found[place] = order.stronger(than: found[place]) }
        }
        for index in services.indices {
            for old in services[index].ordered {
                guard let order = homeless[old.order.id] else { continue }
                let place = Place(
                    service: Int32(clamping: index), member: Int32(clamping: old.place))
                found[place] = order.stronger(than: found[place])
            }
        }
        remember(found)
    }

    private mutating func remember(_ found: [Place: Order]) {
        var ordered = services.map { _ in [MemberOrder]() }
        for (place, order) in found {
            ordered[Int(place.service)].append(
                MemberOrder(place: Int(place.member), order: order))
        }
        for index in services.indices
        where !ordered[index].isEmpty || !services[index].ordered.isEmpty {
            let before = Dictionary(
                services[index].ordered.map { ($0.place, $0) },
                uniquingKeysWith: { first, _ in first })
            ordered[index].sort { $0.place < $1.place }
            for entry in ordered[index].indices {
                guard let old = before[ordered[index][entry].place] else { continue }
                ordered[index][entry].isObeyed = old.isObeyed
                guard old.weight == ordered[index][entry].weight else { continue }
                (ordered[index][entry].isConfirmed, ordered[index][entry].rewroteAt) =
                    (old.isConfirmed, old.rewroteAt)
            }
            // Who leaves the law's hand for a while comes back to what it had.
            let now = Set(ordered[index].map(\.place))
            let freed = services[index].ordered.filter {
                !$0.order.isDrain && !now.contains($0.place)
            }
            services[index].released = Set(services[index].released)
                .union(freed.map(\.place)).subtracting(now).sorted()
            services[index].ordered = ordered[index]
        }
    }

    /// A 0 that is found there is ours.
    private mutating func claim(_ places: [Place]) {
        for place in places {
            services[Int(place.service)].members[Int(place.member)].drain.claim()
        }
    }
}
