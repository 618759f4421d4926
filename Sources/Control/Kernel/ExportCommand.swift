// poise export: our configuration for other programs; the way back.

internal import ArgumentParser
internal import Weighting

struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Prints the configured services for other programs.",
        subcommands: [ExportRulesCommand.self])
}

struct ExportRulesCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "ipvsadm",
        abstract: "Prints the configured services as `ipvsadm -R` reads them.",
        discussion: """
            The master reads its files for that and changes nothing. Every server stands in it, \
            with the weight that its capacity comes to, whatever its state is now; what the kernel \
            holds now is printed by `ipvsadm-save -n`.
            """)

    @OptionGroup var connection: Connection

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let export = try await session.master.export()
        guard let rules = export.rules else {
            return Outcome(
                complaint: "poise: \(printable(export.refused ?? "the master gave no rules"))\n",
                status: .failed)
        }
        return Outcome(output: rules.map { "\(printable($0))\n" }.joined())
    }
}
