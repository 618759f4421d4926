// What may be ordered and what not, and that a refusal says why.

import Testing

@testable import Master
@testable import Weighting

@Suite struct OrderRulesTests {
    private let now = 1_795_435_200_000

    private func order(
        _ request: AdminAPI.OrderRequest, _ ground: OrderGround = .sample(),
        _ book: OrderBook = OrderBook()
    ) throws(OrderRefusal) -> KeptOrder {
        try OrderRules(ground: ground, book: book, now: now).order(request, by: "anna")
    }

    private func refusal(
        _ request: AdminAPI.OrderRequest, _ ground: OrderGround = .sample(),
        _ book: OrderBook = OrderBook()
    ) -> OrderRefusal? {
        do throws(OrderRefusal) {
            _ = try order(request, ground, book)
            return nil
        } catch { return error }
    }

    @Test func `a drain that is to begin now is in force at once`() throws {
        let order = try order(.drain("r2"))
        #expect(order.isInForce && order.mayHoldZero)
        #expect(order.record.state == .inForce)
        #expect(order.record.owner == "anna")
    }

    @Test func `the last server with a weight is not drained, unless by force`() throws {
        // r1 is alone in mail.
        let found = try #require(self.refusal(.drain("r1")))
        #expect(found.kind == .unsafe)
        #expect(found.text.contains("\"mail\"") && found.text.contains("--force"))
        #expect(refusal(.drain("r1", "web")) == nil)
        #expect(refusal(.drain("r1", force: true)) == nil)
    }

    @Test func `who is drained already, or has weight 0, keeps no service alive`() {
        var drained = OrderBook([KeptOrder(.drain(1, server: "r2"))])
        _ = drained.turn(to: now)
        #expect(refusal(.drain("r1", "web"), .sample(), drained)?.kind == .unsafe)
        #expect(refusal(.drain("r1", "web"), .sample(weights: ["r2": 0]))?.kind == .unsafe)
        // Of mail that order says nothing, and a server without a weight serves nobody.
        #expect(refusal(.drain("r1", "web"), .sample(weights: ["r1": 0, "r2": 0])) == nil)
    }

    @Test func `names that there are not are refused`() {
        #expect(refusal(.drain("r9"))?.text == "no service has a server \"r9\"")
        #expect(refusal(.drain("r1", "wob"))?.text == "there is no service \"wob\"")
        #expect(refusal(.drain("r2", "mail"))?.text == "\"mail\" has no server \"r2\"")
        #expect(refusal(.drain("r9"))?.kind == .unknown)
    }

    @Test func `words that make no order are refused`() {
        var noReason = AdminAPI.OrderRequest.drain("r2")
        noReason.reason = "  "
        #expect(refusal(noReason)?.kind == .malformed)
        var twoLines = noReason
        twoLines.reason = "a\nb"
        #expect(refusal(twoLines)?.text.contains("one line") == true)
        var long = noReason
        long.reason = String(repeating: "x", count: OrderRules.mostTextBytes + 1)
        #expect(refusal(long)?.text.contains("200 bytes") == true)
        for weight in [0, -1, 65_536] {
            #expect(refusal(.weight(weight, of: "r1", "web"))?.kind == .malformed)
        }
        #expect(refusal(.weight(65_535, of: "r1", "web")) == nil)
        for seconds in [0.0, -1, .infinity, .nan, 400 * 86_400] {
            var request = AdminAPI.OrderRequest.drain("r2")
            request.forSeconds = seconds
            #expect(refusal(request)?.kind == .malformed)
        }
        for at in ["", "noon", "25:00", "2026-02-30 01:00", "2026-11-22 01:00", "9999-01-01 00:00"]
        {
            var request = AdminAPI.OrderRequest.drain("r2")
            request.at = at
            #expect(refusal(request)?.kind == .malformed, "\(at)")
        }
        for every in ["", "mon", "mon 1-2", "dom 01:00-02:00", "24:00-01:00", "01:00-01:00"] {
            var request = AdminAPI.OrderRequest.drain("r2")
            request.every = every
            #expect(refusal(request)?.kind == .malformed, "\(every)")
        }
    }

    @Test func `an order ahead waits, and may be of the last server by then`() throws {
        var request = AdminAPI.OrderRequest.drain("r1")
        (request.at, request.forSeconds) = ("13:30", 60)
        let order = try order(request)
        #expect(!order.isInForce && !order.mayHoldZero)
        #expect(order.record.startsUnixMilliseconds == now + 90 * 60_000)
        #expect(order.record.endsUnixMilliseconds == now + 91 * 60_000)
    }

    @Test func `more orders than a person can mean are refused`() {
        let book = OrderBook(
            (1...UInt64(OrderBook.most)).map { KeptOrder(.drain($0, starts: now * 2)) })
        #expect(refusal(.drain("r2"), .sample(), book)?.kind == .unsafe)
    }

    @Test func `ready ends what is in force for what it names`() throws {
        var book = OrderBook([
            KeptOrder(.drain(1, server: "r1")), KeptOrder(.drain(2, server: "r1", service: "web")),
            KeptOrder(.drain(3, server: "r2", service: "web")),
            KeptOrder(.drain(4, server: "r1", starts: now + 1_000_000)),
        ])
        _ = book.turn(to: now)
        func ended(_ request: AdminAPI.EndRequest) throws(OrderRefusal) -> [UInt64] {
            try OrderRules(ground: .sample(), book: book, now: now).ended(by: request)
                .map(\.record.id)
        }
        #expect(try ended(.init(server: "r1")) == [1, 2])
        #expect(try ended(.init(server: "r1", service: "web")) == [2])
        #expect(try ended(.init(order: 4)) == [4])
        #expect(try ended(.init(server: "r2", service: "web")) == [3])
        #expect(throws: OrderRefusal.self) { try ended(.init(order: 9)) }
        #expect(throws: OrderRefusal.self) { try ended(.init(server: "r9")) }
        // Order 1 holds for mail as well: this would not make it ready.
        #expect(throws: OrderRefusal.self) { try ended(.init(server: "r1", service: "mail")) }
        // Of a server that is in no file any more, what was ordered can end.
        book.keep(KeptOrder(.drain(7, server: "gone")))
        _ = book.turn(to: now)
        #expect(try ended(.init(server: "gone")) == [7])
    }
}
