// poise plan and poise apply: what the files would change, and the reload that changes it.

internal import ArgumentParser
internal import Weighting

struct PlanCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Shows what the master's files would change of what is in force; changes nothing."
    )

    @OptionGroup var connection: Connection

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let proposal = try await session.master.proposal()
        let status = proposal.ok ? ExitStatus.done : .configurationInvalid
        guard output != .json else {
            return Outcome(
                output: try JSON.text(proposal, isPretty: session.isTerminal), status: status)
        }
        return Outcome(output: Self.text(proposal, session.style), status: status)
    }

    static func text(_ proposal: AdminAPI.Proposal, _ style: Style) -> String {
        guard proposal.ok else { return CheckCommand.text(proposal.report) }
        guard let hash = proposal.hash else { return "The files say what is in force.\n" }
        var lines = proposal.changes.map { change in
            change.hasPrefix("-") ? style.paint(printable(change), .red) : printable(change)
        }
        if proposal.unlisted > 0 { lines.append("... and \(proposal.unlisted) more") }
        if let guarded = proposal.guarded {
            lines.append("These changes \(printable(guarded)). If that is meant:")
            lines.append("  poise apply --confirm \(printable(hash))")
        } else {
            lines.append("To have it so: poise apply")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}

struct ApplyCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "apply",
        abstract: "Has the master take its files as they are now.",
        discussion: """
            The same as a reload. Files that take out more than a fifth of all members, more than \
            ten services, or every member of a service are refused with exit status 5, until \
            --confirm names that very change; `poise plan` shows it.
            """)

    @OptionGroup var connection: Connection

    @Option(
        help: ArgumentHelp(
            "The hash of a change that is meant, though it takes out much.", valueName: "hash"))
    var confirm: String?

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let became = try await session.master.reload(confirm: confirm)
        var outcome = Outcome(output: "The master has taken its files.\n")
        if let refused = became.refused {
            outcome = Outcome(
                complaint: "poise: \(printable(refused))\n",
                status: became.hash == nil ? .configurationInvalid : .unsafe)
            if became.hash == nil { outcome.complaint += "poise: see `poise check`\n" }
        }
        if output == .json {
            outcome.output = try JSON.text(became, isPretty: session.isTerminal)
        }
        return outcome
    }
}
