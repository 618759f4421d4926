// The form of our files that no formatter checks.

import Foundation
import Testing

struct CodeTests {
    let tree: Tree
    let swift: [String]
    let sources: [String]

    init() throws {
        tree = try Tree.ours.get()
        swift = tree.paths.filter { $0.hasSuffix(".swift") && $0 != "Package.swift" }
        sources = swift.filter { $0.hasPrefix("Sources/") }
    }

    @Test func `a Swift file opens with a comment that says what it is for`() throws {
        let silent = try swift.filter { try tree.lines($0).first?.hasPrefix("// ") != true }
        #expect(silent == [])
    }

    @Test func `Swift is indented by spaces`() throws {
        #expect(try tree.findings(in: swift) { $0.contains("\t") ? "a tab" : nil } == [])
    }

    /// Files that stay long, and why.
    ///
    /// A file that is no longer long must leave this list.
    static let longFiles: [String: String] = [:]

    @Test func `a file past 300 lines has a reason`() throws {
        let code = tree.paths.filter { path in
            [".swift", ".py", ".c", ".h"].contains { path.hasSuffix($0) }
                || path.hasPrefix("script/")
        }
        let long = try code.filter { try tree.lines($0).count > 301 }
        #expect(Set(long) == Set(Self.longFiles.keys))
    }

    @Test func `nothing in the sources stops the process on a surprise`() throws {
        let traps = ["try!", "as!", "fatalError(", "preconditionFailure("]
        let found = try tree.codeFindings(in: sources) { line in
            traps.first { line.contains($0) }
        }
        #expect(found == [])
    }

    // Each is spelled in two halves, so that this file does not find itself.
    @Test func `no note to self and no path of one machine is left behind`() throws {
        let leftovers = ["FIX" + "ME", "TO" + "DO", "/wo" + "rk/", "/tmp/p" + "k"]
        let found = try tree.findings(in: tree.paths) { line in
            leftovers.first { line.contains($0) }
        }
        #expect(found == [])
    }

    @Test func `there are no empty folders`() throws {
        let holds = Set(
            tree.paths.flatMap { path in
                let parts = path.split(separator: "/")
                return parts.indices.map { parts[..<$0].joined(separator: "/") }
            })
        let empty = try ["Sources", "Tests", "docs", "deploy"].flatMap { top in
            try FileManager.default.subpathsOfDirectory(
                atPath: tree.root.appendingPathComponent(top).path
            ).map { "\(top)/\($0)" }
        }.filter { path in
            let kind = try FileManager.default.attributesOfItem(
                atPath: tree.root.appendingPathComponent(path).path)[.type]
            return kind as? FileAttributeType == .typeDirectory && !holds.contains(path)
                && !path.contains("__pycache__")
        }
        #expect(empty == [])
    }
}
