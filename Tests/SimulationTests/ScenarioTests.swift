// Scenarios as text.

import Testing

@testable import Simulation

struct ScenarioTests {
    @Test func `all built-in scenarios are there`() {
        #expect(
            Scenario.builtIn.map(\.name) == [
                "S1", "S2", "S2b", "S3", "S4", "S5", "S6", "S7", "S7b", "S8", "S9", "S10", "S11",
                "S12", "S13", "S14", "S15", "S16",
            ])
        #expect(Scenario.builtIn.allSatisfy { !$0.title.isEmpty })
    }

    @Test func `a scenario is read as it is written`() throws {
        let scenario = try #require(
            try Scenario.read(
                """
                # of our own
                [mine]
                title = a few servers
                servers = 6
                cores = 4 2
                utilisation = 0.5
                service = lognormal 10ms 1.2
                arrivals = bursts 2 500ms 1s
                connections = long 20 2s 0.5
                reports = every 1s delay 20ms loss 5% noise 10% until 1min blind
                fault = restart 1-2 20s 30s 5s
                warmup = 10s
                steady = 10s 20s
                event = 20s 40s
                length = 60s
                """
            ).first)
        #expect(scenario.title == "a few servers")
        #expect(scenario.cores == [4, 2, 4, 2, 4, 2])
        #expect(scenario.requestRate == 900)
        #expect(scenario.service == .lognormal(sigma: 1.2))
        #expect(scenario.arrivals == .bursts(factor: 2, burstSeconds: 0.5, calmSeconds: 1))
        #expect(scenario.connections == .long(requests: 20, thinkSeconds: 2, variation: 0.5))
        #expect(scenario.reporting.endsAt == 60 && scenario.reporting.isBlind)
        #expect(
            scenario.faults == [
                Fault(kind: .restart(warmupSeconds: 5), servers: 1...2, during: 20...30)
            ])
    }

    @Test(arguments: [
        ("[a]\nservers = 0", 2, "\"0\" is not a whole number of 1 to 1000"),
        ("[a]\n\nutilisation = 5", 3, "\"5\" is not a share, as 75% or 0.75, of 0.01 to 2.0"),
        ("[a]\nlength = 3", 2, "\"3\" is not a time, as 500ms, 5s or 2min, of 1.0 to 3600.0"),
        ("servers = 3", 1, "the first line is a \"[name]\""),
        ("[a]\nservers 3", 2, "a line is \"key = value\" or \"[name]\""),
        ("[a]\nservers = 3 4", 2, "\"4\" is one too many"),
        ("[a]\nservice = quick 3ms", 2, "\"quick\" is not exponential, fixed, lognormal or pareto"),
        ("[a]\n[a]", 2, "there are two scenarios \"a\""),
        ("[a b]", 1, "a name is up to 32 letters, digits, - or _ in brackets, as [S4]"),
        ("[a]\nfault = slow 0-x 1s 2s 50%", 2, "\"0-x\" is not servers, as 0 or 0-2"),
        ("[a]\nfault = slow 3-1 1s 2s 50%", 2, "\"3-1\" is not servers, as 0 or 0-2"),
        ("[a]\nfault = slow 0 9s 2s 50%", 2, "it ends before it begins"),
        (
            "[a]\nfault = slow 9-16 1s 2s 50%", 2,
            "a has a fault of server 16, and servers 0-15"
        ),
        (
            "[a]\narrivals = bursts 3 1s 2s", 2,
            "the bursts alone bring more than the mean rate; make them weaker"
        ),
        (
            "[a]\nservice = fixed 100ms\nservers = 1000\ncores = 1024\nlength = 3600s", 5,
            "a would be more than 1000000000 requests; make it shorter, or give its servers less to do"
        ),
        ("[a]\nlength = 50s", 2, "a ends before its warmup, its steady time or its event does"),
    ])
    func `a mistake is named with its line`(text: String, line: Int, what: String) {
        #expect(throws: Scenario.Mistake(line: line, text: what)) { try Scenario.read(text) }
    }
}
