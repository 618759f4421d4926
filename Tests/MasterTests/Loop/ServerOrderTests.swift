// A server that a person adds is a member at once, also for a master that starts anew.

import IPVS
import Testing
import Weighting

@testable import Master

extension NotifyingTests {
    @Suite struct ServerOrderTests {
        private func addition(at now: Int) -> OrderBook {
            var book = OrderBook([
                KeptOrder(
                    AdminAPI.OrderRecord(
                        id: 4, action: .add, server: "r5", service: "web", weight: nil,
                        reason: "more", owner: "anna", state: .scheduled, isForced: false,
                        createdUnixMilliseconds: 0, startsUnixMilliseconds: 0,
                        endsUnixMilliseconds: nil, every: nil, destination: "10.0.0.15:80"))
            ])
            _ = book.turn(to: now)
            return book
        }

        private func members(_ rig: Rig) -> [String]? {
            rig.snapshot?.services.first { $0.name == "web" }?.members.map(\.server)
        }

        @Test func `where Poise makes the services the table gets it, and loses it when drained`()
            throws
        {
            let table = BreakableTable()
            let rig = try Rig(
                table: table.door, ipvs: "manage: services, table: kernel, leave: 1s",
                prepare: { folder in
                    try folder.remove("services.d/mail.yaml")
                    try folder.write(
                        "services.d/web.yaml",
                        """
                        services:
                          web:
                            vip: 10.0.0.100:80/tcp
                            scheduler: wrr
                            forward: direct
                            servers:
                              - {name: r1, address: 10.0.0.11}
                              - {name: r2, address: 10.0.0.12}
                        """)
                })
            func held() -> [String: Int] {
                Dictionary(
                    (table.table.services.first?.destinations ?? []).map {
                        ("\($0.key)", $0.weight)
                    },
                    uniquingKeysWith: { first, _ in first })
            }
            try rig.pass()
            var book = addition(at: rig.wall.unixSeconds * 1_000)
            rig.loop.take(OrderNews(book: book, trouble: nil), at: rig.now)
            for _ in 0..<3 { try rig.pass() }
            #expect((held()["10.0.0.15:80"] ?? 0) > 0)
            #expect(
                table.table.services.first?.details.map(\.setup.forwarding)
                    == [.direct, .direct, .direct])

            var removal = AdminAPI.OrderRecord.drain(5, server: "r5", service: "web")
            removal.then = .remove
            book.keep(KeptOrder(removal))
            _ = book.turn(to: rig.wall.unixSeconds * 1_000)
            rig.loop.take(OrderNews(book: book, trouble: nil), at: rig.now)
            for _ in 0..<12 { try rig.pass() }
            #expect(held().keys.sorted() == ["10.0.0.11:80", "10.0.0.12:80"])
            #expect(members(rig) == ["r1", "r2"])
            #expect(rig.loop.orders.book.orders.allSatisfy { !$0.isInForce })
        }

        @Test func `it is shown and absent until the kernel has it, and stays over a reload`()
            throws
        {
            let rig = try Rig()
            for _ in 0..<4 { try rig.pass() }
            let weights = rig.weights
            rig.loop.take(
                OrderNews(book: addition(at: rig.wall.unixSeconds * 1_000), trouble: nil),
                at: rig.now)
            try rig.pass()
            #expect(members(rig) == ["r2", "r1", "r5"])
            #expect(rig.weights["r5"] == .some(nil))
            #expect(rig.weights["r1"] == weights["r1"])
            #expect(rig.reloadUnasked() == AdminAPI.Reload(refused: nil))
            try rig.pass()
            #expect(members(rig) == ["r2", "r1", "r5"])

            rig.loop.take(OrderNews(book: OrderBook(), trouble: nil), at: rig.now)
            try rig.pass()
            #expect(members(rig) == ["r2", "r1"])
        }
    }
}
