// poise import: a file of each program, against golden files that a person can read.

import Foundation
import Testing

@testable import Control

/// Runs `poise import` on files that stand nowhere.
func importing(_ arguments: [String], files: [String: String]) async -> Outcome {
    var run = CommandLineRun(
        environment: { _ in nil }, isTerminal: false,
        fetch: { (socket, _, _, _) throws(Failure) in
            throw .unreachable(socket: socket, .noSuchFile)
        }, pause: { _ in })
    run.files = ImportFiles(
        read: { path in files[path] },
        matching: { pattern in
            let ending = pattern.drop { $0 != "*" }.dropFirst()
            let start = pattern.prefix { $0 != "*" }
            return files.keys.filter { $0.hasPrefix(start) && $0.hasSuffix(ending) }.sorted()
        })
    return await run.run(["import"] + arguments)
}

/// The files of Golden/import, by their paths there.
let importSamples: [String: String] = {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "Golden/import")
    var files: [String: String] = [:]
    for name in [
        "keepalived.conf", "conf.d/a-groups.conf", "conf.d/b-checks.conf", "ldirectord.cf",
        "hosts", "ipvsadm.rules",
    ] {
        files[name] = try? String(contentsOf: folder.appending(path: name), encoding: .utf8)
    }
    files["/etc/services"] = try? String(
        contentsOf: folder.appending(path: "services"), encoding: .utf8)
    return files
}()

struct ImportTests {
    private static let calls = [
        ("keepalived", ["keepalived.conf", "--config-id", "lb1"]),
        ("ldirectord", ["ldirectord.cf", "--hosts", "hosts"]),
        ("ipvsadm", ["ipvsadm.rules"]),
    ]

    @Test(arguments: calls)
    func `a file becomes ours, and what has no counterpart a comment`(
        name: String, arguments: [String]
    ) async throws {
        let outcome = await importing(arguments, files: importSamples)
        try expectGolden("import/\(name).yaml", outcome.output)
        try expectGolden("import/\(name).txt", outcome.complaint)
        // Each of the three has something in it that cannot be taken.
        #expect(outcome.status == .failed)
    }

    @Test(arguments: calls)
    func `beside who makes the services, only names, places and capacities are written`(
        name: String, arguments: [String]
    ) async throws {
        let outcome = await importing(arguments + ["--manage", "weights"], files: importSamples)
        try expectGolden("import/\(name)-weights.yaml", outcome.output)
    }

    @Test func `a file whose program nobody can tell is not guessed`() async {
        let files = ["some.conf": "interface eth0\n", "rules": "-A -t 10.0.0.1:80 -s rr\n"]
        #expect(await importing(["some.conf"], files: files).status == .usage)
        #expect(await importing(["rules"], files: files).output.contains("scheduler: rr"))
        let absent = await importing(["keepalived.conf"], files: files)
        #expect(absent.status == .failed)
        #expect(absent.complaint == "poise: there is no keepalived.conf\n")
    }

    @Test func `a sorry server that is a member stays a member alone`() async {
        let text = """
            virtual=10.0.0.1:80
            \treal=10.0.1.1:80 gate
            \tfallback=10.0.1.1:80 gate

            """
        let outcome = await importing(["ldirectord.cf"], files: ["ldirectord.cf": text])
        #expect(outcome.status == .done)
        #expect(!outcome.output.contains("sorry:"))
        #expect(outcome.output.contains("# ldirectord.cf:3: 10.0.1.1:80 is a server of this"))
    }

    @Test func `files are written to a folder, and none is replaced`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "poise-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let call = ["rules", "--output", folder.path]
        let files = ["rules": "-A -t 10.0.0.1:80 -s rr\n-a -t 10.0.0.1:80 -r 10.0.1.1:80 -m\n"]
        let first = await importing(call, files: files)
        #expect(first.status == .done)
        let path = folder.appending(path: "ipvsadm.yaml")
        #expect(first.output == "\(path.path)\n")
        #expect(try String(contentsOf: path, encoding: .utf8).contains("10.0.0.1-80-tcp:"))
        #expect(await importing(call, files: files).status == .failed)
    }

    @Test func `more services than one file may hold go into several`() async throws {
        var rules = ""
        for service in 0..<200 {
            rules += "-A -f \(service + 1) -s wlc\n"
            for server in 0..<100 {
                rules += "-a -f \(service + 1) -r 10.1.\(service).\(server):8080 -m -w 7\n"
            }
        }
        let outcome = await importing(["ipvsadm.rules"], files: ["ipvsadm.rules": rules])
        #expect(outcome.status == .done)
        #expect(outcome.output.components(separatedBy: "\nservices:\n").count == 2)
        #expect(outcome.output.components(separatedBy: "{name: ").count == 20_001)
    }
}
