// What a simulation came to, as tables for people.

internal import Simulation

/// Means over the seeds of each scenario and contender.
struct SimulateScreen {
    private let scenarios: [Scenario]
    private let runs: [Run]
    private let contenders: [Contender]

    init(_ scenarios: [Scenario], _ runs: [Run]) {
        (self.scenarios, self.runs) = (scenarios, runs)
        var seen: Set<Contender> = []
        contenders = runs.map(\.contender).filter { seen.insert($0).inserted }
    }

    var text: String {
        scenarios.count == 1 ? detail(scenarios[0]) : matrices
    }

    /// Everything of one scenario.
    private func detail(_ scenario: Scenario) -> String {
        var grid = Grid(
            alignments: [.left, .left] + Array(repeating: .right, count: 10), indent: "")
        grid.rows = [
            [
                "policy", "scheduler", "p50 ms", "p99 ms", "p99.9 ms", "÷ oracle", "bad %",
                "event bad %", "settle s", "back s", "edits/s", "variation",
            ]
        ]
        grid.rows += contenders.map { contender in
            let mine = figures(scenario, contender)
            return [
                contender.policy.rawValue, contender.scheduler.rawValue,
                fixed(mine.map(\.p50Milliseconds), 1), fixed(mine.map(\.p99Milliseconds), 0),
                fixed(mine.map(\.p999Milliseconds), 0), ratio(scenario, contender),
                fixed(mine.map { 100 * $0.badShare }, 3),
                fixed(mine.map { 100 * $0.eventBadShare }, 3),
                fixed(mine.compactMap(\.settleSeconds), 0),
                fixed(mine.compactMap(\.backSeconds), 0),
                fixed(mine.map(\.editsPerSecond), 1), fixed(mine.map(\.weightVariation), 3),
            ]
        }
        return "\(scenario.name): \(scenario.title)\n\n" + lines(grid)
    }

    /// One figure a table, with a column for each scenario.
    private var matrices: String {
        let tables: [(String, (Scenario, Contender) -> String)] = [
            ("p99, ms", { fixed(figures($0, $1).map(\.p99Milliseconds), 0) }),
            ("p99 ÷ oracle's", { ratio($0, $1) }),
            (
                "bad during the event, %",
                { fixed(figures($0, $1).map { 100 * $0.eventBadShare }, 2) }
            ),
            ("settles after, s", { fixed(figures($0, $1).compactMap(\.settleSeconds), 0) }),
            ("back after, s", { fixed(figures($0, $1).compactMap(\.backSeconds), 0) }),
            ("edits/s", { fixed(figures($0, $1).map(\.editsPerSecond), 1) }),
            ("weight variation", { fixed(figures($0, $1).map(\.weightVariation), 2) }),
        ]
        return tables.map { title, cell in
            var grid = Grid(
                alignments: [.left] + Array(repeating: .right, count: scenarios.count), indent: "")
            grid.rows = [[""] + scenarios.map(\.name)]
            grid.rows += contenders.map { contender in
                ["\(contender.policy.rawValue)/\(contender.scheduler.rawValue)"]
                    + scenarios.map { cell($0, contender) }
            }
            return "\(title)\n" + lines(grid)
        }.joined(separator: "\n")
    }

    private func lines(_ grid: Grid) -> String {
        grid.lines().map { $0 + "\n" }.joined()
    }

    private func figures(_ scenario: Scenario, _ contender: Contender) -> [Figures] {
        runs.filter { $0.scenario == scenario.name && $0.contender == contender }.map(\.figures)
    }

    /// The mean p99 over that of the oracle, where it ran too.
    private func ratio(_ scenario: Scenario, _ contender: Contender) -> String {
        let mine = figures(scenario, contender).map(\.p99Milliseconds)
        let reference = figures(scenario, contender.reference).map(\.p99Milliseconds)
        guard let mine = mean(mine), let reference = mean(reference), reference > 0 else {
            return "-"
        }
        return Number.fixed(mine / reference, 2)
    }

    private func fixed(_ values: [Double], _ digits: Int) -> String {
        mean(values).map { Number.fixed($0, digits) } ?? "-"
    }

    private func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }

    /// What can be simulated.
    static func list(_ scenarios: [Scenario]) -> String {
        let parts: [(String, [(String, String)])] = [
            ("Scenarios", scenarios.map { ($0.name, $0.title) }),
            ("Policies", SimulatedPolicy.allCases.map { ($0.rawValue, $0.help) }),
            ("Schedulers", SimulatedScheduler.allCases.map { ($0.rawValue, $0.help) }),
        ]
        return parts.map { title, entries in
            var grid = Grid(alignments: [.left, .left], indent: "  ")
            grid.rows = entries.map { [printable($0), printable($1)] }
            return "\(title)\n" + grid.lines().map { $0 + "\n" }.joined()
        }.joined(separator: "\n")
    }
}
