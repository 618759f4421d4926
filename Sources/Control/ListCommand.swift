// poise ls: every service and its members.

internal import ArgumentParser
internal import Weighting

struct ListCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "Lists services, their members, their weights and why.",
        discussion: """
            Weight is what the kernel holds, Wanted what it should hold. Util, Req/s and Age are of \
            the agent's reports; a dash means that nothing is known.
            """)

    @OptionGroup var connection: Connection

    @Argument(help: "Only this service.")
    var service: String?

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        var snapshot = try await session.master.snapshot()
        if let service {
            snapshot.services = [try snapshot.service(named: service)]
        }
        switch output {
        case .json:
            return Outcome(output: try JSON.text(snapshot, isPretty: session.isTerminal))
        case .table, .wide:
            let screen = ListScreen(
                snapshot: snapshot, isWide: output == .wide, style: session.style)
            return Outcome(output: screen.text())
        }
    }
}

extension Snapshot {
    func service(named name: String) throws(Failure) -> Service {
        guard let service = services.first(where: { $0.name == name }) else {
            throw .unknownService(name, known: services.map(\.name))
        }
        return service
    }
}
