// Takes people's orders on a thread of its own, and answers when they are on the disk.

internal import Dispatch
internal import Settings
internal import Synchronization
internal import Weighting

/// What the control loop is told when orders change.
struct OrderNews: Sendable {
    let book: OrderBook
    /// Why orders cannot be kept, or what was lost of them.
    let trouble: OrderTrouble?
    /// What people did.
    var happened: [Happened] = []

    enum Happened: Sendable {
        case gave(AdminAPI.OrderRecord)
        case ended(AdminAPI.OrderRecord)
    }
}

/// The one writer of ``OrderStore``.
///
/// The control loop has a copy of the book, so that no disk ever makes it wait.
final class OrderKeeper: Sendable {
    private struct State {
        var store: OrderStore?
        var book = OrderBook()
        /// Of the newest attempt.
        var failure: OrderTrouble?
        /// Stands until the master ends: somebody has to look.
        var loss: OrderTrouble?

        func news(_ happened: [OrderNews.Happened] = []) -> OrderNews {
            OrderNews(book: book, trouble: failure ?? loss, happened: happened)
        }
    }

    private let state = Mutex(State())
    // Not the one that files are read on: a reading may take a second.
    private let queue = DispatchQueue(label: "orders")
    private let folder: String
    private let unixMilliseconds: @Sendable () -> Int
    private let deliver: @Sendable (OrderNews) -> Void

    /// Opens the store, and has what is in it before anything is decided.
    ///
    /// `deliver` is called on the keeper's thread, with each change.
    init(
        folder: String, timezone: String, unixMilliseconds: @escaping @Sendable () -> Int,
        deliver: @escaping @Sendable (OrderNews) -> Void
    ) {
        self.folder = folder
        self.unixMilliseconds = unixMilliseconds
        self.deliver = deliver
        state.withLock { state in
            state.book.zone = Self.zone(timezone)
            open(&state)
        }
    }

    var news: OrderNews { state.withLock { $0.news() } }

    /// The clocks of people may be others after a reload.
    func adopt(timezone: String) {
        perform { [self] state in
            let zone = Self.zone(timezone)
            guard zone != state.book.zone else { return }
            state.book.zone = zone
            deliver(state.news())
        }
    }

    /// A name that is none was reported with the files.
    private static func zone(_ name: String) -> Zone { (try? Zone.named(name)) ?? .utc }

    private func perform(_ work: @escaping @Sendable (inout State) -> Void) {
        queue.async { [self] in state.withLock { work(&$0) } }
    }

    private func ask<Value: Sendable>(
        _ work: @escaping @Sendable (inout State) -> Result<Value, OrderRefusal>
    ) async throws(OrderRefusal) -> Value {
        let result = await withCheckedContinuation { continuation in
            perform { continuation.resume(returning: work(&$0)) }
        }
        return try result.get()
    }

    private func open(_ state: inout State) {
        do throws(OrderTrouble) {
            let store = try OrderStore(folder: folder, at: unixMilliseconds())
            state.book = OrderBook(try store.living(), zone: state.book.zone)
            (state.store, state.loss, state.failure) = (store, store.loss, nil)
        } catch {
            state.failure = error
        }
    }
}

extension OrderKeeper {
    /// Gives an order; it is durable when this returns.
    func give(
        _ request: AdminAPI.OrderRequest, by person: Person, on ground: OrderGround
    ) async throws(OrderRefusal) -> AdminAPI.OrderRecord {
        try await ask { [self] state in
            Self.result { () throws(OrderRefusal) in
                try give(request, by: person, on: ground, &state)
            }
        }
    }

    /// Ends orders; those that ended.
    func end(
        _ request: AdminAPI.EndRequest, by person: Person, on ground: OrderGround
    ) async throws(OrderRefusal) -> [AdminAPI.OrderRecord] {
        try await ask { [self] state in
            Self.result { () throws(OrderRefusal) in
                try end(request, by: person, on: ground, &state)
            }
        }
    }

    /// All that live, or also those that ended.
    func list(all: Bool) async throws(OrderRefusal) -> [AdminAPI.OrderRecord] {
        try await ask { state in
            Self.result { () throws(OrderRefusal) in
                guard all, let store = state.store else {
                    return state.book.orders.filter { !$0.isEnded }.map(\.record)
                }
                return try Self.stored { () throws(OrderTrouble) in
                    try store.all(most: Self.mostListed)
                }.map(\.record)
            }
        }
    }

    /// For one answer.
    private static let mostListed = 1_000

    /// What happened to orders by itself, as the control loop saw it.
    ///
    /// Where the disk does not take it, it is seen again when the master starts.
    func note(_ changes: [OrderBook.Change]) {
        perform { [self] state in
            let altered = changes.compactMap { state.book.apply($0) }
            guard let store = state.store else { return }
            do throws(OrderTrouble) {
                try store.update(altered)
                state.failure = nil
            } catch {
                state.failure = error
                deliver(state.news())
            }
        }
    }

    /// Tries again what failed.
    func retry() {
        perform { [self] state in
            guard let store = state.store else {
                open(&state)
                if state.store != nil { deliver(state.news()) }
                return
            }
            do throws(OrderTrouble) {
                try store.probe()
                state.failure = nil
            } catch {
                state.failure = error
            }
            deliver(state.news())
        }
    }

    private func give(
        _ request: AdminAPI.OrderRequest, by person: Person, on ground: OrderGround,
        _ state: inout State
    ) throws(OrderRefusal) -> AdminAPI.OrderRecord {
        let now = unixMilliseconds()
        let store = try opened(&state)
        let order = try OrderRules(ground: ground, book: state.book, now: now)
            .order(request, by: person.name())
        // Who sets a weight anew means that one, and does not want the one before ever again.
        let replaced = state.book.orders.filter { order.replaces($0) }
            .map { $0.ended(at: now, by: order.record.owner) }
        let given = try written(&state) { () throws(OrderTrouble) in
            try store.add(order, changing: replaced, at: now)
        }
        state.book.keep(given)
        for order in replaced { state.book.takeEnded(order) }
        deliver(state.news([.gave(given.record)] + replaced.map { .ended($0.record) }))
        return given.record
    }

    private func end(
        _ request: AdminAPI.EndRequest, by person: Person, on ground: OrderGround,
        _ state: inout State
    ) throws(OrderRefusal) -> [AdminAPI.OrderRecord] {
        let now = unixMilliseconds()
        let store = try opened(&state)
        let name = try person.name()
        let ending = try OrderRules(ground: ground, book: state.book, now: now).ended(by: request)
        guard !ending.isEmpty else { return [] }
        let ended = ending.map { $0.ended(at: now, by: name) }
        try written(&state) { () throws(OrderTrouble) in try store.update(ended) }
        for order in ended { state.book.takeEnded(order) }
        deliver(state.news(ended.map { .ended($0.record) }))
        return ended.map(\.record)
    }

    private func opened(_ state: inout State) throws(OrderRefusal) -> OrderStore {
        if state.store == nil {
            open(&state)
            if state.store != nil { deliver(state.news()) }
        }
        guard let store = state.store else {
            throw OrderRefusal(.unavailable, state.failure?.description ?? "no store is open")
        }
        return store
    }

    private func written<Value>(
        _ state: inout State, _ write: () throws(OrderTrouble) -> Value
    ) throws(OrderRefusal) -> Value {
        do throws(OrderTrouble) {
            let value = try write()
            state.failure = nil
            return value
        } catch {
            state.failure = error
            deliver(state.news())
            throw OrderRefusal(.unavailable, "nothing was changed: \(error)")
        }
    }

    private static func stored<Value>(
        _ read: () throws(OrderTrouble) -> Value
    ) throws(OrderRefusal) -> Value {
        do throws(OrderTrouble) { return try read() } catch {
            throw OrderRefusal(.unavailable, "\(error)")
        }
    }

    private static func result<Value>(
        _ body: () throws(OrderRefusal) -> Value
    ) -> Result<Value, OrderRefusal> {
        do throws(OrderRefusal) { return .success(try body()) } catch { return .failure(error) }
    }
}
