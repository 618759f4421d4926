// A shadow: another policy on the same events, which changes nothing.

import Protocol
import Testing
import Weighting

@testable import Master

extension NotifyingTests {
    @Suite struct ShadowTests {
        /// After so many intervals, with web's shadow or without.
        private func rig(shadow: Bool, passes: Int) throws -> Rig {
            let rig = try Rig()
            if shadow { try nameShadow(rig) }
            for _ in 0..<passes { try rig.pass() }
            return rig
        }

        private func nameShadow(_ rig: Rig) throws {
            try rig.folder.write("policies.d/level.yaml", "gain: 2\ndeadband: 0%\n")
            let web = try ConfigurationFolder.good("services.d/web.yaml")
            try rig.folder.write(
                "services.d/web.yaml",
                web.replacing("scheduler: sed", with: "scheduler: sed\n    shadow: level"))
            rig.reload()
        }

        private func web(_ rig: Rig) throws -> Snapshot.Service {
            let services = try #require(rig.snapshot).services
            return try #require(services.first { $0.name == "web" })
        }

        @Test func `a shadow is shown beside the live policy, and changes no weight`() throws {
            let (alone, beside) = (
                try rig(shadow: false, passes: 30), try rig(shadow: true, passes: 30)
            )
            #expect(alone.weights == beside.weights)
            #expect(try web(alone).shadow == nil)
            let web = try web(beside)
            #expect(web.shadow == "level")
            for member in web.members {
                let shadow = try #require(member.shadow)
                let chain = try #require(shadow.chain)
                #expect(chain.gain == 2 && member.chain?.gain == 0.75)
                #expect(shadow.weight == chain.weight)
                #expect(shadow.weight != member.weight)
            }
            let mail = try #require(beside.snapshot?.services.first { $0.name == "mail" })
            #expect(mail.shadow == nil && mail.members.allSatisfy { $0.shadow == nil })
        }

        @Test func `a shadow comes and goes by reload, and what it knows stays meanwhile`() throws {
            let rig = try rig(shadow: true, passes: 8)
            rig.reload()
            try rig.pass()
            #expect(try web(rig).members.allSatisfy { $0.shadow?.chain != nil })
            try rig.folder.write(
                "services.d/web.yaml", ConfigurationFolder.good("services.d/web.yaml"))
            rig.reload()
            try rig.pass()
            #expect(try web(rig).shadow == nil)
        }

        @Test func `a drain is the shadow's, too`() throws {
            let rig = try rig(shadow: true, passes: 8)
            rig.state = .draining
            try rig.pass()
            let members = try web(rig).members
            let r1 = try #require(members.first { $0.server == "r1" })
            #expect(r1.weight == 0 && r1.shadow?.weight == 0 && r1.shadow?.reason.code == "drains")
        }
    }
}
