// poise explain: why one member has its weight.

internal import ArgumentParser
internal import Weighting

struct ExplainCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Prints how a server's weight in a service came about, step by step.",
        discussion: "Every line can be computed again from the lines above it.")

    @OptionGroup var connection: Connection

    @Argument(help: ArgumentHelp("Which member.", valueName: "SERVICE/SERVER"))
    var member: String

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        guard let slash = member.lastIndex(of: "/") else {
            throw .usage(
                "explain takes SERVICE/SERVER, such as web/r1; \"\(printable(member))\" has no /")
        }
        let server = String(member[member.index(after: slash)...])
        let snapshot = try await session.master.snapshot()
        let service = try snapshot.service(named: String(member[..<slash]))
        guard let found = service.members.first(where: { $0.server == server }) else {
            throw .unknownServer(
                server, service: service.name, known: service.members.map(\.server))
        }
        switch output {
        case .json:
            return Outcome(output: try JSON.text(found, isPretty: session.isTerminal))
        case .table, .wide:
            let screen = ExplainScreen(
                master: snapshot.master, service: service, member: found, style: session.style)
            return Outcome(output: screen.text())
        }
    }
}
