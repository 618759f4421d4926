// What a test of longer stories does with a service: each server its own, for seconds.

import Protocol

@testable import Weighting

extension Bench {
    static let busy = Doing(requestsPerSecond: 30, utilisation: 0.6)
    static let idle = Doing(requestsPerSecond: 0, utilisation: 0)
    /// Answers everything at once, and with an error.
    static let failing = Doing(requestsPerSecond: 30, utilisation: 0.02, errorsPerSecond: 30)

    /// Intervals in which each does its own; the last decision.
    @discardableResult
    mutating func spend(
        _ seconds: Double, _ doing: [Doing], silent: Set<Int> = []
    ) -> Decision.Service? {
        var last: Decision.Service?
        for _ in 0..<Int(seconds * 2) {
            pass(doing, silent: silent)
            last = tick()?.services[0]
        }
        return last
    }

    /// A service that is followed, on its scale, and at rest.
    static func settled(
        atRest count: Int, scheduler: Scheduler.Known = .sed, policy: Policy = Policy()
    ) -> Bench {
        var bench = Bench(
            weights: Array(repeating: 1, count: count), scheduler: .known(scheduler),
            policy: policy)
        bench.spend(15, Array(repeating: busy, count: count))
        return bench
    }

    /// Decides and writes, and every answer is lost: the master believes that no weight was raised.
    mutating func tickWithLostAnswers() {
        let taken = tickSteps().filter { step in
            guard case .setWeight(_, _, _, let weight, _) = step else { return false }
            return weight.rawValue == 0
        }
        _ = balancer.take(.applied(taken))
    }

    private mutating func tickSteps() -> [Plan.Step] {
        let steps = balancer.take(.tick(at: now, table: table))?.plan.steps ?? []
        for case .setWeight(_, let key, _, let weight, _) in steps {
            for place in weights.indices where table.services[0].destinations[place].key == key {
                table.services[0].destinations[place].weight = weight.rawValue
            }
        }
        return steps
    }
}

extension Decision.Service {
    /// Of those of whom load was asked, in the order of the members.
    var chains: [Chain] { verdicts.indices.compactMap(chain) }
}
