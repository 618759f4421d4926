// Orders over the admin socket: who asks is who the kernel says, and each refusal has its status.

import Foundation
import Glibc
import Synchronization
import Testing
import Weighting

@testable import Master

@Suite struct OrderAPITests {
    @Test func `an order goes in with the user that the kernel names`() async throws {
        let rig = try KeeperRig()
        let desk = OrderDesk(
            give: { (request, person) async throws(OrderRefusal) in
                AdminAPI.OrderAnswer(
                    order: try await rig.keeper.give(request, by: person, on: .sample()))
            },
            end: { (request, person) async throws(OrderRefusal) in
                AdminAPI.Orders(
                    orders: try await rig.keeper.end(request, by: person, on: .sample()))
            },
            list: { (all) async throws(OrderRefusal) in
                AdminAPI.Orders(orders: try await rig.keeper.list(all: all))
            })
        let user = String(cString: try #require(getpwuid(geteuid())).pointee.pw_name)
        try await withServer(snapshot: nil, orders: desk) { client in
            let given = try await client.post(
                AdminAPI.ordersPath,
                #"{"action":"drain","server":"r2","reason":"new kernel","asker":"anna","#
                    + #""force":false}"#)
            #expect(given.status == 200)
            let answer = try JSONDecoder().decode(
                AdminAPI.OrderAnswer.self, from: Data(given.body.utf8))
            #expect(answer.order.owner == "anna as \(user)")
            #expect(answer.order.state == .inForce)

            let listed = try await client.get(AdminAPI.ordersPath)
            #expect(listed.body.contains(#""reason":"new kernel""#))
            let last = try await client.post(
                AdminAPI.ordersPath,
                #"{"action":"drain","server":"r1","service":"web","reason":"too","force":false}"#)
            #expect(last.status == 409)
            #expect(try last.error().contains("--force"))
            let unknown = try await client.post(
                AdminAPI.ordersPath,
                #"{"action":"drain","server":"r9","reason":"too","force":false}"#)
            #expect(unknown.status == 404)
            let ended = try await client.post(AdminAPI.endPath, #"{"server":"r2"}"#)
            #expect(ended.status == 200)
            #expect(ended.body.contains("\"endedBy\":\"\(user)\""))
            #expect(try await client.get(AdminAPI.ordersPath).body == #"{"orders":[]}"#)
            #expect(
                try await client.get("\(AdminAPI.ordersPath)?all=1").body.contains("\"ended\""))
        }
    }

    @Test func `what is no request, or too long for one, is refused`() async throws {
        try await withServer(snapshot: nil) { client in
            for body in ["", "{", "[]", "{}", #"{"action":"burn","server":"r1"}"#] {
                #expect(try await client.post(AdminAPI.ordersPath, body).status == 400)
            }
            let long = String(repeating: " ", count: AdminAPI.requestLimit + 1)
            #expect(try await client.post(AdminAPI.ordersPath, long).status == 400)
            #expect(try await client.get(AdminAPI.endPath).status == 405)
            let refused = try await client.post(
                AdminAPI.ordersPath,
                #"{"action":"drain","server":"r1","reason":"x","force":false}"#)
            #expect(refused.status == 503)
        }
    }

    @Test func `a stranger gives no orders`() {
        // Nobody of this system is in the group of the master but those of its own.
        let stranger = Peer(user: 4_000_000_001, group: 4_000_000_001)
        #expect(throws: OrderRefusal.self) {
            try Person.peer(stranger, asker: nil).name()
        }
        #expect(throws: OrderRefusal.self) { try Person.peer(nil, asker: "anna").name() }
        let same = Peer(user: 4_000_000_001, group: getegid())
        #expect((try? Person.peer(same, asker: nil).name()) == "uid 4000000001")
    }
}
