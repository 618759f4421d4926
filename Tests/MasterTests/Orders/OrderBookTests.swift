// Which orders are in force as time goes on, and what is known of the 0s they leave.

import Settings
import Testing
import Weighting

@testable import Master

@Suite struct OrderBookTests {
    @Test func `an order holds from its start to its end`() {
        var book = OrderBook([KeptOrder(.drain(1, starts: 1_000, ends: 5_000))])
        #expect(book.turn(to: 999).isEmpty)
        #expect(book.told(atStart: false).isEmpty)
        #expect(book.turn(to: 1_000) == [.begins(1)])
        #expect(book.turn(to: 4_999).isEmpty)
        #expect(book.told(atStart: false).map(\.id) == [1])
        #expect(book.turn(to: 5_000) == [.ends(1, atMilliseconds: 5_000)])
        #expect(book.told(atStart: false).isEmpty)
    }

    @Test func `what began stays in force where clocks are set back, and what ended stays ended`() {
        var book = OrderBook([
            KeptOrder(.drain(1, starts: 1_000)), KeptOrder(.drain(2, starts: 0, ends: 2_000)),
        ])
        #expect(book.turn(to: 3_000) == [.begins(1), .ends(2, atMilliseconds: 2_000)])
        #expect(book.turn(to: 500).isEmpty)
        #expect(book.told(atStart: false).map(\.id) == [1])
    }

    @Test func `an order of every week comes and goes, by the clocks of its zone`() throws {
        // Monday the 23rd of November 2026, noon in UTC.
        let noon = 1_795_435_200
        let zone = try #require(ZoneRule("<+02>-2").map { Zone($0) })
        var book = OrderBook([KeptOrder(.drain(1, every: "mon,tue 15:00-16:00"))], zone: zone)
        #expect(book.turn(to: noon * 1_000).isEmpty)
        #expect(book.turn(to: (noon + 3_600) * 1_000) == [.begins(1)])
        #expect(book.turn(to: (noon + 7_199) * 1_000).isEmpty)
        #expect(book.turn(to: (noon + 7_200) * 1_000) == [.pauses(1)])
        #expect(book[1]?.record.state == .scheduled)
        #expect(book.turn(to: (noon + 25 * 3_600) * 1_000) == [.begins(1)])
        #expect(book.told(atStart: false).map(\.id) == [1])
    }

    @Test func `an order that ended is told at the start until the table holds no 0 of it`() {
        var book = OrderBook([KeptOrder(.drain(1, ends: 1_000))])
        _ = book.turn(to: 0)
        _ = book.turn(to: 1_000)
        #expect(book.told(atStart: true).map(\.isEnded) == [true])
        #expect(book.settle { _, _ in true }.isEmpty)
        #expect(book.told(atStart: true).map(\.id) == [1])
        #expect(book.settle { _, _ in false } == [.settles(1)])
        #expect(book.told(atStart: true).isEmpty)
        #expect(book.orders.isEmpty)
    }

    @Test func `an order that never began claims no 0`() {
        var book = OrderBook([KeptOrder(.drain(1, starts: 500, ends: 1_000))])
        _ = book.turn(to: 100)
        #expect(book.turn(to: 2_000) == [.ends(1, atMilliseconds: 1_000)])
        #expect(book.told(atStart: true).isEmpty)
        #expect(book.orders.isEmpty)
    }

    @Test func `a weight that was ordered claims no 0`() throws {
        var record = AdminAPI.OrderRecord.drain(1, ends: 1_000)
        (record.action, record.weight) = (.weight, 20)
        var book = OrderBook([KeptOrder(record)])
        _ = book.turn(to: 0)
        let weight = try #require(Weight(20))
        #expect(book.told(atStart: false).map(\.action) == [.weight(weight)])
        _ = book.turn(to: 1_000)
        #expect(book.told(atStart: true).isEmpty)
    }

    @Test func `nothing is looked at before something is due`() {
        var book = OrderBook([KeptOrder(.drain(1, starts: 5_000))])
        #expect(book.turn(to: 0).isEmpty)
        book.keep(KeptOrder(.drain(2, starts: 1)))
        // A new order is looked at all the same.
        #expect(book.turn(to: 2) == [.begins(2)])
    }
}
