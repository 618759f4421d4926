// Two administrators who change the keys at once.

import Foundation
import Synchronization
import Testing

@testable import Control

/// The lock of a folder in another's hands.
private final class OtherAdministrator: Sendable {
    private let file: Mutex<Int32?>

    init(_ director: Director) throws {
        let file = open("\(director.path)/keys/\(FolderLock.name)", O_RDWR | O_CREAT, 0o600)
        try #require(flock(file, LOCK_EX | LOCK_NB) == 0)
        self.file = Mutex(file)
    }

    /// Does the last of their work, and goes.
    func finish(_ work: () -> Void) {
        file.withLock { file in
            guard let number = file else { return }
            work()
            close(number)
            file = nil
        }
    }

    deinit { finish {} }
}

@Suite struct AgentLockTests {
    @Test func `an edit waits for another one, and keeps what that one wrote`() async throws {
        let director = try Director()
        let (old, theirs, ours) = (director.keys[1], director.keys[3], director.keys[4])
        let other = try OtherAdministrator(director)
        let path = director.path
        let outcome = await poise(
            ["agent", "rotate", "r1", "\(ours)", "--config", "\(path)/master.yaml"],
            answers: [:],
            pause: { _ in
                other.finish {
                    try? "\(theirs)\n\(old)\n"
                        .write(toFile: "\(path)/keys/r1.pub", atomically: true, encoding: .utf8)
                }
            })
        #expect(outcome.status == .done)
        #expect(director.text("r1.pub") == "\(ours)\n\(theirs)\n\(old)\n")
    }

    @Test(arguments: [["rm", "r2"], ["rotate", "r1", "--undo"], ["add", "r3", "key"]])
    func `who waits in vain is told, and nothing is changed`(arguments: [String]) async throws {
        let director = try Director()
        let other = try OtherAdministrator(director)
        let waited = Mutex(0.0)
        let outcome = await poise(
            ["agent"] + arguments + ["--config", "\(director.path)/master.yaml"],
            pause: { seconds in waited.withLock { $0 += seconds } })
        #expect(outcome.status == .failed)
        #expect(outcome.complaint.contains("somebody else changes the keys in"))
        #expect(waited.withLock { (4.9...5.1).contains($0) })
        #expect(director.files == ["r1.pub", "r2.pub"])
        other.finish {}
        #expect(await director.agent("rm", "r2").status == .done)
    }

    @Test func `the lock is given back also when the edit is refused`() async throws {
        let director = try Director()
        #expect(await director.agent("rotate", "r1", "--undo").status == .failed)
        #expect(await director.agent("rm", "r2").status == .done)
        _ = try OtherAdministrator(director)
    }
}
