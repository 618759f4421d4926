// The schedulers' picks, against sequences worked out by hand from the kernel's code.

import Testing

@testable import Simulation

struct SchedulerTests {
    /// The next picks as letters, each of them an open connection.
    private func picks(_ director: inout Director, _ count: Int) -> String {
        var dice = Dice(seed: 1, for: .picks)
        return String(
            (0..<count).map { _ in
                guard let server = director.pick(&dice, at: 0) else { return "-" }
                director.open(server)
                return Character(UnicodeScalar(UInt8(65 + server)))
            })
    }

    private func picks(_ scheduler: SimulatedScheduler, _ weights: [Int], _ count: Int) -> String {
        var director = Director(scheduler: scheduler, weights: weights)
        return picks(&director, count)
    }

    @Test(arguments: [[4, 2, 1, 1], [8, 4, 2, 2], [400, 200, 100, 100]])
    func `wrr goes around at a falling level, in steps of the greatest divisor`(
        weights: [Int]
    ) {
        #expect(picks(.wrr, weights, 16) == "AAABABCDAAABABCD")
    }

    @Test func `wrr sends runs to the heaviest where weights have no common divisor`() {
        #expect(picks(.wrr, [7, 2], 9) == "AAAAAABAB")
    }

    @Test func `on wrr each edit takes the cursor back to the start, and keeps the level`() {
        var director = Director(scheduler: .wrr, weights: [3, 3, 3])
        #expect(picks(&director, 2) == "AB")
        director.setWeight(1, to: 6)
        // The divisor is 3 and the greatest level 4; the level was 1, and stays.
        #expect(picks(&director, 7) == "ABCBABC")
        director.setWeight(1, to: 6)
        #expect(picks(&director, 2) == "BA", "nothing was written, nothing is reset")
    }

    @Test func `wrr passes by who has no weight, and finds nobody when nobody has`() {
        #expect(picks(.wrr, [0, 2, 1], 6) == "BBCBBC")
        #expect(picks(.wrr, [0, 0], 2) == "--")
        #expect(picks(.sed, [0, 0], 1) == "-")
    }

    @Test func `swrr spreads what it gives`() {
        #expect(picks(.swrr, [5, 1, 1], 7) == "AABACAA")
    }

    @Test func `sed looks at what one more would come to, and takes the first of equals`() {
        #expect(picks(.sed, [4, 2, 1], 7) == "AABAABC")
    }

    @Test func `nq takes an idle server first`() {
        #expect(picks(.nq, [4, 2, 1], 5) == "ABCAA")
    }

    @Test func `wlc counts a closed connection as a two hundred and fifty-sixth`() {
        var director = Director(scheduler: .wlc, weights: [1, 1])
        var dice = Dice(seed: 1, for: .picks)
        for _ in 0..<2 {
            director.open(0)
            director.close(0, stay: 0, at: 0)
        }
        #expect(director.pick(&dice, at: 1) == 1)
        director.open(1)
        #expect(director.pick(&dice, at: 1) == 0)
        director.close(1, stay: 0, at: 1)
        #expect(director.pick(&dice, at: 1) == 1, "one closed against two")
        #expect(director.pick(&dice, at: 122) == 0, "all forgotten")
    }

    @Test func `a server that left the table takes its connections with it`() {
        var director = Director(scheduler: .sed, weights: [1, 1])
        #expect(picks(&director, 2) == "AB")
        director.remove(0)
        #expect(picks(&director, 2) == "BB")
        director.add(0, weight: 1)
        director.close(0, stay: 0, at: 0)
        #expect(director.destinations[0].active == 0)
        #expect(picks(&director, 1) == "A")
    }

    private func shares(_ director: inout Director) -> [Double] {
        var dice = Dice(seed: 1, for: .picks)
        var counts = director.destinations.map { _ in 0.0 }
        var refused = 0.0
        for _ in 0..<20_000 {
            guard let server = director.pick(&dice, at: 0) else {
                refused += 1
                continue
            }
            counts[server] += 1
        }
        return (counts + [refused]).map { $0 / 20_000 }
    }

    @Test(arguments: [SimulatedScheduler.mh, .sh])
    func `addresses spread as the weights say, and weight 0 refuses`(
        scheduler: SimulatedScheduler
    ) {
        var director = Director(scheduler: scheduler, weights: [32, 16, 8, 8])
        for (share, weight) in zip(shares(&director), [0.5, 0.25, 0.125, 0.125, 0]) {
            #expect(abs(share - weight) < 0.02)
        }
        director.setWeight(0, to: 0)
        #expect(shares(&director)[0] == 0)
        // mh keeps the places of one that went to 0, sh leaves it a bucket at each turn.
        #expect(shares(&director)[4] > 0.02)
    }

    @Test func `mh reads six bits of a weight`() {
        var director = Director(scheduler: .mh, weights: [6_300, 100])
        #expect(abs(shares(&director)[1] - 1.0 / 64) < 0.005)
        director.setWeight(0, to: 63_001)
        // 63001 and 100 have no common divisor: ten bits go, and the lesser one has still a turn.
        #expect(abs(shares(&director)[1] - 1.0 / 62) < 0.005)
    }
}
