// Whether what was decided in a world is within the limits, reckoned apart from the balancer.

import Protocol

@testable import Weighting

extension World {
    func judgeLoad(from: Int, to: Int, _ chain: Chain) throws {
        if chain.weight != to { throw Breach.wrongWeight }
        // On sh whoever has an ordered weight leaves the others fewer places, or more.
        let isPlaced = chain.limits.contains(.places) || scheduler == .sh && isBaseMoved
        let step = abs(to - from)
        if !isPlaced, Double(step) <= 0.05 * Double(from) { throw Breach.wroteWithinDeadband }
        let share = chain.limitedShare
        if chain.startShare == 1 {
            let (fast, slow) = (chain.previousShare * 1.2248, chain.previousShare / 2.4495)
            if share > fast * (1 + 1e-9) || share < slow * (1 - 1e-9) { throw Breach.tooFast }
            if share < min(0.02, chain.previousShare) { throw Breach.belowFloor }
        }
        // A base begins at 1 and follows the share within a minute, to twice the nominal share. A
        // weight by hand, before the service was followed, may have doubled it.
        let bound = bench.weights.count == 2 ? 1.2 : 2.0
        let followed = 1 + (2 * bound - 1) * Double(tick) / 120
        let mostBase = isBaseMoved ? 2 : min(2, followed)
        if share > max(bound * mostBase, chain.leastShare) * (1 + 1e-9) {
            throw Breach.moreThanItsBound
        }
    }

    func judgeZeros(before: [Int]) throws {
        let count = bench.weights.count
        let newDrain = byDrain.contains { before[$0] > 0 && bench.weights[$0] == 0 }
        // Who is down serves nobody, whoever is out beside it.
        let most = count / 2 - (drainsServing ? byErrors.union(byChecks).count : 0)
        if newDrain, byDrain.count > most { throw Breach.tooManyDrained }
        let newErrors = byErrors.contains { before[$0] > 0 && bench.weights[$0] == 0 }
        let newFailures = byChecks.contains { before[$0] > 0 && bench.weights[$0] == 0 }
        guard newErrors || newFailures else { return }
        let lately = removedAt.values.count { tick - $0 < 60 }
        if lately > max(1, count / 10) { throw Breach.ejectedTooFast }
        let failing = byErrors.count + byChecks.count
        let out = failing + (newErrors ? byDrain.count + byOrders.count : 0)
        if out > max(1, count / 3) { throw Breach.ejectedTooMany }
    }

    /// The plan leads to a table on which the same knowledge plans nothing.
    func repeatDecision(_ decision: Decision) throws {
        var again = bench.balancer
        let repeated = again.take(.tick(at: bench.now, table: bench.table))
        // Who was taken out or came back leaves the others another service, and on sh whoever holds
        // keeps places from them.
        let service = decision.services[0]
        let isHeld = service.verdicts.indices.contains { service.chain($0) == nil }
        if scheduler == .sh, isHeld { return }
        let isSame = decision.plan.steps.allSatisfy { step in
            if case .setWeight(_, _, _, _, .load) = step { true } else { false }
        }
        guard !isSame || repeated?.plan.steps.isEmpty == true
        else { throw Breach.planIsNotEmptyAgain }
    }
}
