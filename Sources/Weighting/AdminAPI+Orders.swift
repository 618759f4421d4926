// What people order through the admin API: drains and weights, who ordered them, why, until when.

extension AdminAPI {
    /// Answers with ``Orders``; with an ``OrderAnswer`` to an ``OrderRequest`` by POST.
    package static let ordersPath = "/api/v1/orders"
    /// `?all=1`: also orders that ended.
    package static let allKey = "all"
    /// Ends orders, by POST of an ``EndRequest``, and answers with ``Orders``: those that it ended.
    package static let endPath = "/api/v1/orders/end"
    /// The most bytes of a request.
    package static let requestLimit = 64 << 10

    package enum OrderAction: String, Sendable, Codable, CaseIterable {
        /// Weight 0, until no order says so any more.
        case drain
        /// Exactly this weight.
        case weight
        /// A server in a service beside those that the files have, until it is removed.
        case add
    }

    /// What follows when a drained server has no connection any more.
    package enum OrderSequel: String, Sendable, Codable, CaseIterable {
        /// It leaves the service, where Poise makes that.
        case remove
    }

    /// What a person wants.
    package struct OrderRequest: Equatable, Sendable, Codable {
        package var action: OrderAction
        package var server: String
        /// Nothing for wherever the server serves.
        package var service: String?
        /// With ``OrderAction/weight``.
        package var weight: Int?
        package var reason: String
        /// Who asks, where the user is one that several people are, such as root.
        package var asker: String?
        /// When it begins, by the master's `timezone`: `02:00`, or `2026-11-24 02:00`.
        package var at: String?
        package var forSeconds: Double?
        /// Times of the week in which it is in force: `mon-fri 02:00-03:00`.
        package var every: String?
        /// Also where no other server of a service would be left.
        package var isForced: Bool
        /// With ``OrderAction/drain``.
        package var then: OrderSequel?
        /// With ``OrderAction/add``: an address, or one with a port.
        package var destination: String?
        /// With ``OrderAction/add``: what it can carry beside the others; 1 when left out.
        package var capacity: Double?

        package init(
            action: OrderAction, server: String, service: String? = nil, weight: Int? = nil,
            reason: String, asker: String? = nil, at: String? = nil, forSeconds: Double? = nil,
            every: String? = nil, isForced: Bool = false, then: OrderSequel? = nil,
            destination: String? = nil, capacity: Double? = nil
        ) {
            self.action = action
            self.server = server
            self.service = service
            self.weight = weight
            self.reason = reason
            self.asker = asker
            self.at = at
            self.forSeconds = forSeconds
            self.every = every
            self.isForced = isForced
            self.then = then
            self.destination = destination
            self.capacity = capacity
        }

        private enum CodingKeys: String, CodingKey {
            case action, server, service, weight, reason, asker, at, forSeconds, every, then
            case destination, capacity
            case isForced = "force"
        }
    }

    /// Which orders are to end: one, or those in force for a server, or for it in one service.
    package struct EndRequest: Equatable, Sendable, Codable {
        package var order: UInt64?
        package var server: String?
        package var service: String?
        package var asker: String?

        package init(
            order: UInt64? = nil, server: String? = nil, service: String? = nil,
            asker: String? = nil
        ) {
            self.order = order
            self.server = server
            self.service = service
            self.asker = asker
        }
    }

    package enum OrderState: String, Sendable, Codable, CaseIterable {
        /// Its time is still to come.
        case scheduled
        case inForce = "in_force"
        case ended
    }

    /// An order as the master keeps it.
    package struct OrderRecord: Equatable, Sendable, Codable {
        package var id: UInt64
        package var action: OrderAction
        package var server: String
        package var service: String?
        package var weight: Int?
        package var reason: String
        /// The user, and who asked if that was told.
        package var owner: String
        package var state: OrderState
        package var isForced: Bool
        package var createdUnixMilliseconds: Int
        package var startsUnixMilliseconds: Int
        /// Nothing where only a person ends it.
        package var endsUnixMilliseconds: Int?
        package var every: String?
        package var endedUnixMilliseconds: Int?
        /// A person, or what else ended it.
        package var endedBy: String?
        package var then: OrderSequel?
        /// When what was to follow came: the server was drained, and has left.
        package var goneUnixMilliseconds: Int?
        /// Of a server that was added, with its port.
        package var destination: String?
        package var capacity: Double?

        package init(
            id: UInt64, action: OrderAction, server: String, service: String?, weight: Int?,
            reason: String, owner: String, state: OrderState, isForced: Bool,
            createdUnixMilliseconds: Int, startsUnixMilliseconds: Int, endsUnixMilliseconds: Int?,
            every: String?, endedUnixMilliseconds: Int? = nil, endedBy: String? = nil,
            then: OrderSequel? = nil, goneUnixMilliseconds: Int? = nil,
            destination: String? = nil, capacity: Double? = nil
        ) {
            self.id = id
            self.action = action
            self.server = server
            self.service = service
            self.weight = weight
            self.reason = reason
            self.owner = owner
            self.state = state
            self.isForced = isForced
            self.createdUnixMilliseconds = createdUnixMilliseconds
            self.startsUnixMilliseconds = startsUnixMilliseconds
            self.endsUnixMilliseconds = endsUnixMilliseconds
            self.every = every
            self.endedUnixMilliseconds = endedUnixMilliseconds
            self.endedBy = endedBy
            self.then = then
            self.goneUnixMilliseconds = goneUnixMilliseconds
            self.destination = destination
            self.capacity = capacity
        }

        private enum CodingKeys: String, CodingKey {
            case id, action, server, service, weight, reason, owner, state, every, endedBy, then
            case isForced = "force"
            case createdUnixMilliseconds, startsUnixMilliseconds, endsUnixMilliseconds
            case endedUnixMilliseconds, goneUnixMilliseconds, destination, capacity
        }
    }

    /// An order was taken, and is durable.
    package struct OrderAnswer: Equatable, Sendable, Codable {
        package var order: OrderRecord
        /// What decides whether it comes to what was meant, each a sentence.
        package var notes: [String]

        package init(order: OrderRecord, notes: [String] = []) {
            self.order = order
            self.notes = notes
        }
    }

    /// By their numbers, the lowest first.
    package struct Orders: Equatable, Sendable, Codable {
        package var orders: [OrderRecord]

        package init(orders: [OrderRecord]) { self.orders = orders }
    }
}

extension AdminAPI.OrderRecord {
    /// As in `r1`, or `web/r1`.
    package var place: String { service.map { "\($0)/\(server)" } ?? server }

    /// As in `drain`, `weight 20`, `add 10.0.0.15:80`, or `drain, then remove`.
    package var what: String {
        switch action {
        case .drain where then == .remove:
            goneUnixMilliseconds == nil ? "drain, then remove" : "removed"
        case .drain: "drain"
        case .weight: "weight \(weight ?? 0)"
        case .add: "add \(destination ?? "it")"
        }
    }
}
