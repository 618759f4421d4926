// Random lives of a service with drains, silence, restarts and other hands: what never happens.

import Protocol
import Testing

@testable import Weighting

/// What a test knows of whose a 0 is, kept apart from the balancer.
private struct Owners {
    var ours: Set<Int> = []
    var foreign: Set<Int> = []
}

@Test(arguments: 0..<300)
func `no service is emptied, no foreign 0 raised, and what drained returns`(seed: Int) {
    var dice = SplitMix(state: UInt64(seed) + 7_000)
    let count = 1 + Int(dice.next() % 6)
    let schedulers = Scheduler.Known.allCases
    let scheduler = schedulers[Int(dice.next() % UInt64(schedulers.count))]
    var bench = Bench(
        weights: (0..<count).map { _ in dice.next() % 8 == 0 ? 0 : 1 + Int(dice.next() % 1500) },
        scheduler: .known(scheduler))
    var owners = Owners()
    owners.foreign = Set(bench.weights.indices.filter { bench.weights[$0] == 0 })
    let states: [(HostState, StateReason)] = [
        (.up, .none), (.up, .none), (.degraded, .overload), (.unknown, .agentFault),
        (.draining, .maintenanceFile), (.down, .notListening), (.leaving, .serviceStopping),
        (.leaving, .agentRestart),
    ]
    var silent: Set<Int> = []

    func pass() {
        bench.pass(
            (0..<count).map { _ in
                Bench.Doing(
                    requestsPerSecond: dice.unit() * 80, utilisation: dice.unit(),
                    runnable: dice.unit() * 3)
            }, silent: silent)
    }

    /// Every 0 that is found is somebody else's then.
    func hearAllUp() {
        let kept = bench.counters.map { ($0.state, $0.reason) }
        for place in 0..<count {
            (bench.counters[place].state, bench.counters[place].reason) = (.up, .none)
        }
        pass()
        _ = bench.tick()
        for place in 0..<count {
            (bench.counters[place].state, bench.counters[place].reason) = kept[place]
        }
    }

    hearAllUp()
    for _ in 0..<60 {
        let index = Int(dice.next() % UInt64(count))
        switch dice.next() % 8 {
        case 0, 1, 2:
            let state = states[Int(dice.next() % UInt64(states.count))]
            (bench.counters[index].state, bench.counters[index].reason) = state
        case 3:
            silent.formSymmetricDifference([index])
        case 4 where owners.ours.isEmpty:
            // With a 0 of ours the next master has the agent's word only: see DrainTests.
            bench.balancer = Balancer(bench.balancer.cluster)
            silent = []
            hearAllUp()
        case 5:
            let weight = dice.next() % 2 == 0 ? 0 : 1 + Int(dice.next() % 1500)
            // Nobody can see a 0 that is set where one is.
            guard weight != bench.weights[index] else { continue }
            bench.table.services[0].destinations[index].weight = weight
            owners.ours.remove(index)
            if weight == 0 { owners.foreign.insert(index) } else { owners.foreign.remove(index) }
        default:
            break
        }
        pass()
        let before = bench.weights
        let oldOurs = owners.ours
        let decision = bench.tick()
        #expect(decision?.violations.isEmpty == true)
        for place in 0..<count where before[place] != bench.weights[place] {
            if bench.weights[place] == 0 {
                owners.ours.insert(place)
            } else if before[place] == 0 {
                #expect(owners.ours.remove(place) != nil, "a foreign 0 was raised")
            }
        }
        #expect(owners.foreign.allSatisfy { bench.weights[$0] == 0 })
        let isServed = bench.weights.contains { $0 > 0 }
        #expect(isServed || before.allSatisfy { $0 == 0 } && oldOurs.isEmpty)
        let newDrains = owners.ours.subtracting(oldOurs)
        #expect(newDrains.isEmpty || owners.ours.count <= count / 2)
    }

    // Everybody says up again: no 0 of ours stays.
    silent = []
    for place in 0..<count {
        (bench.counters[place].state, bench.counters[place].reason) = (.up, .none)
    }
    for _ in 0..<2 {
        pass()
        _ = bench.tick()
    }
    for place in 0..<count {
        #expect((bench.weights[place] == 0) == owners.foreign.contains(place))
    }
}
