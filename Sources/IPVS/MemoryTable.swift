// A table in this process, for the demo and for tests.

package import Weighting

/// Behaves as the kernel's table does, with counters that its owner moves.
package struct MemoryTable: IPVSTable {
    /// What it holds now; whoever plays the kernel or another program changes it here.
    package var table: Table

    package init(_ table: Table = Table()) { self.table = table }

    package func read(_ services: [ServiceKey]) throws(IPVSError) -> Table {
        Table(services: services.compactMap { table[service: $0] })
    }

    package mutating func apply(_ plan: Plan) -> [StepOutcome] {
        plan.steps.map { StepOutcome(step: $0, result: take($0)) }
    }

    private mutating func take(_ step: Plan.Step) -> StepOutcome.Result {
        switch step {
        case .setWeight(let service, let destination, let from, let to, _):
            guard let row = table.services.firstIndex(where: { $0.key == service }) else {
                return .serviceGone
            }
            let destinations = table.services[row].destinations
            guard let column = destinations.firstIndex(where: { $0.key == destination }) else {
                return .destinationGone
            }
            let held = destinations[column].weight
            if let result = StepOutcome.Result.beforeWriting(from: from, to: to, held: held) {
                return result
            }
            table.services[row].destinations[column].weight = to.rawValue
            return .done
        }
    }
}
