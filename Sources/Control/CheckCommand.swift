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
            outcome.output = Self.text(answer.report)
        }
        return outcome
    }

    /// A report, which quotes lines of files, with an end of line at its end.
    static func text(_ report: String) -> String {
        let text = report.split(separator: "\n", omittingEmptySubsequences: false)
            .map { printable(String($0)) }.joined(separator: "\n")
        return text.hasSuffix("\n") ? text : text + "\n"
    }
}
