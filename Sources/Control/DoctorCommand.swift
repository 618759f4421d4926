// poise doctor: why an agent is not heard.

internal import ArgumentParser
internal import Weighting

struct DoctorCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Says why an agent is not heard, and what to do.",
        discussion: """
            Looks at the master's counters twice and at what grew between. Exits with 0 when the \
            agent is heard and nothing is wrong, else with 1.
            """)

    @OptionGroup var connection: Connection

    @Argument(help: "The agent's name.")
    var name: String

    @Option(help: ArgumentHelp("How long to look, 1 to 60.", valueName: "seconds"))
    var watch = 1.0

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    func validate() throws {
        guard (1...60).contains(watch) else {
            throw ValidationError("--watch takes 1 to 60 seconds")
        }
    }

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let earlier = try await session.master.snapshot()
        await session.pause(watch)
        let later = try await session.master.snapshot()
        let diagnosis = Diagnosis(of: name, earlier: earlier, later: later)
        let status: ExitStatus = diagnosis.finding == .fine ? .done : .failed
        switch output {
        case .json:
            return Outcome(
                output: try JSON.text(diagnosis, isPretty: session.isTerminal), status: status)
        case .table, .wide:
            return Outcome(output: diagnosis.text(session.style), status: status)
        }
    }
}
