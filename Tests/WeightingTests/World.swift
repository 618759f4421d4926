// A service with a life: servers of unequal speed, agents that lie, fail and fall silent, and hands.

import Protocol

@testable import Weighting

/// One service in a closed loop, whose weights decide what its servers do next.
struct World {
    private(set) var bench: Bench
    private var dice: SplitMix
    private var servers: [Server]
    private var silent: Set<Int> = []
    private let demand: Double
    /// Zeros, as told apart from outside.
    private var foreign: Set<Int> = []
    private var byDrain: Set<Int> = []
    private var byErrors: Set<Int> = []
    private var ejectedAt: [Int] = []
    /// Whether the newest plan drains one that serves.
    private var drainsServing = false
    private var tick = 0
    /// Whether a hand set a weight.
    private var isBaseMoved = false
    private let scheduler: Scheduler.Known

    private struct Server {
        var capacity: Double
        /// Of its requests, those that fail.
        var failing = 0.0
        /// Says that it is idle, whatever it does.
        var isLiar = false
    }

    /// What may never happen.
    enum Breach: String, Error {
        case refused, emptied, raisedForeignZero, zeroByLoad, tooFast, wroteWithinDeadband
        case tooManyDrained, ejectedTooFast, ejectedTooMany, moreThanItsBound, belowFloor
        case planIsNotEmptyAgain, wrongWeight, leftAtZero, leftAtFloor
    }

    init(seed: UInt64) {
        dice = SplitMix(state: seed)
        let count = 1 + Int(dice.next() % 9)
        let known: [Scheduler.Known] = [.sed, .wrr, .wlc, .mh, .sh, .rr, .lc, .dh, .fo]
        scheduler = known[Int(dice.next() % UInt64(known.count))]
        let fallsBack = dice.next() % 2 == 0
        bench = Bench(
            weights: (0..<count).map { _ in 1 }, scheduler: .known(scheduler),
            fallsBack: fallsBack)
        servers = (0..<count).map { _ in Server(capacity: 20) }
        for place in servers.indices { servers[place].capacity = 20 + 40 * dice.unit() }
        demand = servers.reduce(0) { $0 + $1.capacity } * (0.2 + 0.5 * dice.unit())
    }

    /// So many ticks, with what chance brings.
    mutating func run(_ ticks: Int) throws {
        for _ in 0..<ticks {
            tick += 1
            happen()
            serve()
            try decide()
        }
    }

    /// Two minutes in which all are well: no 0 of ours is left, and everybody has a share.
    mutating func recover() throws {
        silent = []
        for place in servers.indices {
            (servers[place].failing, servers[place].isLiar) = (0, false)
            bench.ask(place, .up)
        }
        var hold: Hold?
        for _ in 0..<240 {
            tick += 1
            serve()
            hold = try decide()
        }
        let weights = bench.weights
        for place in weights.indices where weights[place] == 0 && !foreign.contains(place) {
            throw Breach.leftAtZero
        }
        // Where weights do not follow load, they are what hands made them.
        guard hold == nil else { return }
        let live = weights.filter { $0 > 0 }
        let floor = 0.02 * Double(live.reduce(0, +)) / Double(live.count)
        if live.contains(where: { Double($0) <= 1.01 * floor }) { throw Breach.leftAtFloor }
    }

    private mutating func happen() {
        guard dice.next() % 4 == 0 else { return }
        let place = Int(dice.next() % UInt64(servers.count))
        switch dice.next() % 9 {
        case 0: servers[place].failing = [0, 0, 0.5, 1][Int(dice.next() % 4)]
        case 1: servers[place].isLiar = dice.next() % 4 == 0
        case 2: silent.formSymmetricDifference([place])
        case 3:
            let states: [HostState] = [.up, .up, .up, .draining, .down, .degraded]
            bench.ask(place, states[Int(dice.next() % UInt64(states.count))])
        case 4:
            let weight = [0, 1, 500][Int(dice.next() % 3)]
            guard weight != bench.weights[place], !isRebuilding else { return }
            bench.setByHand(place, weight)
            isBaseMoved = true
            (byDrain, byErrors) = (byDrain.subtracting([place]), byErrors.subtracting([place]))
            if weight == 0 { foreign.insert(place) } else { foreign.remove(place) }
        case 5: servers[place].capacity = 20 + 40 * dice.unit()
        case 6: bench.counters[place].boot += 1
        default: break
        }
    }

    /// Places on sh are full only under our own weights.
    private var isRebuilding: Bool { scheduler == .sh }

    private mutating func serve() {
        let weights = bench.weights
        let sum = Double(max(weights.reduce(0, +), 1))
        let doing = servers.indices.map { place in
            let server = servers[place]
            let asked = demand * Double(weights[place]) / sum
            // What fails costs next to nothing.
            let work = asked * (1 - server.failing)
            let use = min(1, work / server.capacity)
            return Bench.Doing(
                requestsPerSecond: min(asked, server.capacity * 3),
                utilisation: server.isLiar ? 0.01 : use,
                runnable: server.isLiar ? 0 : min(6, work / server.capacity * 2),
                errorsPerSecond: min(asked, server.capacity * 3) * server.failing)
        }
        bench.pass(doing, silent: silent)
        bench.connect(1)
    }

    /// Why the service holds, if it does.
    @discardableResult
    private mutating func decide() throws -> Hold? {
        let before = bench.weights
        let live = before.count { $0 > 0 }
        drainsServing = false
        guard let decision = bench.tick() else { return nil }
        guard decision.violations.isEmpty else { throw Breach.refused }
        let service = decision.services[0]
        let after = bench.weights
        if live > 0, after.allSatisfy({ $0 == 0 }) { throw Breach.emptied }
        for step in decision.plan.steps {
            guard case .setWeight(_, let key, let from, let to, let cause) = step,
                let place = after.indices.first(where: { Bench.destination($0) == key })
            else { continue }
            try judge(place, from: from, to: to.rawValue, cause, service)
        }
        for place in after.indices where after[place] == 0 {
            if foreign.contains(place) || byDrain.contains(place) || byErrors.contains(place) {
                continue
            }
            throw Breach.zeroByLoad
        }
        try judgeZeros(before: before)
        try repeatDecision(decision)
        return service.hold
    }

    private mutating func judge(
        _ place: Int, from: Int, to: Int, _ cause: Plan.Cause, _ service: Decision.Service
    ) throws {
        switch cause {
        case .drain:
            byDrain.insert(place)
            if case .drains(let cause) = service.verdicts[place].reason, cause.state != .down {
                drainsServing = true
            }
        case .errors:
            byErrors.insert(place)
            ejectedAt.append(tick)
        case .endOfDrain, .endOfErrors:
            if foreign.contains(place) { throw Breach.raisedForeignZero }
            byDrain.remove(place)
            byErrors.remove(place)
        // Of the upkeep, which has no part in this world.
        case .leaving, .drift: throw Breach.raisedForeignZero
        case .load:
            if from == 0 { throw Breach.raisedForeignZero }
            guard let chain = service.chain(place), service.verdicts[place].reason == .follows
            else { return }
            try judgeLoad(from: from, to: to, chain)
        }
    }

    private func judgeLoad(from: Int, to: Int, _ chain: Chain) throws {
        if chain.weight != to { throw Breach.wrongWeight }
        let isPlaced = chain.limits.contains(.places)
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
        let bound = servers.count == 2 ? 1.2 : 2.0
        let followed = 1 + (2 * bound - 1) * Double(tick) / 120
        let mostBase = isBaseMoved ? 2 : min(2, followed)
        if share > max(bound * mostBase, chain.leastShare) * (1 + 1e-9) {
            throw Breach.moreThanItsBound
        }
    }

    private func judgeZeros(before: [Int]) throws {
        let count = servers.count
        let newDrain = byDrain.contains { before[$0] > 0 && bench.weights[$0] == 0 }
        // Who is down serves nobody, whoever is out beside it.
        let most = count / 2 - (drainsServing ? byErrors.count : 0)
        if newDrain, byDrain.count > most { throw Breach.tooManyDrained }
        let newErrors = byErrors.contains { before[$0] > 0 && bench.weights[$0] == 0 }
        guard newErrors else { return }
        let lately = ejectedAt.count { tick - $0 < 60 }
        if lately > max(1, count / 10) { throw Breach.ejectedTooFast }
        if byErrors.count + byDrain.count > max(1, count / 3) { throw Breach.ejectedTooMany }
    }

    /// The plan leads to a table on which the same knowledge plans nothing.
    private func repeatDecision(_ decision: Decision) throws {
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
