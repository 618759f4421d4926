// Agents that miss a report are asked over the way they were heard by; and what is shown of it.

import Protocol
import Testing
import Weighting

@testable import Master

extension NotifyingTests {
    @Suite struct ProbeTests {
        @Test func `a lost report is asked for and replaced, and the snapshot counts it`() throws {
            let rig = try Rig()
            for _ in 0..<4 { try rig.pass() }
            #expect(rig.snapshot?.agents.map(\.probesSent) == [nil, nil])
            try rig.pass(lost: [0])
            // One interval of 250 ms late is no reason; at two it is.
            #expect(rig.snapshot?.agents.map(\.probesSent) == [nil, nil])
            try rig.pass(lost: [0])
            #expect(try #require(rig.snapshot?.agents[0].reportAgeSeconds) == 0.5)
            try rig.settle(0)
            rig.now = rig.now.advanced(bySeconds: 0.25)
            let asked = try #require(rig.snapshot?.agents)
            #expect(asked.map(\.probesSent) == [1, nil])
            #expect(asked.map(\.probesAnswered) == [1, nil])
            #expect(asked[0].roundTripMilliseconds == 0)
            #expect(asked[0].reportAgeSeconds == 0.25)
            #expect(asked.map(\.accepted) == [5, 6])
        }

        @Test func `an agent that answers no probe is asked less and less`() throws {
            let rig = try Rig()
            try rig.pass()
            rig.agents.removeFirst()
            for _ in 0..<160 { try rig.pass() }
            let silent = try #require(rig.snapshot?.agents.first)
            // Ten in the first ten seconds, and three in the next thirty.
            #expect(silent.probesSent == 13)
            #expect(silent.probesAnswered == 0)
            #expect(silent.roundTripMilliseconds == nil)
        }

        @Test func `who said goodbye is left alone`() throws {
            let rig = try Rig()
            try rig.pass()
            var goodbye = try #require(rig.agents[0].newest)
            goodbye.state = .leaving
            goodbye.flags = .final
            try rig.agents[0].report(goodbye, at: rig.now)
            rig.loop.receive(at: 0, now: rig.now)
            rig.agents.removeFirst()
            for _ in 0..<40 { try rig.pass() }
            #expect(rig.snapshot?.agents.first?.probesSent == nil)
        }

        @Test func `whose key is dropped hears by another one at once`() throws {
            let rig = try Rig()
            let (old, new) = (rig.agents[0].keys[0], SecretKey.generate())
            try rig.folder.write("agents/r1.pub", "\(new.publicKey)\n\(old.publicKey)\n")
            rig.reload()
            rig.agents[0] = try TestAgent(keys: [new, old], port: rig.port)
            for _ in 0..<8 { try rig.pass() }
            #expect(rig.snapshot?.agents.first?.keyInUse == new.publicKey.text)
            try rig.folder.write("agents/r1.pub", "\(old.publicKey)\n")
            rig.reload()
            #expect(rig.snapshot?.agents.first?.keyInUse == nil)
            // The probe, and the challenge to the key that has no fresh cookie.
            while try rig.settle(0) {}
            rig.now = rig.now.advanced(bySeconds: 0.3)
            let agent = try #require(rig.snapshot?.agents.first)
            #expect(agent.keyInUse == old.publicKey.text)
            #expect(agent.probesAnswered == 1)
            #expect(agent.reportAgeSeconds == 0.3)
        }

        @Test func `what agents are asked for comes with a reload, changes and ends`() throws {
            let rig = try Rig()
            try rig.pass()
            let plain = Rig.masterFile(port: rig.port)
            var versions: [UInt8] = []
            for every: UInt16? in [1_000, 1_000, 250, nil, 1_000] {
                let asked = every.map { "\nreports: {every: \($0)ms, jitter: 20ms}\n" } ?? "\n"
                try rig.folder.write("master.yaml", plain + asked)
                rig.reload()
                #expect(rig.snapshot?.master.reloadRefused == nil)
                try rig.pass()
                for index in 0..<2 {
                    let directive = rig.agents[index].session.directive
                    #expect(directive?.intervalMilliseconds == every)
                    #expect(directive?.jitterMilliseconds == every.map { _ in 20 })
                }
                versions.append(rig.agents[0].session.directiveVersion)
            }
            #expect(versions[0] == versions[1])
            #expect(versions[3] == 0)
            #expect(Set(versions).count == 4)
        }
    }
}
