// poise policy: what a policy is, whether a file is one, and what it makes of events and tests.

internal import ArgumentParser
internal import Settings
internal import Weighting

struct PolicyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Shows, checks, runs, tests, replays and previews policies.",
        discussion: """
            A policy's file sets knobs; what it does not name keeps its standard value. \
            docs/policy.md has the formats.
            """,
        subcommands: [
            PolicyShowCommand.self, PolicyCheckCommand.self, PolicyRunCommand.self,
            PolicyTestCommand.self, ReplayCommand.self, PolicyPreviewCommand.self,
        ])
}

/// Policies read from files, and what is wrong with them.
struct PolicyReader {
    let reporter = Reporter()

    /// What the files set together, each over those before it; standard values without any file.
    func policy(_ paths: [String]) throws(Failure) -> Policy {
        var policy = Policy()
        for path in paths {
            guard let tree = TreeFile.read(path, reporter: reporter) else { continue }
            policy = PolicyFile.read(tree, over: policy, reporter: reporter).policy
        }
        guard reporter.errorCount == 0 else { throw .invalid(reporter.problems.printableReport) }
        return policy
    }
}

extension Problems {
    /// The report, which quotes lines of files, as a terminal may have it.
    var printableReport: String {
        report.split(separator: "\n", omittingEmptySubsequences: false)
            .map { printable(String($0)) }.joined(separator: "\n")
    }
}

/// Which policy a subcommand works with.
struct PolicyOption: ParsableArguments {
    @Option(
        name: .customLong("policy"),
        help: ArgumentHelp(
            "The policy's file (default: the standard values). Given twice, the second sets knobs "
                + "over the first.", valueName: "file"))
    var files: [String] = []

    func policy() throws(Failure) -> Policy { try PolicyReader().policy(files) }
}
