// The command line.

import Testing

@testable import Agent

@Test func `without arguments the agent reports by its standard file`() throws {
    #expect(try Command(arguments: []) == .run(config: "/etc/poise/agent.conf"))
}

@Test func `every use of the program is understood`() throws {
    #expect(try Command(arguments: ["--config", "/a"]) == .run(config: "/a"))
    #expect(try Command(arguments: ["--check", "--config", "/a"]) == .check(config: "/a"))
    #expect(
        try Command(arguments: ["--once", "--json", "--config", "/a"])
            == .once(config: "/a", json: true))
    #expect(try Command(arguments: ["keygen"]) == .keygen(path: nil))
    #expect(try Command(arguments: ["keygen", "/k"]) == .keygen(path: "/k"))
    #expect(
        try Command(arguments: ["wait-drained", "web"])
            == .waitDrained(
                config: "/etc/poise/agent.conf", service: "web", timeoutMilliseconds: 600_000))
    #expect(
        try Command(arguments: ["wait-drained", "--timeout", "30", "--config", "/a", "web"])
            == .waitDrained(config: "/a", service: "web", timeoutMilliseconds: 30_000))
    #expect(
        try Command(arguments: ["wait-drained", "web", "--timeout", "1500ms"])
            == .waitDrained(
                config: "/etc/poise/agent.conf", service: "web", timeoutMilliseconds: 1_500))
    #expect(try Command(arguments: ["--version"]) == .version)
    #expect(try Command(arguments: ["--check", "--help"]) == .help)
}

@Test(arguments: [
    ["--config"], ["--json"], ["--check", "--once"], ["--chek"], ["/etc/poise/agent.conf"],
    ["keygen", "/a", "/b"], ["keygen", "--force"], ["wait-drained"],
    ["wait-drained", "web", "mail"], ["wait-drained", "web", "--timeout"],
    ["wait-drained", "web", "--timeout", "soon"], ["wait-drained", "--force"],
])
func `a command line that makes no sense is refused`(arguments: [String]) {
    #expect(throws: UsageError.self) { try Command(arguments: arguments) }
}

@Test func `a mistyped flag is told with the one that was meant`() {
    #expect(throws: UsageError(message: "unknown argument \"--chekc\"; did you mean --check?")) {
        try Command(arguments: ["--chekc"])
    }
}
