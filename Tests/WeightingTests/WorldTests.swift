// Lives of services: over fifty thousand decisions, on each of which nothing happens that never may.

import Testing

@testable import Weighting

@Test(arguments: 0..<10)
func `in a closed loop with lies, faults and hands, no limit is passed`(part: Int) throws {
    for seed in (part * 60)..<(part * 60 + 60) {
        var world = World(seed: UInt64(seed) + 40_000)
        #expect(throws: Never.self, "seed \(seed)") { try world.run(90) }
    }
}
