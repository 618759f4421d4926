// A drain from the agent's datagram to the weight 0, to what the agent hears of it, and back.

import Protocol
import Testing
import Weighting

@testable import Master

extension NotifyingTests {
    @Suite struct DrainTests {
        @Test func `what an agent asks for is done, shown, told and taken back`() throws {
            let rig = try Rig()
            for _ in 0..<4 { try rig.pass() }
            let before = try #require(rig.weights["r1"] ?? nil)
            _ = rig.lines.take()
            (rig.state, rig.reason) = (.draining, .maintenanceFile)
            for _ in 0..<3 { try rig.pass() }
            #expect(rig.weights["r1"] == 0)
            let snapshot = try #require(rig.snapshot)
            let member = try #require(
                snapshot.services.first { $0.name == "web" }?.members.first { $0.server == "r1" })
            #expect(member.state == "draining")
            #expect(member.wanted == 0)
            #expect(member.reason.code == "drains")
            // Alone in its service, the same server stays.
            let alone = snapshot.services.first { $0.name == "mail" }?.members.first
            #expect(alone?.reason.code == "last_ones")
            #expect(alone?.weight ?? 0 > 0)
            // An agent asks for an answer when its cookie is four seconds old.
            for _ in 0..<20 { try rig.pass() }
            let standings = rig.agents[0].session.standings
            let web = try #require(standings.first { $0.id == ServiceID(name: "web") })
            #expect(web.weight == 0)
            #expect(web.admin == .drain)
            #expect(web.reason == StateReason.maintenanceFile.rawValue)
            #expect(web.activeConnections == 0)
            #expect(standings.first { $0.id == ServiceID(name: "mail") }?.admin == .ready)
            #expect(
                rig.lines.take().filter { $0.contains("drain") } == [
                    "warning: does not drain: "
                        + Hold.lastOnes(DrainCause(state: .draining, reason: .maintenanceFile))
                        .text, "notice: drains: the agent says draining (maintenance file)",
                ])

            (rig.state, rig.reason) = (.up, .none)
            try rig.pass()
            let after = try #require(rig.weights["r1"] ?? nil)
            // A newcomer begins with a tenth.
            #expect(abs(after - min(before, 1000) / 10) <= 1)
            #expect(rig.lines.take().filter { $0.contains("drain is over") }.count == 1)
        }

        @Test func `in a dry run a drain is said and not done`() throws {
            let rig = try Rig(isDryRun: true)
            rig.state = .draining
            for _ in 0..<4 { try rig.pass() }
            #expect(rig.weights["r1"] == 1)
            let member = rig.snapshot?.services.first { $0.name == "web" }?.members
                .first { $0.server == "r1" }
            #expect(member?.wanted == 0)
            #expect(member?.reason.code == "drains")
            #expect(rig.agents[0].session.standings.allSatisfy { $0.weight != 0 })
        }
    }
}
