// What the admin API does with people's orders: from who asks to the answer.

internal import Weighting

/// Where orders are given, ended and listed; closures, so that the API's tests need no disk.
package struct OrderDesk: Sendable {
    let give:
        @Sendable (AdminAPI.OrderRequest, Person) async throws(OrderRefusal) -> AdminAPI.OrderAnswer
    let end: @Sendable (AdminAPI.EndRequest, Person) async throws(OrderRefusal) -> AdminAPI.Orders
    let list: @Sendable (_ all: Bool) async throws(OrderRefusal) -> AdminAPI.Orders
}

extension OrderDesk {
    /// The one of a master: `inbox` leads to its control loop.
    init(_ keeper: OrderKeeper, _ inbox: Inbox, advice: @escaping @Sendable () -> DrainAdvice) {
        give = { (request, person) async throws(OrderRefusal) in
            let ground = try await Self.ground(inbox)
            let record = try await keeper.give(request, by: person, on: ground)
            return AdminAPI.OrderAnswer(
                order: record,
                notes: (record.action == .drain ? advice().notes(on: record, ground) : [])
                    + ground.notes(on: record))
        }
        end = { (request, person) async throws(OrderRefusal) in
            let ground = try await Self.ground(inbox)
            return AdminAPI.Orders(
                orders: try await keeper.end(request, by: person, on: ground))
        }
        list = { (all) async throws(OrderRefusal) in
            AdminAPI.Orders(orders: try await keeper.list(all: all))
        }
    }

    private static func ground(_ inbox: Inbox) async throws(OrderRefusal) -> OrderGround {
        guard let ground = await inbox.ground() else {
            throw OrderRefusal(.unavailable, "the master is ending")
        }
        return ground
    }
}
