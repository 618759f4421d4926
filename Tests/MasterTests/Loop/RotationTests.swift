// Keys that change while reports go on: in every order, without an interval that is not heard.

import Protocol
import Testing
import Weighting

@testable import Master

extension NotifyingTests {
    /// What a person does at one time, on either side.
    enum RotationStep: CaseIterable {
        case masterTakesBoth, agentHasBoth, agentHasNewOnly, masterTakesNewOnly
    }

    @Suite struct RotationTests {
        /// The orders in which no side drops the old key before the other one has the new.
        static let orders: [[RotationStep]] = [
            [.masterTakesBoth, .agentHasBoth, .agentHasNewOnly, .masterTakesNewOnly],
            [.masterTakesBoth, .agentHasBoth, .masterTakesNewOnly, .agentHasNewOnly],
            [.agentHasBoth, .masterTakesBoth, .agentHasNewOnly, .masterTakesNewOnly],
            [.agentHasBoth, .masterTakesBoth, .masterTakesNewOnly, .agentHasNewOnly],
        ]

        @Test(arguments: orders)
        func `an agent's key changes without a report that is not heard`(
            order: [RotationStep]
        ) throws {
            let rig = try Rig()
            let (old, new) = (rig.agents[0].keys[0], SecretKey.generate())
            try settle(rig)
            for step in order {
                switch step {
                case .masterTakesBoth:
                    try rig.folder.write(
                        "agents/r1.pub", "\(new.publicKey)\n\(old.publicKey)\n")
                    rig.reload()
                case .masterTakesNewOnly:
                    try rig.folder.write("agents/r1.pub", "\(new.publicKey)\n")
                    rig.reload()
                case .agentHasBoth:
                    rig.agents[0] = try TestAgent(keys: [new, old], port: rig.port)
                case .agentHasNewOnly:
                    rig.agents[0] = try TestAgent(keys: [new], port: rig.port)
                }
                try settle(rig)
            }
        }

        @Test func `the snapshot says which key an agent reports with`() throws {
            let rig = try Rig()
            let (old, new) = (rig.agents[0].keys[0], SecretKey.generate())
            let inUse = { rig.snapshot?.agents.first?.keyInUse }
            #expect(inUse() == nil)
            try rig.folder.write("agents/r1.pub", "\(new.publicKey)\n\(old.publicKey)\n")
            rig.reload()
            try settle(rig)
            #expect(inUse() == old.publicKey.text)
            rig.agents[0] = try TestAgent(keys: [new, old], port: rig.port)
            try settle(rig)
            #expect(inUse() == new.publicKey.text)
            try rig.folder.write("agents/r1.pub", "\(old.publicKey)\n")
            rig.reload()
            #expect(inUse() == nil)
        }

        @Test func `a change that is half done and taken back leaves no gap`() throws {
            let rig = try Rig()
            let (old, new) = (rig.agents[0].keys[0], SecretKey.generate())
            try rig.folder.write("agents/r1.pub", "\(new.publicKey)\n\(old.publicKey)\n")
            rig.reload()
            rig.agents[0] = try TestAgent(keys: [new, old], port: rig.port)
            try settle(rig)
            rig.agents[0] = try TestAgent(keys: [old], port: rig.port)
            try settle(rig)
            try rig.folder.write("agents/r1.pub", "\(old.publicKey)\n")
            rig.reload()
            try settle(rig)
        }

        @Test func `the master's own key changes, with both for a while`() throws {
            let rig = try Rig()
            let old = try #require(ConfigurationFolder.secretKey)
            let new = SecretKey.generate()
            try rig.folder.write("new.key", new.text + "\n", mode: 0o400)
            try rig.folder.write(
                "master.yaml", Rig.masterFile(port: rig.port, key: "[new.key, master.key]"))
            rig.reload()
            #expect(rig.snapshot?.master.reloadRefused == nil)
            try settle(rig)
            let keys = rig.agents[0].keys
            rig.agents[0] = try TestAgent(
                keys: keys, masters: [new.publicKey, old.publicKey], port: rig.port)
            try settle(rig)
            try rig.folder.write("master.yaml", Rig.masterFile(port: rig.port, key: "new.key"))
            rig.reload()
            rig.agents.removeLast()
            try settle(rig)
        }

        /// Twenty seconds in which no report of the first agent is older than an interval and a
        /// half, after a moment to find each other.
        private func settle(_ rig: Rig) throws {
            for round in 0..<80 {
                try rig.pass()
                let agent = try #require(rig.snapshot?.agents.first)
                let age = try #require(agent.reportAgeSeconds)
                #expect(age <= (round < 8 ? 2 : 0.26), "round \(round)")
            }
        }
    }
}
