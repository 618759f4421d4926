// What wait-drained concludes from the answer of the running agent.

import Testing

@testable import Agent

private func status(_ lines: String...) throws -> DrainStatus {
    try #require(
        DrainStatus(text: "poise-agent drain 1\n" + lines.map { $0 + "\n" }.joined() + "end\n"))
}

@Test func `a service is drained when every master says that nothing is left`() throws {
    #expect(
        try status("web 10.0.0.1:7817 0 0 7", "web 10.0.0.2:7817 - - 9", "mail 10.0.0.1:7817 9 9 9")
            .answer(for: "web", noOlderThan: 9) == .drained)
}

@Test(arguments: [
    ("web 10.0.0.1:7817 0 1 0", "weight 0 and 1 connection by the master at 10.0.0.1:7817"),
    ("web 10.0.0.1:7817 7 0 0", "weight 7 and 0 connections by the master at 10.0.0.1:7817"),
    ("web 10.0.0.1:7817 - 2 0", "no weight and 2 connections by the master at 10.0.0.1:7817"),
    (
        "web 10.0.0.1:7817 0 - 0",
        "weight 0 and an unknown number of connections by the master at 10.0.0.1:7817"
    ),
    ("web 10.0.0.1:7817 silent", "the master at 10.0.0.1:7817 says nothing of web"),
    ("web 10.0.0.1:7817 0 0 501", "the master at 10.0.0.1:7817 has not answered yet"),
])
func `one master that does not say so is waited for`(line: String, reason: String) throws {
    let status = try status("web 10.0.0.2:7817 0 0 500", line)
    #expect(status.answer(for: "web", noOlderThan: 500) == .waits(for: [reason]))
}

@Test func `a service that the agent does not have is told, with those that it has`() throws {
    let status = try status("web 10.0.0.1:7817 0 0 0", "mail 10.0.0.1:7817 0 0 0")
    #expect(
        status.answer(for: "wbe", noOlderThan: 0) == .unknownService(known: ["mail", "web"]))
}

@Test func `the answer is read as it was written`() throws {
    let text = """
        poise-agent drain 1
        web 10.0.0.1:7817 100 17 499
        web [fd00::1]:7817 silent
        mail 10.0.0.1:7817 - - 0
        end

        """
    #expect(try #require(DrainStatus(text: text)).text == text)
}

@Test(arguments: [
    "", "poise-agent drain 1\n", "end\n", "poise-agent drain 2\nend\n",
    "poise-agent drain 1\nweb 10.0.0.1:7817 0 0 0\n", "poise-agent drain 1\nweb\nend\n",
    "poise-agent drain 1\nweb 10.0.0.1:7817 0 0\nend\n",
    "poise-agent drain 1\nweb 10.0.0.1:7817 0 0 -1\nend\n",
])
func `an answer that is cut or of another form is not believed`(text: String) {
    #expect(DrainStatus(text: text) == nil)
}
