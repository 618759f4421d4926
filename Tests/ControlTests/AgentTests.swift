// poise agent on real files, with a master that answers, refuses or is not there.

import Foundation
import Protocol
import Testing
import Weighting

@testable import Control

/// A folder with a master.yaml and the keys of two agents; gone when the test is over.
final class Director {
    let path: String
    let keys = (0..<8).map { key($0) }

    init(_ configuration: String = "version: 1\nagents: keys # of all\n") throws {
        path = FileManager.default.temporaryDirectory.appending(path: "poise-\(UUID())").path
        try FileManager.default.createDirectory(
            atPath: "\(path)/keys", withIntermediateDirectories: true)
        try write("master.yaml", configuration)
        try write("keys/r1.pub", "# web 1\n\(keys[1])\n")
        try write("keys/r2.pub", "\(keys[2])\n")
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    static func key(_ number: UInt8) -> PublicKey {
        SecretKey(bytes: [UInt8](repeating: number + 1, count: 32))?.publicKey
            ?? SecretKey.generate().publicKey
    }

    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
    }

    func text(_ name: String) -> String? {
        try? String(contentsOfFile: "\(path)/keys/\(name)", encoding: .utf8)
    }

    /// All but the lock, which stays.
    var files: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: "\(path)/keys")) ?? [])
            .filter { $0 != FolderLock.name }.sorted()
    }

    func agent(
        _ arguments: String..., reload: AdminAPI.Reload? = .init(refused: nil),
        inUse: PublicKey? = nil, knows others: [Snapshot.Agent] = [],
        absence: Control.Failure.Reason = .noSuchFile
    ) async -> Control.Outcome {
        await agent(arguments, reload: reload, inUse: inUse, knows: others, absence: absence)
    }

    /// Runs poise agent; `reload` is the master's answer, and no master is there without it.
    ///
    /// The master hears r1 with the key `inUse`, and knows others.
    func agent(
        _ arguments: [String], reload: AdminAPI.Reload? = .init(refused: nil),
        inUse: PublicKey? = nil, knows others: [Snapshot.Agent] = [],
        absence: Control.Failure.Reason = .noSuchFile
    ) async -> Control.Outcome {
        var snapshot = Sample.snapshot
        snapshot.agents =
            [
                .init(
                    name: "r1", accepted: 1, refusals: [:], reportAgeSeconds: 0.2,
                    keyInUse: inUse?.text)
            ] + others
        let answers: [String: any Encodable & Sendable] =
            reload.map { [AdminAPI.reloadPath: $0, AdminAPI.snapshotPath: snapshot] } ?? [:]
        var outcome = await poise(
            ["agent"] + arguments + ["--config", "\(path)/master.yaml"], answers: answers,
            absence: absence)
        outcome.output.replace("\(path)/", with: "")
        outcome.complaint.replace("\(path)/", with: "")
        return outcome
    }
}

@Suite struct AgentTests {
    @Test func `add makes the file, and the master reads it`() async throws {
        let director = try Director()
        let outcome = await director.agent("add", "r3", "\(director.keys[3])")
        #expect(
            outcome
                == Control.Outcome(
                    output: "r3 may report with \(director.keys[3].short)…, by keys/r3.pub.\n"
                        + "The master has read it.\n"))
        #expect(director.text("r3.pub") == "\(director.keys[3])\n")
        #expect(director.files == ["r1.pub", "r2.pub", "r3.pub"])
    }

    @Test func `with the master down the file is made all the same`() async throws {
        let director = try Director()
        let outcome = await director.agent("add", "r3", "\(director.keys[3])", reload: nil)
        #expect(outcome.status == .done)
        #expect(outcome.output.contains("it reads this when it starts"))
        #expect(director.text("r3.pub") == "\(director.keys[3])\n")
    }

    @Test func `a master that refuses its files is told of, with status 3`() async throws {
        let director = try Director()
        let outcome = await director.agent(
            "add", "r3", "\(director.keys[3])", reload: .init(refused: "the files were refused"))
        #expect(outcome.status == .configurationInvalid)
        #expect(outcome.complaint.contains("has not taken it: the files were refused. See `poise"))
    }

    private struct Refused {
        let name: String
        let key: String
        let status: Control.ExitStatus
        let words: String
    }

    @Test func `what the master would refuse is refused, and nothing is written`() async throws {
        let director = try Director()
        let good = director.keys[3].text
        let cut = String(good.dropLast())
        let taken = director.keys[2].text
        let refused = [
            Refused(name: "r/3", key: good, status: .usage, words: "it contains \"/\""),
            Refused(name: ".r3", key: good, status: .usage, words: "begin with a letter"),
            Refused(name: "r3", key: cut, status: .usage, words: "the end is missing"),
            Refused(name: "r3", key: cut + "1", status: .usage, words: "Copy the key again"),
            Refused(
                name: "r3", key: taken, status: .configurationInvalid,
                words: "Agents r3 and r2 have the same"),
            Refused(
                name: "r3", key: lowOrder, status: .configurationInvalid,
                words: "no private key belongs to"),
            Refused(name: "r1", key: good, status: .failed, words: "agent rotate r1 NEWKEY"),
        ]
        for refused in refused {
            let outcome = await director.agent("add", refused.name, refused.key)
            #expect(outcome.status == refused.status)
            #expect(outcome.complaint.contains(refused.words), "\(outcome.complaint)")
            #expect(director.files == ["r1.pub", "r2.pub"])
        }
    }

    /// A point that every private key makes the same of.
    private var lowOrder: String {
        PublicKey(bytes: [UInt8](repeating: 0, count: 32))?.text ?? ""
    }

    @Test func `rm removes an agent's file, and no other file`() async throws {
        let director = try Director()
        #expect(await director.agent("rm", "r2").output.hasPrefix("r2 may not report any more.\n"))
        #expect(director.files == ["r1.pub"])
        let outcome = await director.agent("rm", "../master")
        #expect(outcome.status == .failed)
        #expect(outcome.complaint.contains("there is no agent \"../master\""))
    }

    @Test func `a rotation keeps both keys until it is ended`() async throws {
        let director = try Director()
        let (old, new) = (director.keys[1], director.keys[3])
        let begun = await director.agent("rotate", "r1", "\(new)")
        #expect(begun.output.contains("\(new.short)… and \(old.short)…"))
        #expect(director.text("r1.pub") == "# web 1\n\(new)\n\(old)\n")
        let ended = await director.agent("rotate", "r1", "--finish", inUse: new)
        #expect(
            ended.output.contains("with \(new.short)… only; refused from now on:\n\(old.text)\n"))
        #expect(director.text("r1.pub") == "# web 1\n\(new)\n")
        #expect(director.files == ["r1.pub", "r2.pub"])
    }

    @Test func `a rotation that is undone leaves the old key`() async throws {
        let director = try Director()
        _ = await director.agent("rotate", "r1", "\(director.keys[3])")
        _ = await director.agent("rotate", "r1", "--undo")
        #expect(director.text("r1.pub") == "# web 1\n\(director.keys[1])\n")
        let outcome = await director.agent("rotate", "r1", "--undo")
        #expect(outcome.status == .failed)
        #expect(outcome.complaint.contains("one key, so there is nothing to undo, and nothing was"))
        #expect(director.text("r1.pub") == "# web 1\n\(director.keys[1])\n")
    }

    @Test func `four keys are all there may be`() async throws {
        let director = try Director()
        for number in 3...5 { _ = await director.agent("rotate", "r1", "\(director.keys[number])") }
        let before = director.text("r1.pub")
        let outcome = await director.agent("rotate", "r1", "\(director.keys[6])")
        #expect(outcome.status == .configurationInvalid)
        #expect(outcome.complaint.contains("rotate r1 --finish"))
        #expect(director.text("r1.pub") == before)
    }

    @Test func `rotate takes one of a key, finish and undo`() async throws {
        let director = try Director()
        for arguments in [["r1"], ["r1", "k", "--finish"], ["r1", "--finish", "--undo"]] {
            let outcome = await poise(["agent", "rotate"] + arguments)
            #expect(outcome.status == .usage)
            #expect(outcome.complaint.contains("NAME --finish"))
        }
        #expect(await director.agent("rotate", "r9", "--finish").status == .failed)
    }

    @Test func `the list has keys from the files and the rest from the master`() async throws {
        let director = try Director()
        _ = await director.agent("rotate", "r2", "\(director.keys[3])")
        _ = await director.agent("add", "r4", "\(director.keys[4])")
        var snapshot = Sample.snapshot
        snapshot.agents = [
            .init(
                name: "r1", accepted: 9, refusals: [:], reportAgeSeconds: 0.26,
                intervalMilliseconds: 500, state: "up", version: "0.1.0"),
            .init(name: "r2", accepted: 0, refusals: [:], reportAgeSeconds: nil),
            .init(
                name: "r9", accepted: 3, refusals: [:], reportAgeSeconds: 70, state: "draining"),
        ]
        let arguments = ["agent", "ls", "--config", "\(director.path)/master.yaml"]
        let answers = [AdminAPI.snapshotPath: snapshot]
        try expectGolden("agent-ls.txt", await poise(arguments, answers: answers).output)
        try expectGolden(
            "agent-ls.json", await poise(arguments + ["-o", "json"], answers: answers).output)
        let alone = await poise(arguments, answers: [:])
        #expect(alone.status == .done)
        #expect(alone.output.contains("r2     \(director.keys[3].short) \(director.keys[2].short)"))
        #expect(alone.complaint.contains("cannot reach the master"))
    }

    @Test(arguments: [
        ("version: 1\n", "agents"), ("agents: /a/b\n", "/a/b"), ("agents: \"a b\" # c\n", "a b"),
        ("x:\n  agents: no\nagents: 'k'\n", "k"), ("agents: k#1\n", "k#1"),
    ])
    func `the folder is the one that master.yaml names`(text: String, folder: String) throws {
        #expect(try MasterText(text, path: "f").agents() == folder)
    }

    @Test func `a master's file in braces or not there is refused`() async throws {
        let director = try Director("# all\n{version: 1, agents: k}\n")
        #expect(await director.agent("ls").complaint.contains("write a key a line"))
        let outcome = await poise(["agent", "ls", "--config", "/nowhere/master.yaml"])
        #expect(outcome.status == .failed)
        #expect(outcome.complaint.contains("there is no /nowhere/master.yaml"))
    }
}
