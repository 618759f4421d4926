// A loop that makes its services: over its first tick, other hands, reloads, and a restart.

import Foundation
import IPVS
import Testing
import Weighting

@testable import Master

extension NotifyingTests {
    @Suite struct UpkeepLoopTests {
        private static let ipvs = "manage: services, table: kernel, leave: 1s"
        private static let master = ipvs + ", timeouts: {tcp: 600s, udp: 30s}"

        private static func services(_ names: [String], more: String = "") -> String {
            """
            services:
              web:
                vip: 10.0.0.100:80/tcp
                scheduler: wrr
                forward: direct
            \(more)    servers:

            """
                + names.enumerated().map { place, name in
                    "      - {name: \(name), address: 10.0.0.1\(place + 1), capacity: \(place + 1)}\n"
                }.joined()
        }

        private func rig(
            _ table: BreakableTable, ipvs: String = UpkeepLoopTests.ipvs, isDryRun: Bool = false
        ) throws -> Rig {
            try Rig(
                isDryRun: isDryRun, table: table.door, ipvs: ipvs,
                prepare: { folder in
                    try folder.remove("services.d/mail.yaml")
                    try folder.write("services.d/web.yaml", Self.services(["r1", "r2"]))
                })
        }

        private func weights(_ table: BreakableTable) -> [Int]? {
            table.table.services.first?.destinations.map(\.weight)
        }

        @Test func `the first tick makes what is declared, and the next one writes nothing`() throws
        {
            let table = BreakableTable()
            let rig = try rig(table)
            try rig.pass()
            let made = try #require(table.table.services.first)
            #expect(made.setup == ServiceSetup(scheduler: .known(.wrr)))
            #expect(made.details.map(\.setup.forwarding) == [.direct, .direct])
            #expect(weights(table) == [5, 10])
            #expect(rig.weights == ["r1": 5, "r2": 10])
            #expect(
                rig.lines.all.contains {
                    $0.contains("made with wrr") && $0.contains("10.0.0.12:80 added with 10")
                })
            _ = table.takeSteps()
            rig.loop.tick(at: rig.now.advanced(bySeconds: 0.1))
            #expect(table.takeSteps().allSatisfy { $0.member != nil })
        }

        @Test func `row 9 of the failures: after ipvsadm -C everything is back at the next tick`()
            throws
        {
            let table = BreakableTable()
            let rig = try rig(table)
            for _ in 0..<20 { try rig.pass() }
            let before = try #require(weights(table))
            table.table = Table()
            try rig.pass()
            #expect(weights(table)?.count == 2)
            #expect(rig.lines.all.contains { $0.contains("somebody removed the service") })
            // The weights that were written last, but for what load changed at this tick.
            #expect(zip(before, try #require(weights(table))).allSatisfy { abs($0 - $1) <= 1 })
        }

        @Test func `a reload adds, changes and drains, and a bad one changes nothing`() throws {
            let table = BreakableTable()
            let rig = try rig(table)
            try rig.pass()
            try rig.folder.write(
                "services.d/web.yaml", Self.services(["r1"], more: "    scheduler_flags: port\n"))
            rig.reload()
            try rig.pass()
            #expect(weights(table)?.count == 2)

            try rig.folder.write("services.d/web.yaml", Self.services(["r1"]))
            rig.reload()
            for _ in 0..<12 { try rig.pass() }
            #expect(
                table.table.services.first?.destinations.map(\.key.description) == ["10.0.0.11:80"])

            try rig.folder.write(
                "services.d/web.yaml", Self.services(["r1", "r2"], more: "    one_packet: false\n"))
            rig.reload()
            try rig.pass()
            #expect(weights(table)?.count == 2)
        }

        @Test func `what a master made, the next one removes when it is no longer declared`() throws
        {
            let table = BreakableTable()
            let first = try rig(table)
            try first.pass()
            first.loop.holdingsFile.finish()
            let stranger = ServiceKey.firewallMark(99, .v4)
            table.table.services.append(
                Table.Service(key: stranger, setup: ServiceSetup(scheduler: .known(.rr))))

            // The next one, in the same folder.
            try first.folder.write(
                "master.yaml", Rig.masterFile(port: try Rig.freePort(), ipvs: Self.ipvs))
            try first.folder.write(
                "services.d/web.yaml",
                """
                services:
                  other:
                    fwmark: 5
                    scheduler: sed
                    servers:
                      - {name: r1, address: 10.0.0.11, port: 80}

                """)
            let configuration = try #require(first.folder.load().configuration)
            var next = try ControlLoop(
                configuration, isDryRun: false, inbox: Inbox(), logger: first.lines.logger,
                startedAt: first.now, table: table.door, load: { _ in })
            var now = first.now
            for _ in 0..<12 {
                now = now.advanced(bySeconds: 0.5)
                next.tick(at: now)
            }
            #expect(
                table.table.services.map(\.key) == [stranger, .firewallMark(5, .v4)])
            next.holdingsFile.finish()
            let text = try String(
                contentsOfFile: first.folder.path + "/state/made-services", encoding: .utf8)
            #expect(text.contains("made fwmark:5\n"))
            #expect(!text.contains("10.0.0.100"))
        }

        @Test func `a damaged line of made-services loses no other line`() throws {
            let table = BreakableTable()
            let rig = try rig(table)
            try rig.folder.write(
                "other/made-services",
                "# ours\nmade fwmark:5\nmade 10.0.0\nmembers fwmark:5 10.0.0.11:80\nnonsense\n")
            let file = HoldingsFile(folder: rig.folder.path + "/other") { _ in }
            let read = try file.read()
            let key = ServiceKey.firewallMark(5, .v4)
            #expect(read.damagedLines == 2)
            #expect(read.holdings.made == [key])
            #expect(read.holdings.members[key]?.count == 1)
            file.write(read.holdings)
            file.finish()
            #expect(try file.read().holdings == read.holdings)
            #expect(try file.read().damagedLines == 0)
        }

        @Test func `a dry run says what it would make, and makes nothing`() throws {
            let table = BreakableTable()
            let rig = try rig(table, isDryRun: true)
            try rig.pass()
            #expect(table.table == Table())
            #expect(table.takeSteps().isEmpty)
            #expect(rig.lines.all.contains { $0.contains("would be: made with wrr") })
            #expect(!FileManager.default.fileExists(atPath: rig.folder.path + "/state"))
        }

        @Test func `timeouts are set once, and again after somebody else set them`() throws {
            let table = BreakableTable()
            let rig = try rig(table, ipvs: Self.master)
            try rig.pass()
            #expect(table.timeouts == Timeouts(tcp: 600, udp: 30))
        }

        @Test
        func `row 15 of the failures: without the module it waits, and goes on when it comes`()
            throws
        {
            let table = BreakableTable()
            table.fault = .moduleNotLoaded
            let rig = try rig(table)
            for _ in 0..<5 { try rig.pass() }
            #expect(rig.snapshot?.master.trouble?.contains("modprobe ip_vs") == true)
            // Told once.
            #expect(rig.lines.take().filter { $0.contains("modprobe") }.count == 1)
            table.fault = nil
            try rig.pass()
            #expect(weights(table) == [5, 10])
            #expect(rig.snapshot?.master.trouble == nil)
        }

        @Test func `row 16 of the failures: without the capability one line says which`() throws {
            let table = BreakableTable()
            table.fault = .notPermitted
            let rig = try rig(table)
            for _ in 0..<5 { try rig.pass() }
            let told = rig.lines.all.filter { $0.contains("CAP_NET_ADMIN") }
            #expect(told.count == 1)
            #expect(told.first?.contains("user namespace") == true)
        }

        @Test(arguments: ["manage: services", "manage: weights"])
        func `beside kube-proxy the table is left alone, and the log says why`(manage: String)
            throws
        {
            let table = BreakableTable()
            table.fault = .ownedByKubeProxy
            let rig = try rig(table, ipvs: manage + ", table: kernel")
            for _ in 0..<3 { try rig.pass() }
            #expect(table.takeSteps().isEmpty)
            #expect(rig.lines.all.filter { $0.contains("kube-ipvs0") }.count == 1)
        }
    }
}
