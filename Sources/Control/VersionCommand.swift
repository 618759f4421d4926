// poise version: the release of this command, and of the master that runs.

internal import ArgumentParser
internal import Protocol

struct VersionCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "version",
        abstract: "Prints the releases of this command and of the running master.")

    @OptionGroup var connection: Connection

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    private struct Releases: Encodable {
        let poise = Poise.version
        let master: String?
    }

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        var outcome = Outcome()
        var master: String?
        do {
            master = try await session.master.version()
        } catch {
            // Its own release is known in any case.
            outcome = error.outcome
        }
        switch output {
        case .json:
            outcome.output = try JSON.text(
                Releases(master: master), isPretty: session.isTerminal)
        case .table, .wide:
            outcome.output =
                "poise \(Poise.version)\n" + (master.map { "master \(printable($0))\n" } ?? "")
        }
        return outcome
    }
}
