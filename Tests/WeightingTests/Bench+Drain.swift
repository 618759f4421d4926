// What a test of drains does with a service.

import Protocol

@testable import Weighting

extension Bench {
    /// Intervals in which all do the same, each ended by a tick; the codes of the last one.
    @discardableResult
    mutating func go(
        _ count: Int = 1,
        _ doing: Doing = Doing(requestsPerSecond: 30, utilisation: 0.6), silent: Set<Int> = []
    ) -> [String] {
        var last: Decision?
        for _ in 0..<count {
            pass(weights.map { _ in doing }, silent: silent)
            last = tick()
        }
        return last?.services[0].verdicts.map(\.reason.code) ?? []
    }

    mutating func ask(_ index: Int, _ state: HostState, _ reason: StateReason = .none) {
        (counters[index].state, counters[index].reason) = (state, reason)
    }

    mutating func setByHand(_ index: Int, _ weight: Int) {
        table.services[0].destinations[index].weight = weight
    }

    /// Another master takes over, which knows nothing.
    mutating func restartMaster() { balancer = Balancer(balancer.cluster) }
}
