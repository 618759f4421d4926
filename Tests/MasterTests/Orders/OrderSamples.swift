// Orders, a cluster and a store for the tests of orders.

import Foundation
import Settings
import Synchronization
import Testing

@testable import Master
@testable import Weighting

extension AdminAPI.OrderRecord {
    /// A drain of r1 that began at 0, unless told otherwise.
    static func drain(
        _ id: UInt64 = 0, server: String = "r1", service: String? = nil, starts: Int = 0,
        ends: Int? = nil, every: String? = nil
    ) -> AdminAPI.OrderRecord {
        AdminAPI.OrderRecord(
            id: id, action: .drain, server: server, service: service, weight: nil,
            reason: "new kernel", owner: "anna", state: .scheduled, isForced: false,
            createdUnixMilliseconds: 0, startsUnixMilliseconds: starts, endsUnixMilliseconds: ends,
            every: every)
    }
}

extension KeptOrder {
    /// One whose time may be still to come.
    init(_ record: AdminAPI.OrderRecord) {
        self.init(record: record, isOpen: false, mayHoldZero: false)
    }
}

extension OrderGround {
    /// web with r1 and r2, mail with r1 alone; all have weight 1 unless told otherwise.
    static func sample(weights: [String: Int] = [:]) -> OrderGround {
        let web = ServiceKey.address(.v4(1), port: 80, .tcp)
        let mail = ServiceKey.address(.v4(1), port: 25, .tcp)
        func key(_ host: UInt32, _ port: UInt16) -> DestinationKey {
            DestinationKey(address: .v4(host), port: port)
        }
        return OrderGround(
            cluster: Cluster(
                servers: [.init(name: "r1"), .init(name: "r2")],
                services: [
                    .init(
                        name: "mail", key: mail,
                        members: [.init(server: 0, destination: key(11, 25))]),
                    .init(
                        name: "web", key: web,
                        members: [
                            .init(server: 0, destination: key(11, 80)),
                            .init(server: 1, destination: key(12, 80)),
                        ]),
                ]),
            table: Table(services: [
                .init(
                    key: mail, scheduler: .known(.wlc),
                    destinations: [.init(key: key(11, 25), weight: 1)]),
                .init(
                    key: web, scheduler: .known(.wlc),
                    destinations: [
                        .init(key: key(11, 80), weight: weights["r1"] ?? 1),
                        .init(key: key(12, 80), weight: weights["r2"] ?? 1),
                    ]),
            ]))
    }
}

extension AdminAPI.OrderRequest {
    static func drain(
        _ server: String, _ service: String? = nil, force: Bool = false
    ) -> AdminAPI.OrderRequest {
        AdminAPI.OrderRequest(
            action: .drain, server: server, service: service, reason: "new kernel", isForced: force)
    }

    static func weight(_ weight: Int, of server: String, _ service: String) -> Self {
        AdminAPI.OrderRequest(
            action: .weight, server: server, service: service, weight: weight, reason: "a try")
    }
}

/// A keeper in a folder of its own, what it told the loop, and the time it goes by.
final class KeeperRig: Sendable {
    let folder: String
    let milliseconds = Mutex(1_795_435_200_000)
    private let heard = Mutex<[OrderNews]>([])
    private let kept = Mutex<OrderKeeper?>(nil)

    init() throws {
        var template = Array("/tmp/poise-orders-XXXXXX".utf8CString)
        folder = try #require(mkdtemp(&template).map { String(cString: $0) }) + "/state"
        start()
    }

    deinit {
        let parent = (folder as NSString).deletingLastPathComponent
        _ = try? FileManager.default.removeItem(atPath: parent)
    }

    var path: String { folder + "/orders.db" }
    var news: [OrderNews] { heard.withLock { $0 } }

    var keeper: OrderKeeper {
        kept.withLock { keeper in
            if let keeper { return keeper }
            let made = OrderKeeper(
                folder: folder, timezone: "UTC",
                unixMilliseconds: { [unowned self] in milliseconds.withLock { $0 } },
                deliver: { [unowned self] news in heard.withLock { $0.append(news) } })
            keeper = made
            return made
        }
    }

    /// A master that is started again: what it knows, it read.
    func restart() {
        stop()
        start()
    }

    func stop() { kept.withLock { $0 = nil } }

    private func start() { _ = keeper }

    func give(_ request: AdminAPI.OrderRequest, by name: String = "anna") async throws
        -> AdminAPI.OrderRecord
    {
        try await keeper.give(request, by: .named(name), on: .sample())
    }

    func end(_ request: AdminAPI.EndRequest, by name: String = "otto") async throws
        -> [AdminAPI.OrderRecord]
    {
        try await keeper.end(request, by: .named(name), on: .sample())
    }
}

extension OrderDesk {
    /// One that has no orders, and takes none.
    static let silent = OrderDesk(
        give: { (_, _) async throws(OrderRefusal) in throw OrderRefusal(.unavailable, "silent") },
        end: { (_, _) async throws(OrderRefusal) in AdminAPI.Orders(orders: []) },
        list: { (_) async throws(OrderRefusal) in AdminAPI.Orders(orders: []) })
}
