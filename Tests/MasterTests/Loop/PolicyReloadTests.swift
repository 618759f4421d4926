// A changed policy under a loop that goes on: taken at once, and nothing learned is forgotten.

import Testing
import Weighting

@testable import Master

extension NotifyingTests {
    @Suite struct PolicyReloadTests {
        private func chains(_ rig: Rig) throws -> [Chain?] {
            let services = try #require(rig.snapshot).services
            return try #require(services.first { $0.name == "web" }).members.map(\.chain)
        }

        private func nameCalm(_ rig: Rig) throws {
            let web = try ConfigurationFolder.good("services.d/web.yaml")
            try rig.folder.write(
                "services.d/web.yaml",
                web.replacing("scheduler: sed", with: "scheduler: sed\n    policy: calm"))
        }

        @Test func `a service takes a policy of its own, and goes on with what is known`() throws {
            let rig = try Rig()
            for _ in 0..<8 { try rig.pass() }
            let before = try chains(rig)
            #expect(before.map(\.?.deadband) == [0.04, 0.04])
            try rig.folder.write("policies.d/calm.yaml", "deadband: 40%\ngain: 0.2\n")
            try nameCalm(rig)
            rig.reload()
            try rig.pass()
            let after = try chains(rig)
            #expect(after.map(\.?.deadband) == [0.4, 0.4])
            #expect(after.map(\.?.gain) == [0.2, 0.2])
            for (was, now) in zip(before, after) {
                let (was, now) = (try #require(was), try #require(now))
                #expect(abs(now.capacity / was.capacity - 1) < 0.2)
                #expect(abs(now.requestsPerSecond / was.requestsPerSecond - 1) < 0.2)
            }
        }

        @Test func `a policy that is named and absent refuses the reload`() throws {
            let rig = try Rig()
            for _ in 0..<4 { try rig.pass() }
            try nameCalm(rig)
            rig.reload()
            try rig.pass()
            #expect(rig.snapshot?.master.reloadRefused != nil)
            #expect(try chains(rig).map(\.?.deadband) == [0.04, 0.04])
        }
    }
}
