// An order from the keeper's news to what is shown and told of it.

import Testing
import Weighting

@testable import Master

extension NotifyingTests {
    @Suite struct OrderTests {
        private func news(_ records: [AdminAPI.OrderRecord], at now: Int) -> OrderNews {
            var book = OrderBook(records.map(KeptOrder.init))
            _ = book.turn(to: now)
            return OrderNews(
                book: book, trouble: nil, happened: records.map(OrderNews.Happened.gave))
        }

        @Test func `an order in force is shown with its member, and told once`() throws {
            let rig = try Rig()
            for _ in 0..<4 { try rig.pass() }
            let now = rig.wall.unixSeconds * 1_000
            _ = rig.lines.take()
            rig.loop.take(news([.drain(3, server: "r2", ends: now + 60_000)], at: now), at: rig.now)
            for _ in 0..<3 { try rig.pass() }
            let web = try #require(rig.snapshot?.services.first { $0.name == "web" })
            let shown = try #require(web.members.first { $0.server == "r2" }?.orders)
            #expect(
                shown.map(\.text) == [
                    "order 3: drain by anna until mon 2026-11-23 12:01 +00:00: new kernel"
                ])
            #expect(web.members.first { $0.server == "r1" }?.orders == nil)
            let lines = rig.lines.take().filter { $0.contains("order 3") }
            #expect(lines.first == "notice: order 3 of anna (new kernel): drain")

            rig.wall.unixSeconds += 61
            try rig.pass()
            #expect(
                rig.snapshot?.services.flatMap(\.members).allSatisfy { $0.orders == nil } == true)
            #expect(
                rig.lines.take().contains(
                    "notice: order 3 of anna (new kernel): drain: its time is over"))
            let causes = rig.loop.journal.happenings(after: 0).map(\.happening.cause)
            #expect(causes.filter { $0 == .orderGiven }.count == 1)
            #expect(causes.filter { $0 == .orderOver }.count == 1)
        }

        @Test func `what keeps orders from being safe is a trouble while it lasts`() throws {
            let rig = try Rig()
            try rig.pass()
            rig.loop.take(
                OrderNews(book: OrderBook(), trouble: OrderTrouble("the disk is full")),
                at: rig.now)
            try rig.pass()
            #expect(
                rig.snapshot?.master.trouble == "people's orders are not safe: the disk is full")
            rig.loop.take(OrderNews(book: OrderBook(), trouble: nil), at: rig.now)
            try rig.pass()
            #expect(rig.snapshot?.master.trouble == nil)
        }
    }
}
