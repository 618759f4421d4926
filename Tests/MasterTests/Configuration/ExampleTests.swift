// The example files show every key that is declared, each with its help above it.

import Foundation
import Protocol
import Settings
import Testing
import Weighting

@testable import Master

struct ExampleTests {
    private static let examples = ConfigurationFolder.tests.deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "deploy/examples")

    private func example(_ name: String) throws -> SourceText {
        let url = Self.examples.appending(path: name)
        return SourceText(path: name, text: try String(contentsOf: url, encoding: .utf8))
    }

    /// A key of an example: its path, and where it stands.
    private struct Shown {
        let path: String
        let entry: Tree.Entry
    }

    private func shown(in source: SourceText) throws -> [Shown] {
        let reporter = Reporter()
        let tree = try #require(TreeParser.parse(source, reporter: reporter))
        #expect(reporter.problems.isEmpty)
        return shown(in: tree, below: [])
    }

    private func shown(in tree: Tree, below path: [String]) -> [Shown] {
        switch tree.content {
        case .scalar, .nothing, .refused: return []
        case .list(let elements): return elements.flatMap { shown(in: $0, below: path) }
        case .map(let entries):
            return entries.flatMap { entry in
                let isNamed = path == ["services"]
                let path = path + [isNamed ? "NAME" : entry.key.text]
                let here = Shown(path: path.joined(separator: "."), entry: entry)
                return (isNamed ? [] : [here]) + shown(in: entry.value, below: path)
            }
        }
    }

    /// The comment lines right above a line, as one text.
    private func comment(above line: Int, in source: SourceText) -> String {
        var texts: [Substring] = []
        for line in source.lines[..<(line - 1)].reversed() {
            let text = line.drop { $0 == " " || $0 == "-" }
            guard text.hasPrefix("# ") else { break }
            texts.insert(text.dropFirst(2), at: 0)
        }
        return texts.joined(separator: " ")
    }

    private func expectAll(_ entries: [KeyEntry], in name: String) throws {
        let source = try example(name)
        let shown = try shown(in: source)
        #expect(Set(shown.map(\.path)) == Set(entries.map(\.path)), "\(name)")
        for entry in entries {
            let first = try #require(shown.first { $0.path == entry.path })
            #expect(comment(above: first.entry.place.line, in: source) == entry.help)
        }
        #expect(source.lines.allSatisfy { $0.count <= 100 })
    }

    @Test func `master.yaml shows every key with its help and its standard value`() throws {
        try expectAll(MasterKeys.entries, in: "master.yaml")
        let source = try example("master.yaml")
        for shown in try shown(in: source) {
            guard let entry = MasterKeys.entries.first(where: { $0.path == shown.path }),
                let standard = entry.standard
            else { continue }
            let line = source.lines[shown.entry.place.line - 1]
            #expect(line.hasSuffix("\(entry.name): \(standard)"))
        }
    }

    @Test func `a file of services shows every key with its help`() throws {
        try expectAll(ServicesKeys.entries, in: "services.d/web.yaml")
    }

    @Test func `policy.yaml shows every knob with its help and its standard value`() throws {
        let entries =
            PolicyFile.keys.map(\.entry)
            + ["limits", "errors"].map { KeyEntry(path: $0, standard: nil, help: "") }
            + [
                KeyEntry(
                    path: "resources", standard: nil,
                    help: "What counts as load beside the processor; the fullest decides.")
            ]
        try expectAll(entries, in: "policy.yaml")
        let reporter = Reporter()
        let source = try example("policy.yaml")
        for (knob, key) in zip(Policy.knobs, PolicyFile.keys) {
            let line = "\(key.entry.name): \(knob.text(knob.standard))"
            #expect(source.lines.contains { $0.drop { $0 == " " } == line })
        }
        let tree = try #require(TreeParser.parse(source, reporter: reporter))
        #expect(PolicyFile.read(tree, reporter: reporter).policy == Policy())
    }

    /// What the checks of the example show to servers that ask for it.
    private func makeCertificate(in folder: ConfigurationFolder) throws {
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        openssl.arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", folder.path + "/services.d/client.key",
            "-out", folder.path + "/services.d/client.pem",
            "-subj", "/CN=director",
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
        #expect(openssl.terminationStatus == 0)
    }

    @Test func `the example files load without a problem`() throws {
        let folder = try ConfigurationFolder()
        for name in ["services.d/mail.yaml", "agents/r1.pub", "agents/r2.pub"] {
            try folder.remove(name)
        }
        for name in ["master.yaml", "policy.yaml", "policies.d/calm.yaml", "services.d/web.yaml"] {
            try folder.write(name, try example(name).text)
        }
        for server in ["r1", "r2", "r3"] {
            try folder.write("agents/\(server).pub", SecretKey.generate().publicKey.text + "\n")
        }
        try makeCertificate(in: folder)
        let loaded = folder.load()
        #expect(folder.report(loaded) == "")
        let services = try #require(loaded.configuration).cluster.services
        #expect(services.map(\.name) == ["web", "phone", "dns", "mail"])
        #expect(services.map(\.policy?.gain) == [0.4, nil, nil, nil])
    }
}
