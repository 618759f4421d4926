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
    private(set) var byDrain: Set<Int> = []
    private(set) var byErrors: Set<Int> = []
    private(set) var byChecks: Set<Int> = []
    private(set) var byOrders: Set<Int> = []
    /// By errors and checks, when last.
    private(set) var removedAt: [Int: Int] = [:]
    private var orders = WorldOrders()
    /// How often each one's check failed.
    private var failures: [Int: Int] = [:]
    private var failingChecks: Set<Int> = []
    /// Whether the newest plan drains one that serves.
    private(set) var drainsServing = false
    private(set) var tick = 0
    /// Whether a hand set a weight.
    private(set) var isBaseMoved = false
    let scheduler: Scheduler.Known

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
        case orderedByNobody, orderBroken, orderFought
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
        var cluster = bench.balancer.cluster
        cluster.services[0].hasChecks = true
        bench.balancer.adopt(cluster)
        for place in 0..<count { bench.check(place, isUp: true) }
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
            bench.check(place, isUp: true)
        }
        orders.inForce = []
        tellOrders()
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
        switch dice.next() % 13 {
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
            orders.handAt[place] = tick
            forgetZero(place)
            if weight == 0 { foreign.insert(place) } else { foreign.remove(place) }
        case 5: servers[place].capacity = 20 + 40 * dice.unit()
        case 6: bench.counters[place].boot += 1
        case 7, 8: check(place)
        case 9:
            orders.give(place, .drain, isForced: dice.next() % 4 == 0)
            tellOrders()
        case 10:
            orders.give(
                place, .weight(Weight(clamping: Int(dice.next() % 600))),
                isForced: dice.next() % 4 == 0)
            isBaseMoved = true
            tellOrders()
        case 11:
            orders.endOldest()
            tellOrders()
        default: break
        }
    }

    /// Not so often that it would be out for longer than a world lasts.
    private mutating func check(_ place: Int) {
        if failingChecks.remove(place) != nil {
            bench.check(place, isUp: true)
        } else if failures[place, default: 0] < 2 {
            failures[place, default: 0] += 1
            failingChecks.insert(place)
            bench.check(place, isUp: false)
        }
    }

    private mutating func tellOrders() { _ = bench.balancer.take(.ordered(orders.inForce)) }

    private mutating func forgetZero(_ place: Int) {
        byDrain.remove(place)
        byErrors.remove(place)
        byChecks.remove(place)
        byOrders.remove(place)
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
        let isWanted = after.indices.contains { !orders.drains($0) && !foreign.contains($0) }
        let isForced = after.indices.contains { orders.forces($0) }
        if after.allSatisfy({ $0 == 0 }), isWanted || live > 0 && !isForced {
            throw Breach.emptied
        }
        for step in decision.plan.steps {
            guard case .setWeight(_, let key, let from, let to, let cause) = step,
                let place = after.indices.first(where: { Bench.destination($0) == key })
            else { continue }
            try judge(place, from: from, to: to.rawValue, cause, service)
        }
        for place in after.indices where after[place] == 0 && !foreign.contains(place) {
            guard byDrain.union(byErrors).union(byChecks).union(byOrders).contains(place) else {
                throw Breach.zeroByLoad
            }
            // What it is out for may have become something else.
            forgetZero(place)
            switch service.verdicts[place].reason {
            case .drains: byDrain.insert(place)
            case .ejected: byErrors.insert(place)
            case .failsCheck, .waitsForCheck: byChecks.insert(place)
            default: byOrders.insert(place)
            }
        }
        try orders.judge(
            tick: tick, before: before, after: after, foreign: foreign,
            codes: service.verdicts.map(\.reason.code))
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
            removedAt[place] = tick
        case .check:
            byChecks.insert(place)
            removedAt[place] = tick
        case .order:
            guard orders.wants(place, to) else { throw Breach.orderedByNobody }
            try orders.wrote(place, tick: tick)
            if from == 0, foreign.contains(place), !orders.forces(place) {
                throw Breach.raisedForeignZero
            }
            foreign.remove(place)
            forgetZero(place)
            if to == 0 { byOrders.insert(place) }
        case .endOfDrain, .endOfErrors, .endOfCheck, .endOfOrder:
            if foreign.contains(place) { throw Breach.raisedForeignZero }
            forgetZero(place)
        // Of the upkeep, which has no part in this world.
        case .leaving, .drift: throw Breach.raisedForeignZero
        case .load:
            if from == 0 { throw Breach.raisedForeignZero }
            guard let chain = service.chain(place), service.verdicts[place].reason == .follows
            else { return }
            try judgeLoad(from: from, to: to, chain)
        }
    }
}
