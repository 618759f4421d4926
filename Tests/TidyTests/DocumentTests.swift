// Our pages: links lead somewhere, and every setting is explained.

import Testing
import Weighting

struct DocumentTests {
    let tree: Tree
    let pages: [String: Markdown]

    init() throws {
        let tree = try Tree.ours.get()
        self.tree = tree
        pages = try Dictionary(
            uniqueKeysWithValues: tree.under("", suffix: ".md").map {
                ($0, Markdown(lines: try tree.lines($0)))
            })
    }

    @Test func `every link within the repository leads to a file and a heading`() {
        let broken = pages.flatMap { path, page in
            page.links.filter { !leadsSomewhere($0.target, from: path) }
                .map { Finding(path: path, line: $0.line, text: $0.target) }
        }
        #expect(broken == [])
    }

    private func leadsSomewhere(_ target: String, from path: String) -> Bool {
        if target.contains("://") || target.hasPrefix("mailto:") { return true }
        let parts = target.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let file = parts[0].isEmpty ? path : resolve(String(parts[0]), from: path)
        guard let file, tree.exists(file) else { return false }
        guard parts.count == 2 else { return true }
        return pages[file]?.anchors.contains(String(parts[1])) == true
    }

    /// A relative path from the root; nothing when it leaves the repository.
    private func resolve(_ relative: String, from path: String) -> String? {
        var folders = path.split(separator: "/").dropLast().map(String.init)
        for part in relative.split(separator: "/") {
            switch part {
            case ".": continue
            case "..": guard folders.popLast() != nil else { return nil }
            default: folders.append(String(part))
            }
        }
        return folders.joined(separator: "/")
    }

    @Test func `every path of ours that a page names exists`() {
        let tops = ["script/", "Sources/", "Tests/", "Lab/", "docs/", "deploy/", ".ci/"]
        // A change log also names what is gone.
        let missing = pages.filter { $0.key != "CHANGELOG.md" }.flatMap { path, page in
            page.codeSpans.compactMap { span -> Finding? in
                let name = String(span.target.prefix { $0 != " " })
                guard tops.contains(where: name.hasPrefix), !name.contains("*"),
                    !tree.exists(name)
                else { return nil }
                return Finding(path: path, line: span.line, text: name)
            }
        }
        #expect(missing == [])
    }

    @Test func `every section of the protocol that a file cites exists`() throws {
        let page = try #require(pages["Sources/Protocol/PROTOCOL.md"])
        let sections = Set(
            page.headings.compactMap { $0.title.prefixMatch(of: /(\d+(\.\d+)*)/).map { $0.1 } })
        let citing =
            tree.under("Sources/", suffix: ".swift") + tree.under("Tests/", suffix: ".swift")
        let wrong = try citing.flatMap { path in
            try tree.lines(path).enumerated().flatMap { index, line in
                line.matches(of: /PROTOCOL\.md §(\d+(\.\d+)*)/).filter { !sections.contains($0.1) }
                    .map { Finding(path: path, line: index + 1, text: String($0.0)) }
            }
        }
        #expect(wrong == [])
    }

    @Test func `every knob of the policy has a row with its key, default, bounds and help`() throws
    {
        let rows = try tree.lines("docs/policy.md")
        let wanted = Policy.knobs.map { knob in
            let range =
                "\(text(knob.allowed.lowerBound, knob.unit))"
                + " … \(text(knob.allowed.upperBound, knob.unit))"
            return "| `\(knob.key)` | \(text(knob.standard, knob.unit)) | \(range) | \(knob.help) |"
        }
        #expect(wanted.filter { !rows.contains($0) } == [])
        #expect(rows.filter { $0.hasPrefix("| `") && $0.contains(" … ") }.count == wanted.count)
    }

    /// A value as the policy file takes it.
    private func text(_ value: Double, _ unit: Policy.Knob.Unit) -> String {
        switch unit {
        case .seconds: value < 1 ? "\(plain(value * 1000))ms" : "\(plain(value))s"
        case .share: "\(plain(value * 100))%"
        case .factor: plain(value)
        }
    }

    private func plain(_ value: Double) -> String {
        let rounded = (value * 1e6).rounded() / 1e6
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }

    /// Every word between backquotes in docs.
    private var explained: Set<String> {
        Set(
            pages.filter { $0.key.hasPrefix("docs/") }.values
                .flatMap { $0.codeSpans.map(\.target) }
                .flatMap { $0.split(whereSeparator: { !isPartOfKey($0) }).map(String.init) })
    }

    @Test func `every key of the examples is explained in docs`() throws {
        let explained = explained
        let examples = tree.under("deploy/examples/").filter { path in
            [".yaml", ".conf"].contains { path.hasSuffix($0) }
        }
        #expect(!examples.isEmpty)
        let silent = try examples.flatMap { path in
            try tree.lines(path).enumerated().flatMap { index, line in
                keys(of: line, isYAML: path.hasSuffix(".yaml")).filter { !explained.contains($0) }
                    .map { Finding(path: path, line: index + 1, text: $0) }
            }
        }
        #expect(silent == [])
    }

    @Test func `every key of the agent's file is explained in docs`() throws {
        let text = try tree.lines("Sources/Agent/Setting.swift").joined(separator: "\n")
        let keys = text.matches(of: /key: "([a-z-]+)"/).map { String($0.1) }
        #expect(keys.count > 10)
        #expect(keys.filter { !explained.contains($0) } == [])
    }

    @Test func `every key of the master's files and of tests is explained in docs`() throws {
        let folders = ["Sources/Master/Configuration/", "Sources/Settings/"]
        let files =
            folders.flatMap { tree.under($0, suffix: ".swift") }
            + ["Sources/Control/PolicyTestFile.swift"]
        let text = try files.flatMap(tree.lines).joined(separator: "\n")
        let paths = text.matches(of: /(?:Key<[^(]*|Group)\(\s*"([A-Za-z_.]+)"/).map { $0.1 }
        let keys = paths.compactMap { $0.split(separator: ".").last.map(String.init) }
        #expect(keys.count > 15)
        #expect(keys.filter { !explained.contains($0) } == [])
    }

    private func isPartOfKey(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_" || character == "-"
    }

    /// Keys that a line of an example sets.
    private func keys(of line: String, isYAML: Bool) -> [String] {
        let code = line.prefix { $0 != "#" }
        let found =
            isYAML
            ? code.matches(of: /(?:^|[{,-]) *([a-z_]+):(?: |$)/).map { String($0.1) }
            : code.matches(of: /^([a-z_-]+) *=/).map { String($0.1) }
        return found.filter { !Self.exampleNames.contains($0) }
    }

    /// Names of services in the examples.
    private static let exampleNames: Set<String> = ["web", "mail", "dns", "phone"]

    @Test func `the change log begins with what is not released`() throws {
        let page = try #require(pages["CHANGELOG.md"])
        #expect(page.headings.first?.title == "Changelog")
        #expect(page.headings.dropFirst().first?.title == "[Unreleased]")
    }
}
