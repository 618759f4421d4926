// poise policy check: is each file a policy? Every problem in one run.

internal import ArgumentParser
internal import Settings
internal import Weighting

struct PolicyCheckCommand: Act {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks policies' files; reads nothing else and changes nothing.",
        discussion: "Exit status: 0 when all are valid, 3 when one is not.")

    @Argument(help: ArgumentHelp("The files.", valueName: "file"))
    var files: [String]

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let reporter = Reporter()
        for path in files {
            guard let tree = TreeFile.read(path, reporter: reporter) else { continue }
            _ = PolicyFile.read(tree, reporter: reporter)
        }
        let problems = reporter.problems
        let isValid = problems.errorCount == 0
        var outcome = Outcome(status: isValid ? .done : .configurationInvalid)
        switch output {
        case .json:
            let answer = CheckAnswer(
                ok: isValid, errors: problems.errorCount, warnings: problems.warningCount,
                report: problems.report)
            outcome.output = try JSON.text(answer, isPretty: session.isTerminal)
        case .table, .wide:
            let valid = isValid ? "valid: \(Problems.count(files.count, "policy file"))\n" : ""
            outcome.output = problems.printableReport + valid
        }
        return outcome
    }
}
