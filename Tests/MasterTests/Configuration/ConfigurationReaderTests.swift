// Reloads that come faster than files can be read: none is forgotten, and few are read.

import Protocol
import Synchronization
import Testing
import Weighting

@testable import Master

@Suite struct ConfigurationReaderTests {
    /// Plays the thread that reads, and whoever asks while it does.
    private final class Hand: Sendable {
        private let work = Mutex<[@Sendable () -> Void]>([])
        private let asking = Mutex<(reader: ConfigurationReader?, count: Int)>((nil, 0))
        private let read = Mutex<[Roster]>([])
        private let answered = Mutex<[Int]>([])

        /// What was known at each reading.
        var readings: [Roster] { read.withLock { $0 } }
        var answers: [Int] { answered.withLock { $0 } }

        func reader(_ folder: ConfigurationFolder, _ roster: Roster) -> ConfigurationReader {
            let path = "\(folder.path)/master.yaml"
            let reader = ConfigurationReader(
                roster,
                read: { [self] known in
                    read.withLock { $0.append(known) }
                    let (reader, count) = asking.withLock { asking in
                        defer { asking.count = 0 }
                        return asking
                    }
                    for _ in 0..<count { reader?.ask(.init()) }
                    return Configuration.load(path, reusing: known)
                },
                start: { [self] next in work.withLock { $0.append(next) } },
                deliver: { [self] _, asked in
                    let answers = asked.compactMap(\.answer)
                    answered.withLock { $0.append(answers.count) }
                    for answer in answers {
                        answer.resume(returning: AdminAPI.Reload(refused: nil))
                    }
                })
            asking.withLock { $0.reader = reader }
            return reader
        }

        /// Has so many ask during the next reading.
        func askDuringReading(_ count: Int) { asking.withLock { $0.count = count } }

        /// Does what waits, and what comes of it; false when nothing does.
        @discardableResult
        func workOff() -> Bool {
            var isIdle = true
            while let next = work.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                isIdle = false
                next()
            }
            return !isIdle
        }

        func forget() { asking.withLock { $0.reader = nil } }
    }

    private func rig() throws -> (ConfigurationFolder, Hand, ConfigurationReader) {
        let folder = try ConfigurationFolder()
        let hand = Hand()
        let roster = try #require(folder.load().configuration).roster
        return (folder, hand, hand.reader(folder, roster))
    }

    @Test func `ten requests before a reading make one, and ten during it one more`() throws {
        let (_, hand, reader) = try rig()
        defer { hand.forget() }
        hand.askDuringReading(10)
        for _ in 0..<10 { reader.ask(.init()) }
        hand.workOff()
        #expect(hand.readings.count == 2)
        // And nothing is stuck.
        reader.ask(.init())
        hand.workOff()
        #expect(hand.readings.count == 3)
        #expect(!hand.workOff())
    }

    @Test func `everybody who waits is answered once`() async throws {
        let (_, hand, reader) = try rig()
        defer { hand.forget() }
        let answers = await withTaskGroup(of: AdminAPI.Reload?.self) { group in
            for _ in 0..<20 {
                group.addTask {
                    await withCheckedContinuation { reader.ask(.init(answer: $0)) }
                }
            }
            while hand.answers.reduce(0, +) < 20 {
                hand.workOff()
                await Task.yield()
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers == Array(repeating: AdminAPI.Reload(refused: nil), count: 20))
        #expect(hand.readings.count == hand.answers.count)
    }

    @Test func `what keys agreed on is used again, also after files that were refused`() throws {
        let (folder, hand, reader) = try rig()
        defer { hand.forget() }
        let first = try #require(folder.load().configuration).roster
        try folder.write("agents/r2.pub", "\(SecretKey.generate().publicKey)\n")
        let second = try #require(folder.load().configuration).roster
        reader.ask(.init())
        hand.workOff()
        try folder.write("policy.yaml", "deadband: nonsense\n")
        for _ in 0..<2 {
            reader.ask(.init())
            hand.workOff()
        }
        #expect(hand.readings == [first, second, second])
    }
}
