// What a plan for many destinations costs on the kernel's table: read, compared, written, acknowledged.

internal import Daemon
internal import IPVS
internal import Weighting

/// Services with as many members each, as `labnet netlink` names them.
struct ApplyBench {
    private let keys: [ServiceKey]
    private var table = KernelTable()

    init(services: Int) {
        keys = (0..<UInt32(services)).map { .address(.v4(0x0A09_0001 + $0), port: 80, .tcp) }
    }

    /// Gives every destination another weight, so many times.
    func run(rounds: Int) throws {
        for round in 0..<rounds {
            let plan = Plan(steps: try steps(round))
            let began = MonotonicClock.now()
            let outcomes = table.apply(plan)
            let ended = MonotonicClock.now()
            emit(
                [
                    "ms": Double(ended - began) / 1e6, "steps": Double(plan.steps.count),
                    "refused": Double(outcomes.count { $0.result != .done }),
                ], event: "apply")
        }
    }

    private func steps(_ round: Int) throws -> [Plan.Step] {
        try table.read(keys).services.flatMap { service in
            service.destinations.enumerated().map { place, destination in
                // Never the weight that it has.
                let weight = 1 + (destination.weight + 30 + (place + round) % 40) % 100
                return .setWeight(
                    service: service.key, destination: destination.key, from: destination.weight,
                    to: Weight(clamping: weight))
            }
        }
    }
}
