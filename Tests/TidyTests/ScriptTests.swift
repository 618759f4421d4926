// Every script can be run, and says what it does.

import Foundation
import Testing

struct ScriptTests {
    let tree: Tree

    init() throws { tree = try Tree.ours.get() }

    private var scripts: [String] { tree.under("script/") + [".ci/run"] }

    @Test func `the scripts that people are told to run are there`() {
        for name in ["bootstrap", "build", "test", "lint", "lab", "demo"] {
            #expect(scripts.contains("script/\(name)"))
        }
        #expect(tree.exists(".ci/run"))
    }

    @Test func `every script is executable, and opens with its interpreter and its purpose`() throws
    {
        for path in scripts {
            let file = tree.root.appendingPathComponent(path).path
            #expect(FileManager.default.isExecutableFile(atPath: file), "\(path)")
            let lines = try tree.lines(path)
            #expect(lines.first?.hasPrefix("#!/") == true, "\(path)")
            let second = lines.dropFirst().first ?? ""
            #expect(second.hasPrefix("# ") || second.hasPrefix("\"\"\""), "\(path)")
        }
    }

    @Test func `every script answers --help with its usage`() throws {
        for path in scripts {
            let answer = try run(
                tree.root.appendingPathComponent(path).path, ["--help"], in: tree.root)
            #expect(answer.status == 0, "\(path): \(answer.output)")
            #expect(answer.output.lowercased().contains("usage: \(path)"), "\(path)")
        }
    }
}
