// poise events: lines for people, objects for programs, and what comes while it follows.

import Foundation
import Synchronization
import Testing
import Weighting

@testable import Control

@Suite struct EventsTests {
    private static let entries = [
        HappeningRing.Entry(
            number: 1, unixMilliseconds: 1_795_413_879_123,
            happening: Happening(.masterStarted, detail: "0.1.0")),
        HappeningRing.Entry(
            number: 2, unixMilliseconds: 1_795_413_881_000,
            happening: Happening(.follows, services: ["web"], servers: ["r1", "r2"])),
        HappeningRing.Entry(
            number: 3, unixMilliseconds: 1_795_413_999_999,
            happening: Happening(
                .agentSilent, servers: (0..<11).map { "r\($0)" },
                detail: "the newest report is stale")),
    ]
    private static let all = "\(AdminAPI.happeningsPath)?\(AdminAPI.afterKey)=0"

    @Test func `each event is a line with its time, its cause and what it is about`() async {
        let outcome = await poise(
            ["events"], answers: [Self.all: AdminAPI.Happenings(events: Self.entries)])
        #expect(
            outcome.output == """
                2026-11-23 06:04:39  master started      0.1.0
                2026-11-23 06:04:41  follows             web/r1,r2
                2026-11-23 06:06:39  agent silent        r0,r1,r2,r3,r4,r5,r6,r7 and 3 more  \
                the newest report is stale

                """)
        #expect(outcome.status == .done)
    }

    @Test func `programs get an object on each line`() async throws {
        let outcome = await poise(
            ["events", "-o", "json"], answers: [Self.all: AdminAPI.Happenings(events: Self.entries)]
        )
        let lines = outcome.output.split(separator: "\n")
        let decoded = try lines.map {
            try JSONDecoder().decode(HappeningRing.Entry.self, from: Data($0.utf8))
        }
        #expect(decoded == Self.entries)
    }

    @Test func `following prints what is new, also of a master that starts anew`() async throws {
        // What each question is answered with, and what was asked.
        let answers: [[HappeningRing.Entry]] = [
            Array(Self.entries[..<2]), [], Array(Self.entries[..<2]), [Self.entries[2]],
            [], [Self.entries[0]],
        ]
        let asked = Mutex<[String]>([])
        let printed = Mutex<[String]>([])
        let run = CommandLineRun(
            environment: { _ in nil }, isTerminal: false,
            fetch: { (socket, _, path) throws(Failure) in
                let count = asked.withLock { asked in
                    asked.append(path)
                    return asked.count
                }
                guard count <= answers.count,
                    let data = try? JSONEncoder().encode(
                        AdminAPI.Happenings(events: answers[count - 1]))
                else { throw .unreachable(socket: socket, .nobodyListens) }
                return [UInt8](data)
            }, pause: { _ in },
            pipe: Pipe(write: { text in
                printed.withLock { $0.append(text) }
                return true
            }))
        let outcome = await run.run(["events", "--follow"])
        // The master ended.
        #expect(outcome.status == .masterUnreachable)
        let numbers = asked.withLock { $0 }.compactMap { $0.split(separator: "=").last }
        #expect(numbers == ["0", "2", "0", "2", "3", "0", "1"])
        let lines = printed.withLock { $0.joined() }.split(separator: "\n")
        #expect(lines.count == 4)
        #expect(lines.last?.contains("master started") == true)
    }

    @Test(arguments: [
        (0, "1970-01-01 00:00:00"), (951_782_400, "2000-02-29 00:00:00"),
        (1_709_251_199, "2024-02-29 23:59:59"), (4_102_444_800, "2100-01-01 00:00:00"),
    ])
    func `a time is read as a date`(seconds: UInt64, text: String) {
        #expect(EventLine.time(seconds * 1000, isWide: false) == text)
        #expect(EventLine.time(seconds * 1000 + 7, isWide: true) == text + ".007")
    }
}
