// Lives of services: over a hundred thousand decisions, on each of which nothing happens that never may.

import Testing

@testable import Weighting

@Test(arguments: 0..<10)
func `in a closed loop with lies, faults and hands, no limit is passed`(part: Int) throws {
    for seed in (part * 60)..<(part * 60 + 60) {
        var world = World(seed: UInt64(seed) + 40_000)
        #expect(throws: Never.self, "seed \(seed)") { try world.run(90) }
    }
}

@Test(arguments: 0..<10)
func `when all are well again, nobody is out and everybody has a share`(part: Int) throws {
    for seed in (part * 20)..<(part * 20 + 20) {
        var world = World(seed: UInt64(seed) + 60_000)
        #expect(throws: Never.self, "seed \(seed)") {
            try world.run(90)
            try world.recover()
        }
    }
}
