// The control loop's copy of people's orders: what is in force at each tick, and what is new of it.

internal import Settings
internal import Weighting

/// Turns news of the keeper, and the time, into what the balancer, the log and people hear.
struct OrderWatch {
    private(set) var book: OrderBook
    private(set) var trouble: OrderTrouble?
    /// Has what happened by itself written; see ``OrderKeeper/note(_:)``.
    private let note: @Sendable ([OrderBook.Change]) -> Void
    /// Has what failed tried again.
    private let retry: @Sendable () -> Void
    /// Has orders go by the clocks of that name.
    let adopt: @Sendable (_ timezone: String) -> Void
    /// Nothing before the balancer was told anything.
    private var told: [Order]?
    private var isChanged = true
    /// What the cluster has of it; ``amended()``.
    private(set) var amendments: Amendments
    private var mayAmend = false
    private var isStart = true
    private var retriedAt: Instant?
    private var absences = Absences()

    private static let retrySeconds = 10.0

    init(
        _ news: OrderNews = OrderNews(book: OrderBook(), trouble: nil),
        note: @escaping @Sendable ([OrderBook.Change]) -> Void = { _ in },
        retry: @escaping @Sendable () -> Void = {},
        adopt: @escaping @Sendable (_ timezone: String) -> Void = { _ in }
    ) {
        (book, trouble, amendments) = (news.book, news.trouble, news.book.amendments)
        self.note = note
        self.retry = retry
        self.adopt = adopt
    }

    /// Takes what a person did, or the disk.
    mutating func take(_ news: OrderNews) -> [Happening] {
        (book, trouble, isChanged, mayAmend) = (news.book, news.trouble, true, true)
        return news.happened.map { happened in
            switch happened {
            case .gave(let record): Self.given(record, in: book)
            case .ended(let record): Self.ended(record)
            }
        }
    }

    /// Goes on to a tick: what began and ended by itself.
    mutating func turn(to unixMilliseconds: Int, at now: Instant) -> [Happening] {
        if trouble != nil, retriedAt.map({ now.seconds(since: $0) > Self.retrySeconds }) ?? true {
            retriedAt = now
            retry()
        }
        let before = book
        let changes = book.turn(to: unixMilliseconds)
        return take(changes, of: before)
    }

    private mutating func take(_ changes: [OrderBook.Change], of before: OrderBook) -> [Happening] {
        guard !changes.isEmpty else { return [] }
        (isChanged, mayAmend) = (true, true)
        note(changes)
        return changes.compactMap { change in
            guard let record = before[change.id]?.record else { return nil }
            let text: String
            switch change {
            case .ends(_, _, by: KeptOrder.time): text = "its time is over"
            case .ends(_, _, let owner): text = "ended by \(owner)"
            case .goes: text = "no connection is left"
            // What begins is told when the table has it.
            case .begins, .pauses, .settles: return nil
            }
            return Happening(
                .orderOver, services: [record.service].compactMap(\.self),
                servers: [record.server], detail: "\(record.text): \(text)")
        }
    }

    /// What the cluster is to have of people's orders, when that is not what it has.
    mutating func amended() -> Amendments? {
        guard mayAmend else { return nil }
        mayAmend = false
        let next = book.amendments
        guard next != amendments else { return nil }
        amendments = next
        return next
    }

    /// All that is in force, when that is not what the balancer was told last.
    mutating func news() -> [Order]? {
        guard isChanged else { return nil }
        isChanged = false
        let wanted = book.told(atStart: isStart)
        guard wanted != told ?? [] else { return nil }
        told = wanted
        return wanted
    }

    /// A decision was taken on this table, as it was read; what is new of removals.
    mutating func decided(
        on table: Table, of cluster: Cluster, declared: Cluster, unixMilliseconds: Int,
        at now: Instant
    ) -> [Happening] {
        if isStart {
            (isStart, isChanged) = (false, true)
        }
        settle(table, cluster)
        let before = book
        absences.look(for: book.leaving(of: cluster), in: table, at: now)
        let changes = book.goOnRemoving(
            table, of: cluster, declared: declared, at: unixMilliseconds
        ) { [absences] in absences.isGone($0, at: now) }
        return take(changes, of: before)
    }

    private mutating func settle(_ table: Table, _ cluster: Cluster) {
        guard book.mayHoldZeros else { return }
        let held = Dictionary(
            table.services.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let changes = book.settle { name, serviceName in
            cluster.services.contains { service in
                guard (serviceName ?? service.name) == service.name else { return false }
                return service.members.contains { member in
                    cluster.servers[member.server].name == name
                        && held[service.key]?[member.destination]?.weight == 0
                }
            }
        }
        if !changes.isEmpty { note(changes) }
    }

    /// Puts the orders in force with each member that they are about.
    func show(in services: inout [Snapshot.Service]) {
        let inForce = book.orders.filter(\.isInForce)
        guard !inForce.isEmpty else { return }
        let byServer = Dictionary(grouping: inForce, by: \.record.server)
        for index in services.indices {
            for place in services[index].members.indices {
                let found = (byServer[services[index].members[place].server] ?? []).filter {
                    ($0.record.service ?? services[index].name) == services[index].name
                }
                guard !found.isEmpty else { continue }
                services[index].members[place].orders = found.map {
                    Snapshot.Order($0.record, zone: book.zone)
                }
            }
        }
    }

    private static func given(_ record: AdminAPI.OrderRecord, in book: OrderBook) -> Happening {
        let isAhead = book[record.id]?.isInForce != true
        let start = isAhead ? ", from \(book.zone.text(record.startsUnixMilliseconds / 1000))" : ""
        return Happening(
            .orderGiven, services: [record.service].compactMap(\.self), servers: [record.server],
            detail: record.text + start)
    }

    private static func ended(_ record: AdminAPI.OrderRecord) -> Happening {
        Happening(
            .orderOver, services: [record.service].compactMap(\.self), servers: [record.server],
            detail: "\(record.text): ended by \(record.endedBy ?? "nobody")")
    }
}

extension AdminAPI.OrderRecord {
    /// As in `order 7 of anna (new kernel): drain`.
    fileprivate var text: String { "order \(id) of \(owner) (\(reason)): \(what)" }
}

extension Snapshot.Order {
    fileprivate init(_ record: AdminAPI.OrderRecord, zone: Zone) {
        self.init(
            id: record.id, what: record.what, owner: record.owner, reason: record.reason,
            untilUnixMilliseconds: record.endsUnixMilliseconds,
            until: record.endsUnixMilliseconds.map { zone.text($0 / 1000) })
    }
}
