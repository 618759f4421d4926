// poise doctor on a director: every finding is found where it is, and nowhere else.

import Foundation
import IPVS
import Testing
import Weighting

@testable import Control

struct DirectorDoctorTests {
    /// A director with which nothing is wrong.
    private static let fine: DirectorFacts = {
        var facts = DirectorFacts()
        facts.kernel = KernelFacts(
            table: Table(services: [.of("10.0.0.1:80/tcp", "sed", weights: [100, 200])]))
        facts.settings = [
            "net.ipv4.ip_forward": 1, "net.ipv6.conf.all.forwarding": 1,
            "net.ipv4.vs.conn_reuse_mode": 1, "net.ipv4.vs.expire_nodest_conn": 1,
            "net.ipv4.vs.expire_quiescent_template": 1, "net.ipv4.vs.sloppy_tcp": 0,
            "net.ipv4.vs.conntrack": 0, "net.ipv4.vs.drop_entry": 0,
            "net.ipv4.vs.drop_packet": 0, "net.ipv4.vs.backup_only": 0,
            "net.ipv4.vs.sync_ports": 1,
        ]
        facts.snapshot = Snapshot(
            master: .init(
                version: "1", uptimeSeconds: 1, decisions: 1, writes: 0, dryRun: false,
                table: "kernel", trouble: nil),
            services: [
                .init(
                    name: "web", key: "10.0.0.1:80/tcp", scheduler: "sed", hold: nil,
                    members: ["10.0.1.1:80", "10.0.1.2:80"].map { destination in
                        .init(
                            server: destination, destination: destination, weight: 100, wanted: 100,
                            activeConnections: 0, inactiveConnections: 0, reportAgeSeconds: 0.2,
                            state: "up", reason: .init(code: "follows", text: ""), chain: nil,
                            failure: nil)
                    })
            ],
            agents: [.init(name: "r1", accepted: 9, refusals: [:], reportAgeSeconds: 0.2)],
            refusals: [:])
        return facts
    }()

    /// What is changed of a director that is fine, and the one finding that comes of it.
    private static let cases: [(DirectorFinding, @Sendable (inout DirectorFacts) -> Void)] = [
        (.masterUnreachable, { $0.snapshot = nil }),
        (.masterTrouble, { $0.snapshot?.master.trouble = "the table cannot be read" }),
        (.reloadRefused, { $0.snapshot?.master.reloadRefused = "web.yaml:1:1: error" }),
        (.serviceHolds, { $0.snapshot?.services[0].hold = .init(code: "too_idle", text: "idle") }),
        (.agentUnheard, { $0.snapshot?.agents[0].reportAgeSeconds = nil }),
        (.agentSilent, { $0.snapshot?.agents[0].reportAgeSeconds = 61 }),
        (.duplicateIdentity, { $0.snapshot?.agents[0].isDuplicate = true }),
        (.kernelUnreadable, { $0.kernel = nil }),
        (.kubeProxy, { $0.hasKubeProxy = true }),
        (.serviceUndeclared, { $0.snapshot?.services = [] }),
        (
            .destinationUndeclared,
            {
                _ = $0.snapshot?.services[0].members.popLast()
                $0.snapshot?.services[0].hold = .init(code: "undeclared_destinations", text: "")
            }
        ),
        (.noServer, { $0.set("sed", [0, 0]) }),
        (.weightsIgnored, { $0.set("rr", [1, 1]) }),
        (.weightsAreBounds, { $0.set("lblc", [1, 1]) }),
        (.weightsArePriorities, { $0.set("fo", [1, 1]) }),
        (.schedulerUnknown, { $0.set("new", [1, 1]) }),
        (.sourceHashOverfull, { $0.set("sh", [128, 129]) }),
        (.maglevLevels, { $0.set("mh", [1, 64]) }),
        (.hashDrops, { $0.set("mh", [1, 0]) }),
        (.longWalk, { $0.set("wrr", [1, 257]) }),
        (.overThreshold, { $0.set("sed", [1, 1], DestinationSetup(upperConnections: 10)) }),
        (
            .thresholdsTight,
            { $0.set("sed", [1, 1], DestinationSetup(upperConnections: 99, lowerConnections: 98)) }
        ),
        (.noForwarding, { $0.settings["net.ipv4.ip_forward"] = 0 }),
        (.reuseKeepsServers, { $0.settings["net.ipv4.vs.conn_reuse_mode"] = 0 }),
        (.reuseBypasses, { $0.set("sed", [1, 1], DestinationSetup(forwarding: .direct)) }),
        (.removedIsSilent, { $0.settings["net.ipv4.vs.expire_nodest_conn"] = 0 }),
        (.sloppy, { $0.settings["net.ipv4.vs.sloppy_tcp"] = 1 }),
        (.conntrack, { $0.settings["net.ipv4.vs.conntrack"] = 1 }),
        (.defence, { $0.settings["net.ipv4.vs.drop_packet"] = 3 }),
        (.syncAlone, { $0.sync([.init(role: .master, id: 1, interface: "eth0")]) }),
        (
            .syncDiffers,
            {
                $0.sync([
                    .init(role: .master, id: 1, interface: "eth0"),
                    .init(role: .backup, id: 2, interface: "eth0"),
                ])
            }
        ),
        (
            .syncBlocks,
            {
                $0.settings["net.ipv4.vs.backup_only"] = 1
                $0.sync(pair)
            }
        ),
        (
            .syncInterface,
            {
                $0.missingInterfaces = ["eth0"]
                $0.sync(pair)
            }
        ),
        (
            .syncPorts,
            {
                $0.settings["net.ipv4.vs.sync_ports"] = 4
                $0.sync(pair)
            }
        ),
    ]

    private static let pair = [
        SyncDaemon(role: .master, id: 1, interface: "eth0"),
        SyncDaemon(role: .backup, id: 1, interface: "eth0"),
    ]

    @Test func `a director with which nothing is wrong has no finding`() {
        #expect(DirectorDiagnosis(Self.fine).findings == [])
        #expect(DirectorDiagnosis(Self.fine).text(.plain) == "nothing was found\n")
    }

    @Test func `each change is found, and nothing else`() {
        for (finding, change) in Self.cases {
            var facts = Self.fine
            change(&facts)
            // It may be there for each of several.
            #expect(Set(DirectorDiagnosis(facts).findings.map(\.finding)) == [finding])
        }
    }

    @Test func `what shows only beside something else is found, too`() {
        var facts = Self.fine
        let persistence = ServiceSetup.Persistence(timeoutSeconds: 300, mask: .max)
        let native = DestinationSetup(forwarding: .direct)
        facts.settings["net.ipv4.vs.expire_quiescent_template"] = 0
        facts.kernel = KernelFacts(
            table: Table(services: [
                .of("10.0.0.1:80/tcp", "sed", weights: [1, 1], persistence: persistence),
                .of("10.0.0.1:8080/tcp", "sed", weights: [1], setup: native),
                .of("[fd00::1]:80/tcp", "sed", weights: [1]),
                .of("10.0.0.2:80/tcp", "mh", weights: Array(repeating: 1, count: 4094)),
            ]), daemons: [.init(role: .backup, id: 0, interface: "eth0")])
        facts.snapshot?.services.append(
            .init(name: "gone", key: "fwmark:9", scheduler: nil, hold: nil, members: []))
        let found = Set(DirectorDiagnosis(facts).findings.map(\.finding))
        let wanted: Set<DirectorFinding> = [
            .persistenceOutlivesDrain, .persistenceSlowsWeights, .portNotMapped, .mixedFamilies,
            .maglevOverfull, .serviceAbsent, .serviceUndeclared, .syncMixedFamilies, .syncLoops,
            .syncAlone, .reuseBypasses,
        ]
        #expect(found == wanted)
        // Together with the cases, that is all there is.
        #expect(wanted.union(Self.cases.map(\.0)) == Set(DirectorFinding.allCases))
    }

    @Test func `the worst comes first, one line each, and an error ends with 1`() async throws {
        var facts = Self.fine
        facts.set("rr", [1, 1])
        let kernel = KernelView.played(
            facts.kernel, settings: facts.settings.merging(["net.ipv4.ip_forward": 0]) { $1 })
        let outcome = await poise(["doctor"], before: kernel, snapshot: facts.snapshot)
        try expectGolden("doctor/director.txt", outcome.output)
        #expect(outcome.status == .failed)
        let json = await poise(["doctor", "-o", "json"], before: kernel, snapshot: facts.snapshot)
        #expect(json.output.contains(#""finding":"no_forwarding""#))
        #expect(json.status == .failed)
    }

    @Test func `what cannot be looked at is a finding, and hinders nothing else`() async {
        let outcome = await poise(["doctor"], before: .played(nil))
        #expect(outcome.status == .failed)
        #expect(outcome.output.contains("master_unreachable  cannot reach the master"))
        #expect(outcome.output.contains("kernel_unreadable  The kernel has no IPVS"))
        #expect(outcome.output.hasSuffix("2 errors\n"))
    }

    @Test func `a sorry server that serves is not taken for an undeclared one`() {
        var facts = Self.fine
        _ = facts.snapshot?.services[0].members.popLast()
        #expect(DirectorDiagnosis(facts).findings == [])
    }

    @Test func `many of one kind do not drown the rest`() {
        var facts = Self.fine
        let agent = Snapshot.Agent(name: "r", accepted: 0, refusals: [:], reportAgeSeconds: nil)
        facts.snapshot?.agents = Array(repeating: agent, count: 50)
        let lines = DirectorDiagnosis(facts).text(.plain).split(separator: "\n")
        #expect(lines.count == DirectorDiagnosis.mostOfOneKind + 2)
        #expect(lines.suffix(2) == ["and 30 more of agent_unheard", "50 warnings"])
    }

    @Test func `every finding has a row in the manual, in the order of the list`() throws {
        let path = URL(filePath: #filePath).appending(path: "../../../../docs/operating.md")
        let page = try String(contentsOf: path.standardized, encoding: .utf8)
        let rows = page.split(separator: "\n").map(String.init).filter { line in
            DirectorFinding.Level.allCases.contains { line.contains("` | \($0.rawValue) | ") }
        }
        let wanted = DirectorFinding.allCases.map { finding in
            let advice = finding.advice
            return
                "| `\(finding.rawValue)` | \(advice.level.rawValue) | \(advice.means) | \(advice.now) |"
        }
        #expect(rows == wanted)
    }

    @Test func `every text is whole sentences on one line`() {
        for finding in DirectorFinding.allCases {
            for text in [finding.advice.means, finding.advice.now] {
                #expect(text.hasSuffix(".") && !text.contains("\n"), "\(finding)")
            }
        }
    }
}

extension DirectorFacts {
    fileprivate mutating func set(
        _ scheduler: String, _ weights: [Int], _ setup: DestinationSetup = .init()
    ) {
        kernel?.table.services = [
            .of("10.0.0.1:80/tcp", scheduler, weights: weights, setup: setup)
        ]
    }

    fileprivate mutating func sync(_ daemons: [SyncDaemon]) { kernel?.daemons = daemons }
}
