// The model against what queueing theory knows.

import Testing

@testable import Simulation

struct TheoryTests {
    /// One server alone under fixed weights, and the mean time of a request in it, ms.
    private func meanMilliseconds(_ lines: String) throws -> Double {
        let scenario = try #require(
            try Scenario.read(
                """
                [theory]
                servers = 1
                warmup = 10s
                steady = 10s 20s
                event = 10s 20s
                \(lines)
                """
            ).first)
        let contender = try #require(Contender(.fixed, on: .wrr))
        var study = Study(scenario)
        return study.run(contender, seed: 1).figures.meanMilliseconds
    }

    /// The mean time in a system of `cores` servers with one queue (Erlang C), ms.
    private func erlangC(cores: Int, utilisation: Double, serviceMilliseconds: Double) -> Double {
        let offered = utilisation * Double(cores)
        var term = 1.0
        var sum = 0.0
        for count in 0..<cores {
            sum += term
            term *= offered / Double(count + 1)
        }
        let waiting = term / (1 - utilisation)
        let waits = waiting / (sum + waiting)
        return serviceMilliseconds
            + waits * serviceMilliseconds / (Double(cores) * (1 - utilisation))
    }

    // Shared or in a queue: with exponential work the number in the server is the same.
    @Test(arguments: ["sharing", "queue"])
    func `four cores take as long as Erlang's formula says`(discipline: String) throws {
        let mean = try meanMilliseconds(
            """
            cores = 4
            utilisation = 80%
            service = exponential 20ms
            discipline = \(discipline)
            length = 500s
            """)
        let expected = erlangC(cores: 4, utilisation: 0.8, serviceMilliseconds: 20)
        #expect(abs(mean / expected - 1) < 0.04, "\(mean) ms, and \(expected) ms expected")
    }

    // Of a shared core only the mean work matters: M/G/1 processor sharing.
    @Test(arguments: ["fixed 20ms", "lognormal 20ms 1", "pareto 20ms 2.5"])
    func `a shared core takes as long for any kind of work`(service: String) throws {
        let mean = try meanMilliseconds(
            """
            cores = 1
            utilisation = 50%
            service = \(service)
            length = 2000s
            """)
        #expect(abs(mean / 40 - 1) < 0.04, "\(mean) ms, and 40 ms expected")
    }

    @Test func `bursts keep the mean rate`() throws {
        let scenario = try #require(
            try Scenario.read("[a]\narrivals = bursts 1.6 1s 2s").first)
        var arrivals = ArrivalProcess(scenario)
        var dice = Dice(seed: 1, for: .arrivals)
        var (count, now) = (0.0, 0.0)
        var changesAt = try #require(arrivals.phaseSeconds(&dice))
        while now < 1_000 {
            now += arrivals.gap(&dice)
            count += 1
            while changesAt < now {
                arrivals.changePhase()
                changesAt += try #require(arrivals.phaseSeconds(&dice))
            }
        }
        #expect(abs(count / now / scenario.requestRate - 1) < 0.03)
    }
}
