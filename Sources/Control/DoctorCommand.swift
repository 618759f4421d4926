// poise doctor: what is wrong with this director, or why an agent is not heard.

internal import ArgumentParser
internal import IPVS
internal import Weighting

struct DoctorCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "Says what is wrong with this director, or why an agent is not heard.",
        discussion: """
            Without a name: looks at the kernel's table, its settings, the sync daemons and the \
            master, and prints a line for each finding with what it leads to and what to do. Exits \
            with 1 when one of them is an error. Run it as root.

            With a name: looks at the master's counters twice and at what grew between. Exits with \
            0 when the agent is heard and nothing is wrong, else with 1.
            """)

    @OptionGroup var connection: Connection

    @Argument(help: "The agent's name; without it the director is looked at.")
    var name: String?

    @Option(help: ArgumentHelp("How long to look at an agent, 1 to 60.", valueName: "seconds"))
    var watch = 1.0

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    func validate() throws {
        guard (1...60).contains(watch) else {
            throw ValidationError("--watch takes 1 to 60 seconds")
        }
    }

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        if let name { return try await outcome(of: name, session) }
        let diagnosis = DirectorDiagnosis(await facts(session))
        let status: ExitStatus = diagnosis.hasError ? .failed : .done
        switch output {
        case .json:
            return Outcome(
                output: try JSON.text(diagnosis, isPretty: session.isTerminal), status: status)
        case .table, .wide:
            return Outcome(output: diagnosis.text(session.style), status: status)
        }
    }

    private func outcome(of name: String, _ session: Session) async throws(Failure) -> Outcome {
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

    /// What cannot be looked at is a finding, and hinders nothing else.
    private func facts(_ session: Session) async -> DirectorFacts {
        var facts = DirectorFacts()
        let kernel = session.kernel
        do throws(Failure) {
            facts.kernel = try kernel.facts()
        } catch {
            facts.kernelTrouble = error.text
        }
        facts.hasKubeProxy = kernel.hasInterface("kube-ipvs0")
        for daemon in facts.kernel?.daemons ?? [] where !kernel.hasInterface(daemon.interface) {
            facts.missingInterfaces.insert(daemon.interface)
        }
        for name in DirectorFacts.settingNames {
            let path = String(name.map { $0 == "." ? "/" : $0 })
            let text = kernel.setting(path)?.prefix { $0 != "\n" }
            facts.settings[name] = text.flatMap { Int($0) }
        }
        do throws(Failure) {
            facts.snapshot = try await session.master.snapshot()
        } catch {
            facts.masterTrouble = error.text
        }
        return facts
    }
}
