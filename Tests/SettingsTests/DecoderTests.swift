// The decoder's parts: values from text, suggestions, excerpts, patterns.

import Settings
import Testing
import Weighting

struct DecoderTests {
    /// The value of a text, or nothing, and what was reported.
    private func read<Value>(_ text: String, _ reading: Reading<Value>) -> (Value?, Problems) {
        let reporter = Reporter()
        let tree = TreeParser.parse(SourceText(path: "f", text: text), reporter: reporter)
        return (tree.flatMap { reading.read($0, reporter) }, reporter.problems)
    }

    @Test(arguments: [
        ("500ms", 0.5), ("5s", 5), ("0.1min", 6), ("\"5s\"", 5), ("100ms", 0.1), ("10s", 10),
    ])
    func `a duration is a number with its unit`(text: String, seconds: Double) {
        #expect(read(text, .duration(0.1...10)).0 == seconds)
    }

    @Test(arguments: [
        "5", "5 s", "s", "ms", "-5s", "+5s", "1e1s", ".5s", "5.s", "0x5s", "11s", "5h",
    ])
    func `other durations are refused`(text: String) {
        let (value, problems) = read(text, .duration(0.1...10))
        #expect(value == nil && problems.errorCount == 1)
    }

    @Test(arguments: [("5%", 0.05), ("0.05", 0.05), ("0%", 0), ("50%", 0.5), ("0.1%", 0.001)])
    func `a share is a percentage or a part of one`(text: String, share: Double) {
        #expect(read(text, .share(0...0.5)).0 == share)
    }

    @Test(arguments: ["5", "51%", "-1%", "5 %", "%", "a", "nan", "inf"])
    func `other shares are refused`(text: String) {
        let (value, problems) = read(text, .share(0...0.5))
        #expect(value == nil && problems.errorCount == 1)
    }

    @Test(arguments: ["1e1", "0x1", "inf", "nan", "-1", "+1", "1_0", "", "1,5", ".5", "\"1\""])
    func `numbers are written in decimal digits`(text: String) {
        #expect(read("[\(text)]", .oneOrMore(.number(0...100), most: 1)).0 == nil)
        #expect(read("[\(text)]", .oneOrMore(.whole(0...100), most: 1)).0 == nil)
    }

    @Test(arguments: [
        "no", "NO", "on", "y", "true", "null", "~", "17", "-1", "1.5", "1e3", "0x1F", "0o17",
        "1_000", "1:30", ".5", ".inf",
    ])
    func `a name that YAML reads as something else has to be quoted`(text: String) {
        #expect(read(text, .name).0 == nil)
    }

    @Test(arguments: ["web", "r1", "a-b_c.d", "10.0.0.11", "1st", "none", "\"no\"", "'17'"])
    func `a name is taken as it stands`(text: String) {
        let name = text.filter { $0 != "\"" && $0 != "'" }
        #expect(read(text, .name).0 == name)
    }

    @Test func `every standard value is one that the key itself takes`() {
        let reporter = Reporter()
        let tree = Tree(
            place: SourceText(path: "f", text: "").place(line: 1, column: 1), content: .map([]))
        _ = Section.read(tree, reporter: reporter) { section in
            for (knob, key) in zip(Policy.knobs, PolicyFile.keys) {
                #expect(section.value(key) == knob.standard)
            }
        }
        #expect(reporter.problems.isEmpty)
        #expect(PolicyFile.read(tree, reporter: reporter).policy == Policy())
    }

    @Test func `a policy's file names the resources that count`() {
        let reporter = Reporter()
        let text = SourceText(
            path: "f",
            text: "resources:\n  in_flight: 12.5\n  io_pressure: 40%\n  memory: 85%\n")
        let policy = TreeParser.parse(text, reporter: reporter)
            .map { PolicyFile.read($0, reporter: reporter).policy }
        #expect(reporter.problems.isEmpty)
        #expect(policy?.resources.inFlight == 12.5)
        #expect(policy?.resources.ioPressure == 0.4)
        #expect(policy?.resources.memory == 0.85)
        #expect(policy?.resources.serviceLoad == 0)
    }

    @Test func `a mistyped word finds the one that was meant`() {
        let known = ["rr", "wrr", "lc", "wlc", "sed", "scheduler"]
        #expect(Suggestion.nearest(to: "wlcc", in: known) == "wlc")
        #expect(Suggestion.nearest(to: "SED", in: known) == "sed")
        #expect(Suggestion.nearest(to: "shceduler", in: known) == "scheduler")
        #expect(Suggestion.nearest(to: "colour", in: known) == nil)
        #expect(Suggestion.nearest(to: String(repeating: "w", count: 100_000), in: known) == nil)
    }

    @Test(arguments: [
        ("web.yaml", "*.yaml", true), (".yaml", "*.yaml", true), ("web.yml", "*.yaml", false),
        ("web.yaml", "web.yaml", true), ("a1", "a?", true), ("a", "a?", false),
        ("aXbXc", "a*b*c", true), ("aXbX", "a*b*c", false), ("", "*", true), ("ab", "*a", false),
    ])
    func `a pattern matches whole names`(name: String, pattern: String, isMatch: Bool) {
        #expect(Files.matches(name, pattern) == isMatch)
    }

    @Test func `a caret stands under its place, after tabs and in long lines alike`() {
        let tabs = SourceText(path: "f", text: "\tkey: bad")
        #expect(tabs.place(line: 1, column: 7, length: 3).excerpt?.caret == "      | \t     ^~~")
        let long = SourceText(path: "f", text: String(repeating: "a", count: 5000) + "b!")
        let excerpt = long.place(line: 1, column: 5001, length: 9).excerpt
        #expect((excerpt?.line.count ?? .max) < 200)
        let at = excerpt?.caret.firstIndex(of: "^")
        #expect(at.flatMap { excerpt?.line[$0...] } == "b!")
    }

    @Test func `an excerpt has no bytes that a terminal obeys`() {
        let source = SourceText(path: "f", text: "a: \u{1B}[31m\u{9B}")
        #expect(source.place(line: 1, column: 1).excerpt?.line == "    1 | a: \u{FFFD}[31m\u{FFFD}")
    }

    @Test func `places past the end of the text still have an excerpt or none`() {
        let source = SourceText(path: "f", text: "ab")
        #expect(source.place(line: 1, column: 99, length: 99).excerpt?.caret == "      |   ^")
        #expect(source.place(line: 1, column: 0).excerpt?.caret == "      | ^")
        #expect(source.place(line: 7, column: 1).excerpt == nil)
    }

    @Test func `problems are counted and put in order`() {
        let reporter = Reporter()
        let (a, b) = (SourceText(path: "a", text: "x\ny"), SourceText(path: "b", text: "z"))
        reporter.warning(b.place(line: 1, column: 1), "third")
        reporter.error(a.place(line: 2, column: 1), "second", remedy: "mend it")
        reporter.error(path: "a", "first")
        #expect(
            reporter.problems.report == """
                a: error: first

                a:2:1: error: second
                    2 | y
                      | ^ mend it

                b:1:1: warning: third
                    1 | z
                      | ^

                2 errors and 1 warning in 2 files.

                """)
        #expect(Problems().report == "")
    }
}
