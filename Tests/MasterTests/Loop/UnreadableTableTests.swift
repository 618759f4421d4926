// A table that cannot be read for a while: what agents hear meanwhile.

import IPVS
import Protocol
import Synchronization
import Testing
import Weighting

@testable import Master

extension NotifyingTests {
    @Suite struct UnreadableTableTests {
        /// A table that somebody else breaks and mends.
        private final class Fault: Sendable {
            let isOn = Mutex(false)
        }

        private struct BreakableTable: IPVSTable {
            var table: MemoryTable
            let fault: Fault

            mutating func read(_ services: [ServiceKey]) throws(IPVSError) -> Table {
                guard !fault.isOn.withLock({ $0 }) else { throw .moduleNotLoaded }
                return try table.read(services)
            }

            mutating func apply(_ plan: Plan) -> [StepOutcome] { table.apply(plan) }
        }

        @Test func `agents hear nothing of a table that cannot be read, until it is`() throws {
            let fault = Fault()
            let loaded = try ConfigurationFolder().load()
            guard case .memory(let held) = try #require(loaded.configuration).table else {
                Issue.record("the good configuration has a table in memory")
                return
            }
            let rig = try Rig(table: BreakableTable(table: MemoryTable(held), fault: fault))
            #expect(try standings(rig) == true)
            fault.isOn.withLock { $0 = true }
            #expect(try standings(rig) == false)
            #expect(rig.snapshot?.master.trouble?.contains("cannot be read") == true)
            fault.isOn.withLock { $0 = false }
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
