// poise policy show: every knob, what it is set to, and what it may be set to.

internal import ArgumentParser
internal import Settings
internal import Weighting

struct PolicyShowCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Prints every knob of a policy: value, standard value, bounds, unit and help.",
        discussion: """
            Without files, the policy that the master's files name is shown; with --name, what it \
            is for services of that policy. With --service the running master is asked which \
            policy is in force, in which window and until when, and that one is shown as the \
            files have it; else no master is asked.
            """)

    @OptionGroup var connection: Connection

    @Argument(
        help: ArgumentHelp(
            "The policy's file; further files set knobs over those before.", valueName: "file"))
    var files: [String] = []

    @Flag(help: "Show the standard values, without any file.")
    var defaults = false

    @Flag(help: "Show what the files come to: so it is without this flag, too.")
    var effective = false

    @Option(help: ArgumentHelp("A policy of the master's folder of policies.", valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp(
            "The policy that is in force for this service now.", valueName: "service"))
    var service: String?

    @Option(
        help: ArgumentHelp(
            "The master's file (default: \(KeyFolder.standardConfiguration)).", valueName: "file"))
    var config = KeyFolder.standardConfiguration

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let inForce = try await inForce(session)
        let policy = try policy(named: inForce?.policy.name ?? name)
        let screen = PolicyScreen(policy: policy, inForce: inForce, style: session.style)
        switch output {
        case .json:
            return Outcome(output: try JSON.text(screen.document, isPretty: session.isTerminal))
        case .table, .wide:
            return Outcome(output: screen.text(hasValues: !defaults))
        }
    }

    private func inForce(_ session: Session) async throws(Failure) -> PolicyScreen.InForce? {
        guard let service else { return nil }
        guard !defaults, files.isEmpty, name == nil else {
            throw .usage("--service shows what is in force: it takes no file, --name or --defaults")
        }
        let found = try await session.master.snapshot().service(named: service)
        let common = Snapshot.PolicyInForce(
            name: nil, window: nil, hasWindows: false, untilUnixMilliseconds: nil, until: nil)
        return PolicyScreen.InForce(service: found.name, policy: found.policy ?? common)
    }

    private func policy(named name: String?) throws(Failure) -> Policy {
        if defaults {
            guard !effective, files.isEmpty, name == nil else {
                throw .usage(
                    "--defaults are the values without any file: it takes no file, --name or "
                        + "--effective")
            }
            return Policy()
        }
        guard files.isEmpty else {
            guard name == nil else {
                throw .usage("--name is for the master's own policies: give it or files")
            }
            return try PolicyReader().policy(files)
        }
        let reader = PolicyReader()
        guard let policies = reader.policies(of: config), reader.reporter.errorCount == 0 else {
            throw .invalid(reader.reporter.problems.printableReport)
        }
        guard let name else { return policies.common }
        guard let policy = policies.named[name] else {
            throw .unknownPolicy(name, known: policies.named.keys.sorted())
        }
        return policy
    }
}

extension PolicyReader {
    /// What a master's file names; `nil` after a report.
    ///
    /// Its other keys are the master's own affair.
    func policies(of path: String) -> Policies? {
        guard let tree = TreeFile.read(path, reporter: reporter) else { return nil }
        guard case .map(let entries) = tree.content else {
            reporter.error(tree.place, "keys are needed here, and this has \(tree.kind)")
            return nil
        }
        func named(_ key: Key<String>) -> Found<String>? {
            guard let entry = entries.first(where: { $0.key.text == key.entry.name }) else {
                return key.entry.standard.map { Found(value: $0, place: nil) }
            }
            return key.reading.read(entry.value, reporter)
                .map { Found(value: $0, place: entry.value.place) }
        }
        guard let common = named(Policies.commonKey), let folder = named(Policies.folderKey) else {
            return nil
        }
        let home = Files.folder(of: path)
        return Policies(
            common: Found(value: Files.join(home, common.value), place: common.place),
            folder: Found(value: Files.join(home, folder.value), place: folder.place),
            reporter: reporter)
    }
}
