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

    @Test func `following asks for what is new, and goes on with a master that starts anew`()
        async throws
    {
        // What each question is answered with: events of the master of that start, or nothing.
        let answers: [(start: UInt64, events: [HappeningRing.Entry])?] = [
            (7, Array(Self.entries[..<2])), (7, []), (7, [Self.entries[2]]), nil, nil, (7, []),
            // This one has more events already than were seen of the one before.
            (8, []), (8, Self.entries), (8, []),
        ]
        let asked = Mutex<[String]>([])
        let printed = Mutex<[String]>([])
        let complaints = Mutex<[String]>([])
        let run = CommandLineRun(
            environment: { _ in nil }, isTerminal: false,
            fetch: { (socket, _, path, _) throws(Failure) in
                let count = asked.withLock { asked in
                    asked.append(path)
                    return asked.count
                }
                // In the end somebody takes the right to ask.
                guard count <= answers.count else {
                    throw .unreachable(socket: socket, .notAllowed)
                }
                guard let answer = answers[count - 1],
                    let data = try? JSONEncoder().encode(
                        AdminAPI.Happenings(
                            events: answer.events, startUnixMilliseconds: answer.start))
                else { throw .unreachable(socket: socket, .nobodyListens) }
                return [UInt8](data)
            }, pause: { _ in },
            pipe: Pipe(
                write: { text in
                    printed.withLock { $0.append(text) }
                    return true
                }, complain: { text in complaints.withLock { $0.append(text) } }))
        let outcome = await run.run(["events", "--follow"])
        #expect(outcome.status == .masterUnreachable)
        let numbers = asked.withLock { $0 }.compactMap { $0.split(separator: "=").last }
        #expect(numbers == ["0", "2", "2", "3", "3", "3", "3", "0", "3", "3"])
        let lines = printed.withLock { $0.joined() }.split(separator: "\n")
        #expect(lines.count == 6)
        let told = complaints.withLock { $0.joined() }.split(separator: "\n")
        #expect(told.count == 4)
        #expect(told.first?.contains("the master has ended") == true)
        #expect(
            told.dropFirst() == [
                "poise: waiting for the master", "poise: the master answers again",
                "poise: the master was started anew",
            ])
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
