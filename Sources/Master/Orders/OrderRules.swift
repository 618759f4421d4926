// What may be ordered: words that make sense, of servers that there are, and never the last one.

internal import Settings
internal import Weighting

/// Why something is not done, and by what kind of reason.
struct OrderRefusal: Error, Equatable {
    enum Kind {
        /// The words of the request.
        case malformed
        case unknown
        /// A rule that keeps a service from being emptied.
        case unsafe
        case notAllowed
        /// What would have to work does not.
        case unavailable
    }

    let kind: Kind
    let text: String

    init(_ kind: Kind, _ text: String) { (self.kind, self.text) = (kind, text) }
}

/// What an order is judged by: what is declared, and what the table held at the newest tick.
struct OrderGround: Sendable {
    let cluster: Cluster
    /// Nothing before the table could be read.
    let table: Table?
    /// Whether members that are declared no more leave the table, and new ones come into it.
    var makesMembers = false

    /// What becomes of servers that come and go, where that is not up to Poise alone.
    func notes(on record: AdminAPI.OrderRecord) -> [String] {
        guard !makesMembers else { return [] }
        if record.action == .add {
            return [
                "with manage: weights it gets weights when whoever makes the service has it in the "
                    + "kernel: \(record.destination ?? "")"
            ]
        }
        guard record.then == .remove else { return [] }
        return [
            "with manage: weights it stays in the kernel at weight 0 when it is drained, until "
                + "whoever made it there removes it"
        ]
    }
}

/// Turns a request into an order, or says why not.
struct OrderRules {
    let ground: OrderGround
    let book: OrderBook
    /// Milliseconds since 1970.
    let now: Int

    static let mostTextBytes = 200
    static let seconds = 1.0...(366.0 * 86_400)

    /// The order, still without its number.
    func order(
        _ request: AdminAPI.OrderRequest, by owner: String
    ) throws(OrderRefusal) -> KeptOrder {
        try Self.check(text: request.reason, "reason")
        guard !request.reason.allSatisfy(\.isWhitespace) else {
            throw OrderRefusal(.malformed, "an order needs a reason, for those who find it later")
        }
        guard book.orders.count < OrderBook.most else {
            throw OrderRefusal(
                .unsafe, "\(OrderBook.most) orders live already; end some of them first")
        }
        try checkSequel(of: request)
        let destination = try destination(of: request)
        if destination == nil { try expect(server: request.server, service: request.service) }
        try checkWeight(of: request)
        let (starts, ends) = try times(of: request)
        let record = AdminAPI.OrderRecord(
            id: 0, action: request.action, server: request.server, service: request.service,
            weight: request.weight, reason: request.reason, owner: owner, state: .scheduled,
            isForced: request.isForced, createdUnixMilliseconds: now,
            startsUnixMilliseconds: starts, endsUnixMilliseconds: ends, every: request.every,
            then: request.then, destination: destination.map { "\($0)" },
            capacity: destination.map { _ in request.capacity ?? 1 })
        var order = KeptOrder(record: record, isOpen: false, mayHoldZero: false)
        var alone = OrderBook([order], zone: book.zone)
        if alone.turn(to: now).contains(.begins(0)), let begun = alone[0] { order = begun }
        if request.action == .drain && order.isOpen && !request.isForced {
            try checkOthersStay(request)
        }
        return order
    }

    /// The orders in `book` that are to end.
    func ended(by request: AdminAPI.EndRequest) throws(OrderRefusal) -> [KeptOrder] {
        if let id = request.order {
            guard let order = book[id], !order.isEnded else {
                throw OrderRefusal(.unknown, "there is no order \(id) that lives; see poise orders")
            }
            guard !order.isAddition else {
                throw OrderRefusal(
                    .unsafe,
                    "order \(id) keeps \(order.record.place) there, and its connections; use poise "
                        + "server rm \(order.record.place)")
            }
            return [order]
        }
        guard let server = request.server else {
            throw OrderRefusal(.malformed, "name an order or a server")
        }
        // One that was added leaves by a removal, which lets its connections end.
        let ofServer = book.orders.filter {
            !$0.isEnded && $0.record.server == server && !$0.isAddition
        }
        if ofServer.isEmpty { try expect(server: server, service: request.service) }
        guard let service = request.service else { return ofServer.filter(\.isInForce) }
        let found = ofServer.filter { $0.isInForce && $0.record.service == service }
        let wider = ofServer.filter { $0.isInForce && $0.record.service == nil }
        guard !found.isEmpty || wider.isEmpty else {
            let numbers = wider.map { "\($0.record.id)" }.joined(separator: ", ")
            throw OrderRefusal(
                .unsafe,
                "\(server) is ordered about wherever it serves, by order \(numbers); end that: "
                    + "poise ready \(server)")
        }
        return found
    }

    static func check(text: String, _ name: String) throws(OrderRefusal) {
        guard text.utf8.count <= mostTextBytes else {
            throw OrderRefusal(
                .malformed, "the \(name) has more than \(mostTextBytes) bytes; shorten it")
        }
        guard
            text.unicodeScalars.allSatisfy({
                ![.control, .lineSeparator, .paragraphSeparator]
                    .contains($0.properties.generalCategory)
            })
        else { throw OrderRefusal(.malformed, "the \(name) is to be one line of plain text") }
    }

    private func expect(server: String, service: String?) throws(OrderRefusal) {
        let names = ground.cluster.servers.map(\.name)
        guard let index = names.firstIndex(of: server) else {
            throw OrderRefusal(.unknown, "no service has a server \"\(server)\"")
        }
        guard let service else { return }
        guard let found = ground.cluster.services.first(where: { $0.name == service }) else {
            throw OrderRefusal(.unknown, "there is no service \"\(service)\"")
        }
        guard found.members.contains(where: { $0.server == index }) else {
            throw OrderRefusal(.unknown, "\"\(service)\" has no server \"\(server)\"")
        }
    }

    private func checkWeight(of request: AdminAPI.OrderRequest) throws(OrderRefusal) {
        switch (request.action, request.weight) {
        case (.drain, nil), (.add, nil): return
        case (.drain, _?), (.add, _?):
            throw OrderRefusal(.malformed, "only an order of a weight has one of its own")
        case (.weight, let weight?) where (1...Weight.allowed.upperBound).contains(weight): return
        case (.weight, _):
            throw OrderRefusal(
                .malformed,
                "a weight is 1 to \(Weight.allowed.upperBound); to take a server out, drain it")
        }
    }

    private func times(
        of request: AdminAPI.OrderRequest
    ) throws(OrderRefusal) -> (starts: Int, ends: Int?) {
        var starts = now
        do throws(Complaint) {
            if let at = request.at {
                starts = try book.zone.moment(at, after: now / 1000) * 1000
            }
            if let every = request.every { _ = try PolicyWindow(line: every) }
        } catch {
            throw OrderRefusal(
                .malformed, error.message + (error.remedy.map { "; \($0)" } ?? ""))
        }
        guard starts >= now else {
            throw OrderRefusal(.malformed, "that moment is over: \(book.zone.text(starts / 1000))")
        }
        let horizon = Int(Self.seconds.upperBound) * 1000
        guard starts - now <= horizon else {
            throw OrderRefusal(.malformed, "an order begins within a year, or is none yet")
        }
        guard let seconds = request.forSeconds else { return (starts, nil) }
        guard Self.seconds.contains(seconds) else {
            throw OrderRefusal(.malformed, "an order holds for 1 s to 366 days")
        }
        return (starts, starts + Int((seconds * 1000).rounded()))
    }

    /// Somebody has to be left in each service: a server with a weight that nobody drains.
    private func checkOthersStay(_ request: AdminAPI.OrderRequest) throws(OrderRefusal) {
        guard let table = ground.table,
            let server = ground.cluster.servers.firstIndex(where: { $0.name == request.server })
        else { return }
        var emptied: [String] = []
        for service in ground.cluster.services
        where (request.service ?? service.name) == service.name {
            guard let own = service.members.first(where: { $0.server == server }),
                let held = table[service: service.key],
                held[own.destination].map({ $0.weight > 0 }) ?? false
            else { continue }
            let drained = service.members.filter { member in
                let name = ground.cluster.servers[member.server].name
                return member.server == server
                    || book.inForce(server: name, service: service.name)
                        .contains { $0.record.action == .drain }
            }.map(\.destination)
            let isEmptied = held.destinations.allSatisfy {
                $0.weight <= 0 || drained.contains($0.key)
            }
            if isEmptied { emptied.append(service.name) }
        }
        guard emptied.isEmpty else {
            let names = emptied.prefix(8).map { "\"\($0)\"" }.joined(separator: ", ")
            throw OrderRefusal(
                .unsafe,
                "\(request.server) is the last server with a weight in \(names); --force drains "
                    + "it all the same, and then nobody serves")
        }
    }
}
