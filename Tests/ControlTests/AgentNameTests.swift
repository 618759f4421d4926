// poise agent with names that nobody meant.

import Testing
import Weighting

@testable import Control

extension Snapshot.Agent {
    /// An agent that the master knows and never heard.
    static func unheard(_ name: String, lacksServer: Bool? = nil) -> Snapshot.Agent {
        .init(
            name: name, accepted: 0, refusals: [:], reportAgeSeconds: nil, lacksServer: lacksServer)
    }
}

@Suite struct AgentNameTests {
    @Test func `a new agent without a server is warned of, with the servers that are near`()
        async throws
    {
        let director = try Director()
        let key = "\(director.keys[3])"
        let outcome = await director.agent(
            "add", "r33", key, knows: [.unheard("r33", lacksServer: true)])
        #expect(outcome.status == .done)
        #expect(outcome.output.hasSuffix("The master has read it.\n"))
        #expect(
            outcome.complaint
                == "poise: no service has a server \"r33\", so its reports change no weight; did "
                + "you mean r3? (r1 r2 r3 r4). Name it in services.d; or, when it is mistyped: "
                + "poise agent rm r33\n")
        #expect(await director.agent("add", "r33", key, knows: [.unheard("r33")]).complaint == "")
    }

    @Test func `the list says which agents have no server`() async throws {
        let outcome = try await Director().agent("ls", knows: [.unheard("r2", lacksServer: true)])
        #expect(outcome.output.contains("no server has this name: poise doctor\n"))
    }

    @Test(arguments: [nil, AdminAPI.Reload(refused: nil)])
    func `an agent that nobody knows cannot be removed`(reload: AdminAPI.Reload?) async throws {
        let director = try Director()
        let outcome = await director.agent("rm", "r22", reload: reload)
        #expect(outcome.status == .failed)
        #expect(outcome.output == "")
        #expect(
            outcome.complaint
                == "poise: there is no agent \"r22\"; did you mean r2? (r1 r2)\n")
        #expect(director.files == ["r1.pub", "r2.pub"])
    }

    @Test func `whether a master still takes the removed agent has to be known`() async throws {
        let outcome = try await Director().agent(
            "rm", "r22", reload: nil, absence: .tooLate(seconds: 5))
        #expect(outcome.status == .masterUnreachable)
    }
}
