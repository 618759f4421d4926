// The agent's file: what is understood, what is refused and with which words.

import CLinux
import Daemon
import Protocol
import Testing

@testable import Agent

private let publicKey = "poise-pk1-dzv54aopwockuw7vye4tbmbhmf3iiq3ku3irg2uy7yeqyoslsmfm4yvo"

@Test(
    arguments: [
        "keys", "metrics", "sections", "services", "shape", "sources", "times",
    ])
func `a broken file gives exact errors, all in one run`(name: String) throws {
    let text = try Golden.text(Golden.folder + "Broken/\(name).conf")
    let faults = try #require(throws: ConfigurationFaults.self) {
        try Configuration.decode(text, file: "agent.conf")
    }
    try Golden.expect(faults.text, in: Golden.folder + "Broken/\(name).txt")
}

@Test func `a small file gets the standard values`() throws {
    let configuration = try Configuration.decode(
        "[agent]\nmaster = 10.0.0.1:7817 \(publicKey)\n", file: "agent.conf")
    #expect(configuration.keyPaths == ["/etc/poise/agent.key"])
    #expect(configuration.intervalMilliseconds == 500)
    #expect(configuration.goodbyeReason == .agentRestart)
    #expect(configuration.masters.map(\.address.description) == ["10.0.0.1:7817"])
    #expect(configuration.masters.flatMap { $0.publicKeys.map(\.text) } == [publicKey])
    #expect(configuration.runFolder == "/run/poise")
    #expect(configuration.agentCheck == nil)
    #expect(configuration.host.standIn == nil)
    #expect(configuration.services.isEmpty)
}

@Test func `while keys change there are several, the newest first`() throws {
    let other = SecretKey.generate().publicKey
    let configuration = try Configuration.decode(
        """
        [agent]
        key = /b.key
        key = /a.key
        master = 10.0.0.1:7817 \(other) \t\(publicKey)
        """, file: "agent.conf")
    #expect(configuration.keyPaths == ["/b.key", "/a.key"])
    #expect(
        configuration.masters.map { $0.publicKeys.map(\.text) } == [[other.text, publicKey]])
}

@Test(arguments: [
    ("8989", "[::]:8989"), ("127.0.0.1:8989", "127.0.0.1:8989"), ("[fd00::1]:1", "[fd00::1]:1"),
])
func `agent-check takes a port, or an address with one`(text: String, place: String) throws {
    let configuration = try Configuration.decode(
        "[agent]\nmaster = 10.0.0.1:7817 \(publicKey)\nagent-check = \(text)\n", file: "f")
    #expect(configuration.agentCheck?.description == place)
}

@Test func `comments, blanks and carriage returns do not matter, quotes protect signs`() throws {
    let configuration = try Configuration.decode(
        """
        ; first\r
        \t[agent]   # second\r
        master=[fd00::1]:7817\t\(publicKey) ; third\r
          interval =  2s\r
        [service  web]
        prometheus = http://[::1]/metrics;x#y
        requests = r{code="5* # ; x"}
        """, file: "agent.conf")
    #expect(configuration.masters.map(\.address.description) == ["[fd00::1]:7817"])
    #expect(configuration.intervalMilliseconds == 2_000)
    #expect(configuration.services.map(\.name) == ["web"])
    let source = try #require(configuration.services[0].sources.first)
    guard case .metrics(let url, let metrics) = source.origin else {
        Issue.record("not a page of metrics")
        return
    }
    #expect(url.address.description == "[::1]:80")
    #expect(url.path == "/metrics;x#y")
    #expect(source.fields == [.requests])
    #expect(metrics == [try MetricSelector("r{code=\"5* # ; x\"}")])
}

@Test func `the example decodes, and with its commented keys it lists each key once`() throws {
    let text = try Golden.text(Golden.root + "deploy/examples/agent.conf")
    let asShipped = try Configuration.decode(text, file: "agent.conf")
    #expect(asShipped.host.standIn == nil)

    // A key that has no standard value stands there behind a # without a blank.
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let whole = lines.map { line in
        if line == "source = proc" { return "source = prometheus" }
        return line.hasPrefix("#") && !line.hasPrefix("# ") ? String(line.dropFirst()) : line
    }
    let complete = try Configuration.decode(
        whole.filter { !$0.hasPrefix("cgroup =") }.joined(separator: "\n"), file: "agent.conf")
    #expect(complete.host.standIn?.memoryAvailable != nil)
    #expect(Set(complete.services.flatMap { $0.sources.map(\.kind) }) == Set(SourceKind.allCases))

    let file = INIFile(text: whole.joined(separator: "\n"))
    let listed = file.sections.flatMap { section in
        section.entries.map { "\(section.kind).\($0.key)" }
    }
    #expect(listed == Setting.all.map { "\($0.section.rawValue).\($0.key)" })
    for section in INIFile(text: text).sections {
        for entry in section.entries {
            let setting = Setting.all.first {
                $0.key == entry.key && $0.section.rawValue == section.kind
            }
            if let standard = setting?.standard { #expect(entry.value == standard) }
        }
    }
}

@Test func `the page on the agent explains every key as the program does`() throws {
    let page = try Golden.text(Golden.root + "docs/agent.md")
    let lines = Set(page.split(separator: "\n").map(String.init))
    for setting in Setting.all {
        let form = setting.shape.form.split(separator: "|").joined(separator: "\\|")
        let standard = setting.standard.map { "`\($0)`" } ?? ""
        let row = "| `\(setting.key)` | \(form) | \(standard) | \(setting.help) |"
        #expect(lines.contains(row), "docs/agent.md lacks: \(row)")
    }
}

@Test func `help lists every key`() {
    for setting in Setting.all { #expect(Command.helpText.contains("    \(setting.key) = ")) }
}

@Test(arguments: [
    "m{", "m{a", "m{a=", "m{a=b}", "m{a=\"b}", "m{a=\"b\"", "m{a=\"b\"c=\"d\"}", "1m", "m n",
    "{a=\"b\"}", "m}",
])
func `a metric that is not written well is refused`(text: String) {
    #expect(throws: ValueFault.self) { try MetricSelector(text) }
}

@Test(arguments: [
    "127.0.0.1:80/metrics", "https://127.0.0.1/metrics", "http://localhost/metrics",
    "http://127.0.0.1:0/", "http://", "http:///metrics", "http://127.0.0.1/a b",
    "http://::1/metrics",
])
func `a URL that is not http with a numeric address is refused`(text: String) {
    #expect(PageURL(text) == nil)
}

@Test func `any text at all ends in a configuration or in errors with a place`() {
    let pieces = [
        "[agent]", "[", "]", "=", "key", "\n", " ", "\t", "#", "\"", "é", "\u{FFFD}", "host", "x=y",
    ]
    for seed in 0..<2_000 {
        var text = ""
        var state = UInt64(seed) &* 6_364_136_223_846_793_005 &+ 1
        for _ in 0..<12 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            text += pieces[Int(state >> 33) % pieces.count]
        }
        do throws(ConfigurationFaults) {
            _ = try Configuration.decode(text, file: "f")
        } catch {
            #expect(!error.problems.isEmpty)
            for problem in error.problems {
                #expect(problem.position.line >= 1 && problem.position.column >= 1)
            }
        }
    }
}
