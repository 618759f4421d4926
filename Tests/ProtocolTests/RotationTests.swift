// Rotation of keys, PROTOCOL.md §2: every order of an operator's steps, half done and taken back.

import Testing

@testable import Protocol

@Suite struct RotationTests {
    /// Odd, so that steps fall on every part of an interval.
    private static let pause: Int64 = 7_137_000_000

    /// Every order of the steps; by the rule nobody drops a key before all have the new one.
    private static func orders(of steps: [KeyStep], byTheRule: Bool) -> [[KeyStep]] {
        func after(_ done: [KeyStep]) -> [[KeyStep]] {
            guard done.count < steps.count else { return [done] }
            let isHalfDone = steps.contains { !$0.drops && !done.contains($0) }
            return steps.flatMap { step -> [[KeyStep]] in
                guard !done.contains(step), step.needed.map(done.contains) ?? true else {
                    return []
                }
                if byTheRule, step.drops, isHalfDone { return [] }
                return after(done + [step])
            }
        }
        return after([])
    }

    /// Does one step, waits, and says what is wrong: a master hears the agent without a stale
    /// interval while they have a pair in common, and not at all while they have none.
    private func take(
        _ step: KeyStep, in world: inout RotationWorld, for pause: Int64 = pause
    ) throws -> [String] {
        let before = world
        try world.turn(step)
        world.run(for: pause)
        return world.masters.indices.compactMap { index in
            let (master, earlier) = (world.masters[index], before.masters[index])
            guard world.agrees(with: index) else {
                // What the agent's process before sent may be under way.
                let isHeard = master.heardAt > before.now + RotationWorld.delay
                let unknown = master.receiver.total[.unknownLocator]
                let isCounted = unknown > earlier.receiver.total[.unknownLocator]
                return isHeard || !isCounted ? "heard without a common key" : nil
            }
            // The silence of the steps before is not this one's.
            let allowed =
                before.agrees(with: index)
                ? RotationWorld.stale : RotationWorld.stale + before.now - earlier.heardAt
            return master.longestSilence > allowed
                || world.now - master.heardAt > RotationWorld.stale
                ? "silent for \(master.longestSilence / 1_000_000) ms at \(index)" : nil
        }
    }

    /// Walks the tree of all orders, so that what orders begin with in common is run once.
    private func walk(
        _ orders: [[KeyStep]], from world: RotationWorld, done: [KeyStep] = [],
        _ body: ([KeyStep], RotationWorld) throws -> Void
    ) throws {
        try body(done, world)
        let next = Set(orders.compactMap { $0.count > done.count ? $0[done.count] : nil })
        for step in next {
            var world = world
            let order = done + [step]
            let faults = try take(step, in: &world)
            #expect(faults == [], "\(order)")
            try walk(
                orders.filter { $0[done.count] == step }, from: world, done: order, body)
        }
    }

    @Test(arguments: [(KeyStep.ofAgentKey, 36), (KeyStep.ofMasterKey, 4)])
    func `in every order of the rule no interval is stale, also taken back at any point`(
        steps: [KeyStep], count: Int
    ) throws {
        let orders = Self.orders(of: steps, byTheRule: true)
        #expect(orders.count == count)
        var (whole, takenBack) = (0, 0)
        try walk(orders, from: try RotationWorld()) { done, world in
            if done.count == steps.count {
                whole += 1
                for master in world.masters {
                    #expect(!master.receiver.isDuplicateIdentity(agent: 0, at: world.now))
                }
            }
            // What was dropped comes back first; then as it was done, and the other way round.
            let (drops, takes) = (done.filter(\.drops), done.filter { !$0.drops })
            for way in Set([drops + takes, drops.reversed() + takes.reversed()])
            where !way.isEmpty {
                takenBack += 1
                var world = world
                for step in way {
                    let faults = try take(step, in: &world)
                    #expect(faults == [], "\(done) taken back by \(way)")
                }
            }
        }
        #expect(whole == count)
        #expect(takenBack > count)
        print("rotation: \(whole) orders, \(takenBack) ways back")
    }

    @Test(arguments: [(KeyStep.ofAgentKey, 90), (KeyStep.ofMasterKey, 6)])
    func `in any order an agent is unheard just while it has no key in common`(
        steps: [KeyStep], count: Int
    ) throws {
        let orders = Self.orders(of: steps, byTheRule: false)
        #expect(orders.count == count)
        var (whole, unheard) = (0, 0)
        try walk(orders, from: try RotationWorld()) { done, world in
            if done.count == steps.count { whole += 1 }
            if !world.masters.indices.allSatisfy(world.agrees) { unheard += 1 }
        }
        #expect(whole == count)
        #expect(unheard > 0)
        print("rotation: \(whole) orders, \(unheard) states without a common key")
    }

    @Test(arguments: [KeyStep.ofAgentKey, KeyStep.ofMasterKey], [0, 90_000_000])
    func `no interval is stale when nobody waits between the steps`(
        steps: [KeyStep], pause: Int64
    ) throws {
        for order in Self.orders(of: steps, byTheRule: true) {
            var world = try RotationWorld()
            for step in order {
                let faults = try take(step, in: &world, for: pause)
                #expect(faults == [], "\(order)")
            }
            world.run(for: Self.pause)
            #expect(world.masters.allSatisfy { $0.longestSilence <= RotationWorld.stale })
        }
    }

    @Test func `a key that a master drops is worth nothing from the reload on`() throws {
        var world = try RotationWorld()
        try world.turn(.firstTakesNew)
        world.run(for: Self.pause)
        let revokedAt = world.now
        try world.turn(.firstDropsOld)
        world.run(for: Self.pause)
        #expect(world.masters[0].heardAt <= revokedAt)
        #expect(world.masters[0].receiver.total[.unknownLocator] >= 14)
        #expect(world.masters[1].longestSilence <= RotationWorld.stale)
    }
}
