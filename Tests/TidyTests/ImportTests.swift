// Which target may import what: the pure ones stay pure, the agent stays small.

import Testing

struct ImportTests {
    let tree: Tree

    init() throws { tree = try Tree.ours.get() }

    /// Every import of a target's files, as a finding whose text is the module's name.
    private func imports(of target: String) throws -> [Finding] {
        try tree.findings(in: tree.under("Sources/\(target)/", suffix: ".swift")) { line in
            let words = line.split(separator: " ")
            guard let place = words.firstIndex(of: "import"), place <= 2, words.count > place + 1,
                words[..<place].allSatisfy({
                    $0.hasPrefix("@") || ["package", "internal", "private", "public"].contains($0)
                })
            else { return nil }
            return words.last.map { String($0.prefix { $0 != "." }) }
        }
    }

    @Test func `the protocol imports libsodium and prefetching, each in one file`() throws {
        let found = try imports(of: "Protocol")
        #expect(found.map(\.text).sorted() == ["CPrefetch", "CSodium"], "\(found)")
    }

    @Test func `the weighting imports the protocol and real functions, and nothing else`() throws {
        let found = try imports(of: "Weighting")
        #expect(found.filter { !["Protocol", "RealModule"].contains($0.text) } == [])
        #expect(found.contains { $0.text == "Protocol" })
    }

    /// The files of the journal that write to a disk or read from one.
    private static let edgeOfJournal = [
        "FolderClaim", "JournalFiles", "JournalWriter", "Recorder", "SegmentFiles",
    ].map { "Sources/Journal/\($0).swift" }

    @Test func `the journal knows of files and threads at its edge alone`() throws {
        let outside = try imports(of: "Journal").filter {
            !["Protocol", "Weighting"].contains($0.text)
        }
        #expect(outside.filter { !Self.edgeOfJournal.contains($0.path) } == [])
        #expect(outside.contains { $0.text == "Dispatch" })
    }

    @Test func `the simulation imports nothing but the pure core`() throws {
        let found = try imports(of: "Simulation")
        #expect(found.filter { !["Protocol", "RealModule", "Weighting"].contains($0.text) } == [])
        #expect(found.contains { $0.text == "Weighting" })
    }

    @Test(arguments: ["Agent", "Daemon", "Protocol"])
    func `what the agent is made of does without Foundation`(target: String) throws {
        let heavy = ["Foundation", "FoundationEssentials", "Dispatch", "Logging", "_Concurrency"]
        #expect(try imports(of: target).filter { heavy.contains($0.text) } == [])
    }

    /// What the pure targets would need an outside for: the time, chance, a terminal, a thread.
    private static let outside = [
        "Date(", ".now", "Task {", "Task.", "print(", "shuffled()", "randomElement()",
    ]

    /// The one file that speaks to libsodium, which makes new keys from the system's randomness.
    private static let cryptography = "Sources/Protocol/Cryptography.swift"

    @Test(arguments: ["Protocol", "Simulation", "Weighting"])
    func `the pure targets ask nobody for time, chance or output`(target: String) throws {
        let pure = tree.under("Sources/\(target)/", suffix: ".swift")
            .filter { $0 != Self.cryptography }
        let found = try tree.codeFindings(in: pure) { line in
            if line.contains("random("), !line.contains("using:") { return "unseeded random(" }
            return Self.outside.first { line.contains($0) }
        }
        #expect(found == [])
    }
}
