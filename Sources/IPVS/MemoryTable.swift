// A table in this process, for the demo and for tests.

package import Weighting

/// Behaves as the kernel's table does, with counters that its owner moves.
package struct MemoryTable: IPVSTable {
    /// What it holds now; whoever plays the kernel or another program changes it here.
    package var table: Table
    package private(set) var heldTimeouts = Timeouts()
    package private(set) var heldDaemons: [SyncDaemon] = []

    package init(_ table: Table = Table()) { self.table = table }

    package func services() throws(IPVSError) -> [ServiceKey] { table.services.map(\.key) }

    package func read(_ services: [ServiceKey]) throws(IPVSError) -> Table {
        guard services.count > 1 else {
            return Table(services: services.compactMap { table[service: $0] })
        }
        let places = Dictionary(
            table.services.enumerated().map { ($1.key, $0) },
            uniquingKeysWith: { first, _ in first })
        return Table(services: services.compactMap { places[$0].map { table.services[$0] } })
    }

    package mutating func apply(_ plan: Plan) -> [StepOutcome] {
        let effects = table.apply(plan.steps)
        return zip(plan.steps, effects).map { StepOutcome(step: $0, result: .init($1)) }
    }

    package func timeouts() throws(IPVSError) -> Timeouts { heldTimeouts }

    package mutating func set(_ timeouts: Timeouts) throws(IPVSError) {
        heldTimeouts = heldTimeouts.with(timeouts)
    }

    package func daemons() throws(IPVSError) -> [SyncDaemon] { heldDaemons }

    package mutating func start(_ daemon: SyncDaemon) throws(IPVSError) {
        guard !heldDaemons.contains(where: { $0.role == daemon.role }) else {
            throw .refused(to: daemon.startAction, errno: SyncDaemon.runsAlready)
        }
        heldDaemons.append(daemon)
    }

    package mutating func stop(_ daemon: SyncDaemon) throws(IPVSError) {
        heldDaemons.removeAll { $0.role == daemon.role }
    }
}
