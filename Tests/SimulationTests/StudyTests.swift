// Whole runs: what comes out is the same again, and says what it should.

import Testing

@testable import Simulation

struct StudyTests {
    /// Small enough for a test: 8 servers, 480 requests a second, of which 4 cores fail by half.
    private func scenario(_ lines: String = "") throws -> Scenario {
        try #require(
            try Scenario.read(
                """
                [small]
                servers = 8
                service = exponential 50ms
                warmup = 20s
                steady = 20s 40s
                event = 40s 70s
                length = 80s
                \(lines)
                """
            ).first)
    }

    private func run(
        _ policy: SimulatedPolicy, _ scheduler: SimulatedScheduler, _ lines: String = "",
        seed: UInt64 = 1
    ) throws -> Run {
        var study = Study(try scenario(lines))
        return study.run(try #require(Contender(policy, on: scheduler)), seed: seed)
    }

    private static let slow = "fault = slow 0-1 40s 70s 50%"
    private static let failing = "fault = fail 0 40s 60s 100%"

    @Test(arguments: [SimulatedPolicy.poise, .oracle, .naive, .orcaLike, .unimogLike])
    func `a seed gives the same run again`(policy: SimulatedPolicy) throws {
        let first = try run(policy, .wrr, Self.slow)
        #expect(try run(policy, .wrr, Self.slow) == first)
        #expect(try run(policy, .wrr, Self.slow, seed: 2).figures != first.figures)
    }

    @Test func `a policy's figures do not depend on who ran before`() throws {
        var study = Study(try scenario(Self.slow))
        let contenders = Contender.standard.filter { $0.scheduler == .sed }
        let all = contenders.map { study.run($0, seed: 1) }
        for run in all {
            var alone = Study(try scenario(Self.slow))
            #expect(alone.run(run.contender, seed: 1) == run)
        }
    }

    @Test func `all policies meet the same arrivals`() throws {
        let one = try run(.fixed, .sed)
        let other = try run(.naive, .wrr)
        #expect(one.figures != other.figures)
        for second in 0..<80 {
            #expect(
                one.recording.arrivalCount(second..<second + 1)
                    == other.recording.arrivalCount(second..<second + 1))
        }
    }

    @Test func `the oracle is better than equal weights on wrr, and sed than wrr`() throws {
        let equal = try run(.fixedEqual, .wrr, Self.slow).figures.p99Milliseconds
        let oracle = try run(.oracle, .swrr, Self.slow).figures.p99Milliseconds
        let sed = try run(.oracle, .sed, Self.slow).figures.p99Milliseconds
        #expect(equal > 5 * oracle)
        #expect(oracle > sed)
    }

    @Test(arguments: [SimulatedScheduler.wrr, .sed])
    func `Poise learns what the servers can do`(scheduler: SimulatedScheduler) throws {
        let slow = "fault = slow 1 40s 70s 50%"
        let poise = try run(.poise, scheduler, slow).figures
        let oracle = try run(.oracle, scheduler == .wrr ? .swrr : scheduler, slow).figures
        #expect(poise.p99Milliseconds < 1.5 * oracle.p99Milliseconds)
        #expect(poise.badShare < 0.001)
    }

    @Test(arguments: [SimulatedScheduler.wrr, .sed])
    func `after the reports have ended Poise writes nothing`(
        scheduler: SimulatedScheduler
    ) throws {
        let run = try run(.poise, scheduler, "reports = until 30s\n" + Self.slow)
        #expect(run.recording.edits[..<30].reduce(0, +) > 0)
        #expect(run.recording.edits[36...].allSatisfy { $0 == 0 })
    }

    @Test func `a server that fails at once draws requests on sed`() throws {
        let bad = try run(.fixed, .sed, Self.failing).figures
        #expect(bad.eventBadShare > 0.2)
        #expect(bad.backSeconds == 0)
        #expect(bad.settleSeconds == nil)
    }

    @Test func `a server that restarts is taken out and comes back`() throws {
        let run = try run(.fixed, .sed, "fault = restart 0 40s 50s 5s")
        #expect(run.recording.weightShare(45, server: 0) == 0)
        #expect(run.recording.weightShare(55, server: 0) == 8.0 / 32)
        #expect((0.001...0.05).contains(run.figures.eventBadShare))
    }

    @Test func `long connections are as many requests as short ones`() throws {
        let short = try run(.fixed, .sed).figures.requestCount
        let long = try run(.fixed, .sed, "connections = long 10 200ms").figures.requestCount
        #expect(abs(Double(long) / Double(short) - 1) < 0.05)
    }
}
