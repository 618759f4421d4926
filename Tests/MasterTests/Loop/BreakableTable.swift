// A table in memory that somebody else breaks, mends and writes.

import IPVS
import Synchronization
import Weighting

/// Shared by a test and the loop that works on it.
final class BreakableTable: Sendable {
    private let held: Mutex<MemoryTable>
    private let error = Mutex<IPVSError?>(nil)
    private let plans = Mutex<[Plan]>([])

    init(_ table: Table = Table()) { held = Mutex(MemoryTable(table)) }

    /// Why it can be neither read nor written, if it cannot.
    var fault: IPVSError? {
        get { error.withLock { $0 } }
        set { error.withLock { $0 = newValue } }
    }

    /// As any program with the capability sees and writes it.
    var table: Table {
        get { held.withLock { $0.table } }
        set { held.withLock { $0.table = newValue } }
    }

    var daemons: [SyncDaemon] { held.withLock { $0.heldDaemons } }
    var timeouts: Timeouts { held.withLock { $0.heldTimeouts } }

    /// What was written since this was asked last.
    func takeSteps() -> [Plan.Step] {
        plans.withLock { plans in
            defer { plans = [] }
            return plans.flatMap(\.steps)
        }
    }

    /// What the loop works on.
    var door: any IPVSTable { Door(behind: self) }

    private struct Door: IPVSTable {
        let behind: BreakableTable

        private func use<Value>(
            _ body: (inout MemoryTable) throws(IPVSError) -> Value
        ) throws(IPVSError) -> Value {
            if let error = behind.fault { throw error }
            return try behind.held.withLock { table throws(IPVSError) in try body(&table) }
        }

        func services() throws(IPVSError) -> [ServiceKey] {
            try use { table throws(IPVSError) in try table.services() }
        }

        func read(_ services: [ServiceKey]) throws(IPVSError) -> Table {
            try use { table throws(IPVSError) in try table.read(services) }
        }

        func apply(_ plan: Plan) -> [StepOutcome] {
            behind.plans.withLock { $0.append(plan) }
            do throws(IPVSError) {
                return try use { table throws(IPVSError) in table.apply(plan) }
            } catch {
                return plan.steps.map { StepOutcome(step: $0, result: .refused(error)) }
            }
        }

        func timeouts() throws(IPVSError) -> Timeouts {
            try use { table throws(IPVSError) in try table.timeouts() }
        }

        func set(_ timeouts: Timeouts) throws(IPVSError) {
            try use { table throws(IPVSError) in try table.set(timeouts) }
        }

        func daemons() throws(IPVSError) -> [SyncDaemon] {
            try use { table throws(IPVSError) in try table.daemons() }
        }

        func start(_ daemon: SyncDaemon) throws(IPVSError) {
            try use { table throws(IPVSError) in try table.start(daemon) }
        }

        func stop(_ daemon: SyncDaemon) throws(IPVSError) {
            try use { table throws(IPVSError) in try table.stop(daemon) }
        }
    }
}
