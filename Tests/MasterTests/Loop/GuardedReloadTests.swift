// A reload that would take out much changes nothing until a person says that it is meant.

import Testing
import Weighting

@testable import Master

extension NotifyingTests {
    @Suite struct GuardedReloadTests {
        @Test func `it is refused by its hash, and taken with it`() throws {
            let rig = try Rig()
            try rig.pass()
            let before = rig.loop.balancer.cluster
            try rig.folder.write(
                "services.d/web.yaml",
                ConfigurationFolder.good("services.d/web.yaml")
                    .split(separator: "\n").filter { !$0.contains("name: r2") }
                    .joined(separator: "\n") + "\n")
            let refused = rig.reloadUnasked()
            let hash = try #require(refused.hash)
            #expect(refused.refused?.contains("poise apply --confirm \(hash)") == true)
            #expect(rig.loop.balancer.cluster == before)
            #expect(rig.snapshot?.master.reloadRefused == refused.refused)
            #expect(
                rig.loop.journal.happenings(after: 0).map(\.happening.cause)
                    .filter { $0 == .reloadRefused }.count == 1)
            // The word for another change is none for this one.
            #expect(
                rig.loop.reload(rig.folder.load(), confirmed: ["000000000000"], at: rig.now)
                    == refused)

            #expect(
                rig.loop.reload(rig.folder.load(), confirmed: [hash], at: rig.now)
                    == AdminAPI.Reload(refused: nil))
            #expect(rig.loop.balancer.cluster != before)
            #expect(rig.snapshot?.master.reloadRefused == nil)
        }
    }
}
