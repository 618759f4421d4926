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
