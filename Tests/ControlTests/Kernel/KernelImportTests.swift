// poise import --kernel and --verify, and poise export: the kernel's table and ours.

import Foundation
import IPVS
import Testing
import Weighting

@testable import Control

struct KernelImportTests {
    private static let facts: KernelFacts = {
        var facts = KernelFacts()
        facts.timeouts = Timeouts(tcp: 900, tcpFin: 120, udp: 300)
        facts.daemons = [
            SyncDaemon(
                role: .master, id: 7, interface: "eth0", group: .v4(0xE000_0051), port: 8848,
                ttl: 1, mostBytes: 1472)
        ]
        let gue = DestinationSetup(
            forwarding: .tunnel(.init(kind: .gue, port: 6080, checksum: .full)),
            upperConnections: 100, lowerConnections: 80)
        facts.table.services = [
            .of(
                "10.0.0.1:80/tcp", "wlc", weights: [5, 0, 3],
                persistence: .init(timeoutSeconds: 300, mask: 0xFFFF_FF00)),
            .of("fwmark:7", "mh", weights: [1, 1], setup: gue, flags: [.fallback, .port]),
            .of("10.0.0.1:8080/tcp", "rr", weights: [1], setup: .init(forwarding: .direct)),
        ]
        return facts
    }()

    @Test func `the kernel's table becomes ours`() async throws {
        let outcome = await poise(["import", "--kernel"], before: .played(Self.facts))
        #expect(outcome.status == .done)
        try expectGolden("import/kernel.yaml", outcome.output)
        let refused = await poise(["import", "--kernel"], before: .played(nil))
        #expect(refused.status == .failed)
        #expect(refused.complaint == "poise: The kernel has no IPVS. Run `modprobe ip_vs`.\n")
    }

    private static let rules = """
        -A -t 10.0.0.1:80 -s wlc -p 300 -M 255.255.255.0
        -a -t 10.0.0.1:80 -r 10.0.1.1:80 -m -w 5
        -a -t 10.0.0.1:80 -r 10.0.1.2:80 -m -w 0
        -a -t 10.0.0.1:80 -r 10.0.1.3:80 -m -w 3
        -A -f 7 -s mh -b mh-port,mh-fallback
        -a -f 7 -r 10.0.1.1:80 -i -w 1 -x 100 -y 80 --tun-type gue --tun-port 6080 --tun-csum
        -a -f 7 -r 10.0.1.2:80 -i -w 1 -x 100 -y 80 --tun-type gue --tun-port 6080 --tun-csum
        -A -t 10.0.0.1:8080 -s rr
        -a -t 10.0.0.1:8080 -r 10.0.1.1:80 -g -w 1

        """

    private func verify(_ rules: String) async -> Outcome {
        await poise(
            ["import", "--verify", "ipvsadm.rules"], before: .played(Self.facts),
            files: ["ipvsadm.rules": rules])
    }

    @Test func `a file that says what the kernel holds is told to be the same`() async {
        let outcome = await verify(Self.rules)
        #expect(outcome.output == "the kernel holds the same\n")
        #expect(outcome.status == .done)
    }

    @Test func `each difference is a line`() async {
        var rules = Self.rules.replacingOccurrences(of: "-s wlc -p 300", with: "-s sed -p 60")
        rules = rules.replacingOccurrences(of: "mh-port,", with: "")
        rules = rules.replacingOccurrences(of: "-r 10.0.1.3:80 -m -w 3", with: "-r 10.0.1.9:80 -g")
        rules = rules.replacingOccurrences(
            of: "-r 10.0.1.1:80 -m -w 5", with: "-r 10.0.1.1:80 -g -w 6 -x 9")
        rules = rules.replacingOccurrences(of: "10.0.0.1:8080", with: "10.0.0.1:81")
        let outcome = await verify(rules)
        #expect(outcome.status == .failed)
        #expect(
            outcome.output == """
                10.0.0.1:80/tcp: the scheduler is sed in the file, wlc in the kernel
                10.0.0.1:80/tcp: persistence is 60s/24 in the file, 300s/24 in the kernel
                10.0.0.1:80/tcp 10.0.1.1:80: forward is direct in the file, masq in the kernel
                10.0.0.1:80/tcp 10.0.1.1:80: the weight is 6 in the file, 5 in the kernel
                10.0.0.1:80/tcp 10.0.1.1:80: upper is 9 in the file, 0 in the kernel
                10.0.0.1:80/tcp 10.0.1.9:80: not in the kernel
                10.0.0.1:80/tcp 10.0.1.3:80: in the kernel only
                fwmark:7: flags is fallback in the file, fallback,port in the kernel
                10.0.0.1:81/tcp: not in the kernel
                10.0.0.1:8080/tcp: in the kernel only

                """)
    }

    @Test func `a call says one of both`() async {
        for arguments in [
            ["import"], ["import", "--kernel", "x"], ["import", "--kernel", "--verify"],
        ] {
            #expect(await poise(arguments, before: .played(nil)).status == .usage)
        }
    }

    @Test func `the rules that the master gives are printed, or why there are none`() async throws {
        func export(_ answer: AdminAPI.Export) async throws -> Outcome {
            let body = [UInt8](try JSONEncoder().encode(answer))
            return await poise(
                ["export", "ipvsadm"], before: .played(nil), answers: [AdminAPI.exportPath: body])
        }
        let outcome = try await export(
            .init(rules: ["-A -f 7 -s sed", "-a -f 7 -r 10.0.1.1:0 -g -w 1"]))
        #expect(outcome.output == "-A -f 7 -s sed\n-a -f 7 -r 10.0.1.1:0 -g -w 1\n")
        let refused = try await export(.init(refused: "the files are not valid"))
        #expect(refused.status == .failed)
        #expect(refused.complaint == "poise: the files are not valid\n")
        #expect(
            await poise(["export", "ipvsadm"], before: .played(nil)).status == .masterUnreachable)
    }
}
