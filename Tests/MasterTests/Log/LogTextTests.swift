// Lines and journal fields, and what hostile or endless text becomes in them.

import Logging
import Testing

@testable import Master

@Suite struct LogTextTests {
    @Test func `a line holds level, message and the entries in order of their keys`() {
        let line = LogText.line(
            .warning, "no report", ["server": "r1", "age": "\(7.5)", "agents": ["r1", "r2"]])
        #expect(line == "WARNING no report age=7.5 agents=\"[\\\"r1\\\", \\\"r2\\\"]\" server=r1\n")
    }

    @Test(arguments: [
        ("plain", "plain"), ("", #""""#), ("two words", #""two words""#), ("a=b", #""a=b""#),
        (#"say "x""#, #""say \"x\"""#), (#"back\slash"#, #""back\\slash""#),
        ("a\nb", #""a\nb""#), ("\u{1B}[31m", #""\u{1b}[31m""#), ("größe", "größe"),
    ])
    func `a value is one word or in quotes`(value: String, expected: String) {
        #expect(LogText.line(.info, "m", ["k": "\(value)"]) == "INFO m k=\(expected)\n")
    }

    @Test func `a message cannot start a line of its own or reach the terminal`() {
        let line = LogText.line(.error, "first\nERROR second\u{1B}[2J", [:])
        #expect(line == "ERROR first\\nERROR second\\u{1b}[2J\n")
    }

    @Test func `a value is cut at a whole character`() {
        let letters = String(repeating: "a", count: LogText.valueLimit - 1)
        let fields = LogText.fields(.info, "m", ["k": "\(letters)é"])
        #expect(fields.last == "POISE_K=\(letters)…")
        #expect(LogText.fields(.info, "m", ["k": "\(letters)e"]).last == "POISE_K=\(letters)e")
    }

    @Test func `the number of entries has a limit`() {
        let many = Dictionary(
            uniqueKeysWithValues: (0..<100).map { ("key\($0)", Logger.MetadataValue("x")) })
        #expect(LogText.fields(.info, "m", many).count == 3 + LogText.entryLimit)
    }

    @Test func `the journal gets message, priority, identifier and a field for each entry`() {
        let fields = LogText.fields(.notice, "two\nlines", ["real-server": "r 1"])
        #expect(
            fields == [
                "MESSAGE=two\nlines", "PRIORITY=5", "SYSLOG_IDENTIFIER=poise-master",
                "POISE_REAL_SERVER=r 1",
            ])
    }

    @Test func `a field's name is one that journald takes`() {
        #expect(LogText.fieldName("größe=1") == "POISE_GR____E_1")
        #expect(LogText.fieldName(String(repeating: "x", count: 99)).utf8.count == 64)
    }

    @Test func `levels have the priorities of syslog`() {
        #expect(Logger.Level.allCases.map(\.priority) == [7, 7, 6, 5, 4, 3, 2])
    }
}
