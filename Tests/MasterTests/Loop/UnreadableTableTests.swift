// A table that cannot be read for a while: what agents hear meanwhile.

import IPVS
import Protocol
import Testing
import Weighting

@testable import Master

extension NotifyingTests {
    @Suite struct UnreadableTableTests {
        @Test func `agents hear nothing of a table that cannot be read, until it is`() throws {
            let loaded = try ConfigurationFolder().load()
            guard case .memory(let held) = try #require(loaded.configuration).table else {
                Issue.record("the good configuration has a table in memory")
                return
            }
            let table = BreakableTable(held)
            let rig = try Rig(table: table.door)
            #expect(try standings(rig) == true)
            table.fault = .moduleNotLoaded
            #expect(try standings(rig) == false)
            #expect(rig.snapshot?.master.trouble?.contains("cannot be read") == true)
            table.fault = nil
            #expect(try standings(rig) == true)
        }

        /// Whether answers speak of services, after everything settled.
        private func standings(_ rig: Rig) throws -> Bool {
            for _ in 0..<4 { try rig.pass() }
            var asking = try #require(rig.agents[0].newest)
            asking.flags.insert(.acknowledgementRequested)
            // The session keeps what it heard last.
            rig.agents[0] = try TestAgent(copyOf: rig.agents[0], rig.port)
            rig.agents[0].newest = asking
            try rig.agents[0].report(asking, at: rig.now)
            rig.loop.receive(at: 0, now: rig.now)
            while try rig.settle(0) {}
            return !rig.agents[0].session.standings.isEmpty
        }
    }
}
