// What PROTOCOL.md §7 promises, over thousands of hostile worlds; and that the worlds would notice.

import Testing

@testable import Protocol

@Suite struct PropertyTests {
    /// The first breach among so many seeds.
    private func breach(
        of mutant: Mutant?, seeds: ClosedRange<UInt64>, _ look: (World) -> Void = { _ in }
    ) throws -> (seed: UInt64, breach: Breach)? {
        for seed in seeds {
            var world = try World(seed: seed, mutant: mutant)
            do {
                try world.run()
            } catch let breach as Breach {
                return (seed, breach)
            }
            look(world)
        }
        return nil
    }

    @Test func `no report is applied twice, out of order or too late, and calm brings life`() throws
    {
        var applied = 0
        var replayed = 0
        var challenged = 0
        let found = try breach(of: nil, seeds: 1...2_000) { world in
            applied += world.appliedCount
            replayed += world.replayedCount
            challenged += world.challengedCount
        }
        #expect(found == nil, "seed \(found?.seed ?? 0): \(found?.breach.rawValue ?? "")")
        // The worlds are what they should be: much arrives, and much of it is hostile.
        #expect(applied > 60_000)
        #expect(replayed > 100_000)
        #expect(challenged > 100_000)
    }

    @Test(arguments: Mutant.allCases)
    func `without this precaution a promise is broken`(mutant: Mutant) throws {
        let found = try breach(of: mutant, seeds: 1...2_000)
        #expect(found != nil, "no seed noticed it")
    }
}
