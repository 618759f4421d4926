// poise policy preview: a changed policy over the end of a recording.

import Foundation
import Journal
import Protocol
import Testing
import Weighting

@testable import Control

struct PolicyPreviewTests {
    /// Two services on three servers, of which r3 is the busiest; mail has a policy of its own.
    private static let cluster = Cluster(
        servers: ["r1", "r2", "r3"].map(Cluster.Server.init(name:)),
        services: ["web", "mail"].enumerated().map { index, name in
            Cluster.Service(
                name: name, key: .firewallMark(UInt32(index + 1), .v4),
                members: (0..<3).map { server in
                    Cluster.Member(
                        server: server,
                        destination: DestinationKey(
                            address: .v4(0x0A00_0001 + UInt32(index * 256 + server)), port: 80))
                }, policy: name == "mail" ? Policy() : nil)
        })

    /// Records 120 s, as a master does, and calls its journal's folder `journal`.
    private func record(in folder: Scratch) throws {
        let writer = JournalWriter(folder: "\(folder.path)/journal")
        var recorder = Recorder(writer, mostBytes: 8 << 20, release: Poise.version)
        var balancer = Balancer(Self.cluster)
        var weights: [MemberKey: Int] = [:]
        for round in UInt32(1)...240 {
            let now = Instant(nanoseconds: UInt64(round) * 500_000_000)
            for server in 0..<3 {
                let report = Report(
                    state: .up, reason: .none, intervalMilliseconds: 500,
                    clockTenthsOfMillisecond: round * 5_000,
                    host: HostLoad(
                        cpuBusyTenthsOfMillisecond: round * (1_500 + 500 * UInt32(server)),
                        runnableTenthsOfMillisecond: 0, coresHundredths: 100,
                        memoryAvailableTenThousandths: nil),
                    requests: ["web", "mail"].map {
                        RequestCounters(
                            id: ServiceID(name: $0), p99Microseconds: nil, requests: round * 20,
                            errors: 0)
                    })
                let heard = Event.Heard(
                    server: server, boot: 7, isDuplicateIdentity: false, at: now)
                balancer.hear(report, heard)
                recorder.hear(report, heard)
            }
            let table = Table(
                services: Self.cluster.services.map { service in
                    Table.Service(
                        key: service.key, scheduler: .known(.sed),
                        destinations: service.members.map {
                            let key = MemberKey(service: service.key, destination: $0.destination)
                            return Table.Destination(
                                key: $0.destination, weight: weights[key] ?? 1_000)
                        })
                })
            recorder.goOn(balancer, wholly: true)
            let decided = balancer.take(.tick(at: now, table: table))
            let decision = try #require(decided)
            for step in decision.plan.steps {
                if case .setWeight(_, _, _, let weight, _) = step {
                    step.member.map { weights[$0] = weight.rawValue }
                }
            }
            _ = balancer.take(.applied(decision.plan.steps))
            recorder.tick(table, decision, applied: decision.plan.steps)
            recorder.keepUp(
                balancer, at: now, unixNanoseconds: 1_795_435_200_000_000_000 + now.nanoseconds)
            // A test is faster than any disk.
            writer.finish(waitingSeconds: 30)
        }
    }

    private func preview(_ folder: Scratch, _ arguments: [String]) async -> Control.Outcome {
        await poise(
            ["policy", "preview", "--journal", "\(folder.path)/journal"] + arguments, answers: [:])
    }

    private struct Answer: Decodable {
        let ticks: Int
        let fromUnixMilliseconds: UInt64
        let untilUnixMilliseconds: UInt64
        let members: [Member]

        struct Member: Decodable {
            let service: String
            let server: String
            let recorded: Side
            let preview: Side
        }

        struct Side: Decodable {
            let weight: Int
            let writes: Int
        }
    }

    private func answer(_ outcome: Control.Outcome) throws -> Answer {
        try JSONDecoder().decode(Answer.self, from: Data(outcome.output.utf8))
    }

    @Test func `a changed policy's weights stand beside those that were written`() async throws {
        let folder = try Scratch()
        try record(in: folder)
        try folder.write("same.yaml", "gain: 0.75\n")
        try folder.write("hard.yaml", "gain: 3\ninterval: 200ms\n")
        let same = try answer(
            await preview(folder, ["\(folder.path)/same.yaml", "--last", "60s", "-o", "json"]))
        #expect(same.ticks == 121)
        #expect(same.untilUnixMilliseconds - same.fromUnixMilliseconds == 60_000)
        #expect(same.members.map(\.service) == ["web", "web", "web"])
        #expect(same.members.allSatisfy { $0.recorded.weight == $0.preview.weight })
        #expect(same.members.allSatisfy { $0.recorded.writes == $0.preview.writes })

        let outcome = await preview(
            folder, ["\(folder.path)/same.yaml", "\(folder.path)/hard.yaml", "-o", "json"])
        let hard = try answer(outcome)
        #expect(outcome.status == .done && outcome.complaint == "")
        // There is no more than was recorded.
        #expect(hard.ticks == 239)
        let (r1, r3) = (try #require(hard.members.first), try #require(hard.members.last))
        #expect(r1.preview.weight > r1.recorded.weight)
        #expect(r3.preview.weight < r3.recorded.weight)
    }

    @Test func `the table says what it is based on, and that the recording is old`() async throws {
        let folder = try Scratch()
        try record(in: folder)
        try folder.write("hard.yaml", "gain: 2\n")
        let text = await preview(folder, ["\(folder.path)/hard.yaml", "--last", "1min"]).output
        let lines = text.split(separator: "\n")
        #expect(lines.first?.hasPrefix("MEMBER") == true)
        #expect(lines.dropFirst().prefix(3).map { $0.prefix(6) } == ["web/r1", "web/r2", "web/r3"])
        #expect(text.contains("From 121 ticks of "))
        #expect(text.contains("which are the 60 s up to 2026-11-23 12:02:00 UTC."))
        let screen = try preview(folder, ageSeconds: 61)
        #expect(screen.contains("The recording ended 61 s ago"))
        #expect(!(try preview(folder, ageSeconds: 60).contains("ended")))
    }

    private func preview(_ folder: Scratch, ageSeconds: UInt64) throws -> String {
        let recording = try NewestRecording(folder: "\(folder.path)/journal", seconds: 10)
        let preview = PolicyPreview(recording, policy: Policy(), services: [])
        return PolicyPreviewScreen(
            preview, folder: folder.path,
            now: preview.untilUnixNanoseconds + ageSeconds * 1_000_000_000
        ).text()
    }

    @Test func `a service that is named is previewed whatever policy it has`() async throws {
        let folder = try Scratch()
        try record(in: folder)
        try folder.write("hard.yaml", "gain: 2\n")
        let mail = try answer(
            await preview(
                folder, ["\(folder.path)/hard.yaml", "--service", "mail", "-o", "json"]))
        #expect(mail.members.map(\.service) == ["mail", "mail", "mail"])
        #expect(mail.members.contains { $0.recorded.weight != $0.preview.weight })
        let unknown = await preview(
            folder, ["\(folder.path)/hard.yaml", "--service", "wob"])
        #expect(unknown.status == .failed && unknown.complaint.contains("did you mean web?"))
    }

    @Test func `the journal's folder is the one of the master's file`() async throws {
        let folder = try Scratch()
        try record(in: folder)
        try folder.write("policy.yaml", "gain: 0.5\n")
        try folder.write("master.yaml", "version: 1\njournal:\n  folder: journal\n")
        let arguments = [
            "policy", "preview", "\(folder.path)/policy.yaml", "--config",
            "\(folder.path)/master.yaml",
        ]
        #expect(await poise(arguments, answers: [:]).status == .done)
        try folder.write("master.yaml", "version: 1\njournal:\n  folder: nowhere\n")
        let absent = await poise(arguments, answers: [:])
        #expect(absent.status == .failed && absent.complaint.contains("is the master running"))
    }

    @Test(arguments: [["--last", "5"], ["--last", "0s"], ["--last", "soon"], []])
    func `a wrong call is refused`(arguments: [String]) async throws {
        let folder = try Scratch()
        try folder.write("p.yaml", "gain: 0.5\n")
        let file = arguments.isEmpty ? [] : ["\(folder.path)/p.yaml"]
        #expect(await preview(folder, file + arguments).status == .usage)
    }

    @Test func `a file that is no policy is refused with its place`() async throws {
        let folder = try Scratch()
        try folder.write("p.yaml", "gian: 0.5\n")
        let outcome = await preview(folder, ["\(folder.path)/p.yaml"])
        #expect(outcome.status == .configurationInvalid)
        #expect(outcome.complaint.contains("p.yaml:1:1: error: unknown key \"gian\""))
    }
}
