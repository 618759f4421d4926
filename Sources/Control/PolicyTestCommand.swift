// poise policy test: does a policy do what its tests say?

internal import ArgumentParser
internal import Settings
internal import Weighting

struct PolicyTestCommand: Act {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Runs files of tests for policies.",
        discussion: """
            A test is a service whose members do, interval after interval, what its series say; \
            what is expected are weights, shares and reasons at times. docs/policy.md has the \
            format. Exit status: 0 all passed, 1 one failed, 3 a file is not valid.
            """)

    @Argument(help: ArgumentHelp("The files of tests.", valueName: "file"))
    var files: [String]

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let reporter = Reporter()
        let read = files.compactMap { path in
            PolicyTestFile(path, reporter: reporter).map { (path, $0) }
        }
        guard reporter.errorCount == 0 else { throw .invalid(reporter.problems.printableReport) }
        var output = ""
        var (passed, failed) = (0, 0)
        for (path, file) in read {
            for test in file.tests {
                var run = PolicyTestRun(test, policy: file.policy)
                let failures = run.failures()
                let name = "\(printable(path)): \(printable(test.name))"
                if failures.isEmpty {
                    passed += 1
                    output += "PASS  \(name)\n"
                } else {
                    failed += 1
                    output += session.style.paint("FAIL", .red) + "  \(name)\n\n"
                    output += failures.map(\.text).joined(separator: "\n") + "\n"
                }
            }
        }
        let ending = failed > 0 ? "\(failed) failed, \(passed) passed" : "\(passed) passed"
        return Outcome(output: "\(output)\(ending)\n", status: failed > 0 ? .failed : .done)
    }
}

extension PolicyTestFailure {
    /// `file:line:column: error: …`, the line with a caret, and why the weight is what it is.
    fileprivate var text: String {
        let problem = Problem(
            severity: .error, path: place.source.path, place: place, message: found,
            remedy: "\(expected) is expected")
        let head = problem.text.split(separator: "\n").map { printable(String($0)) }
        let why = "    why: \(printable(verdict.reason.text)) (\(verdict.reason.code))"
        let steps = chain.map(ExplainScreen.lines) ?? []
        return (head + [why] + steps.map { "    \($0)" }).joined(separator: "\n") + "\n"
    }
}
