// poise server add and poise server rm: servers of a service beside those that the files have.

internal import ArgumentParser
internal import Weighting

struct ServerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "server",
        abstract: "Adds a server to a service, or removes one, beside the master's files.",
        discussion: """
            The master keeps what is ordered here over its end; `poise orders` lists it. Files that \
            come to have the same server are followed.
            """,
        subcommands: [ServerAddCommand.self, ServerRemoveCommand.self])
}

struct ServerAddCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Adds a server to a service.",
        discussion: """
            With `manage: services` the kernel gets it at once. With `manage: weights` it gets \
            weights as soon as whoever makes the service has it in the kernel.
            """)

    @OptionGroup var connection: Connection

    @Argument(
        help: ArgumentHelp("The service, and the server's name.", valueName: "SERVICE/SERVER"))
    var member: String

    @Argument(
        help: ArgumentHelp(
            "Where it is: 10.0.0.15, 10.0.0.15:80 or [fd00::15]:80 (default: the service's port).",
            valueName: "ADDRESS[:PORT]"))
    var destination: String

    @Option(help: "Why, for those who find it later.")
    var reason: String

    @Option(help: "What it can carry beside the others (default: 1).")
    var capacity: Double?

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let name = try MemberName(member)
        guard name.service != nil else {
            throw .usage(
                "server add takes SERVICE/SERVER, such as web/r5; \"\(printable(member))\" has no /"
            )
        }
        let answer = try await session.master.order(
            AdminAPI.OrderRequest(
                action: .add, server: name.server, service: name.service, reason: reason,
                asker: session.asker, destination: destination, capacity: capacity))
        return try OrderScreen.outcome(answer, as: output, session)
    }
}

struct ServerRemoveCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "rm",
        abstract: "Drains a server, and takes it out when its connections are gone.",
        discussion: """
            The same as `poise drain --then remove`. A server that the files have comes back with \
            `poise ready`; remove it there, too. Exit status 5: it would empty a service; 6: not \
            drained in time.
            """)

    @OptionGroup var connection: Connection

    @Argument(
        help: ArgumentHelp(
            "Which server, or which one in a service.", valueName: "SERVER|SERVICE/SERVER"))
    var member: String

    @Option(help: "Why, for those who find it later.")
    var reason: String

    @Flag(help: "Also where no other server of a service has a weight; then nobody serves.")
    var force = false

    @Flag(help: "Return when it has left.")
    var wait = false

    @Option(help: ArgumentHelp("How long to wait at most; the order stays.", valueName: "time"))
    var timeout: String?

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        guard wait || timeout == nil else { throw .usage("--timeout is for --wait") }
        let mostSeconds = try timeout.map { text throws(Failure) in
            try Span.seconds(text, "--timeout")
        }
        let name = try MemberName(member)
        try name.check(in: try await session.master.snapshot())
        let answer = try await session.master.order(
            AdminAPI.OrderRequest(
                action: .drain, server: name.server, service: name.service, reason: reason,
                asker: session.asker, isForced: force, then: .remove))
        return try await DrainWait.outcome(
            answer, name, isWaiting: wait, mostSeconds: mostSeconds, as: output, session)
    }
}
