// poise check: would a reload take the configuration files as they are now?

internal import ArgumentParser
internal import Weighting

struct CheckCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks the master's configuration files as a reload would; changes nothing.")

    @OptionGroup var connection: Connection

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let answer = try await session.master.check()
        var outcome = Outcome(status: answer.ok ? .done : .configurationInvalid)
        switch output {
        case .json:
            outcome.output = try JSON.text(answer, isPretty: session.isTerminal)
        case .table, .wide:
            // The report quotes lines of files.
            outcome.output = answer.report.split(separator: "\n", omittingEmptySubsequences: false)
                .map { printable(String($0)) }.joined(separator: "\n")
            if !outcome.output.hasSuffix("\n") { outcome.output += "\n" }
        }
        return outcome
    }
}
