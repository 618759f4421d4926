// poise drain: takes a server out of scheduling, and may wait until its connections are gone.

internal import ArgumentParser
internal import Weighting

struct DrainCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Sends no new connections to a server; those that it has go on.",
        discussion: """
            The order is kept until `poise ready`, or as long as --for says, over restarts of the \
            master. Times go by the master's `timezone`. Exit status 5: it would empty a service; \
            6: not drained in time.
            """)

    @OptionGroup var connection: Connection

    @Argument(
        help: ArgumentHelp(
            "Which server, or which one in a service.", valueName: "SERVER|SERVICE/SERVER"))
    var member: String

    @Option(help: "Only in this service.")
    var service: String?

    @Option(help: "Why, for those who find it later.")
    var reason: String

    @OptionGroup var times: OrderTimes

    @Flag(help: "Also where no other server of a service has a weight; then nobody serves.")
    var force = false

    @Option(
        help: ArgumentHelp(
            "remove: take it out of the service when its connections are gone.", valueName: "sequel"
        ))
    var then: AdminAPI.OrderSequel?

    @Flag(help: "Return when the connections are gone, and the server with --then remove.")
    var wait = false

    @Option(help: ArgumentHelp("How long to wait at most; the order stays.", valueName: "time"))
    var timeout: String?

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let name = try MemberName(member, service: service)
        guard wait || timeout == nil else { throw .usage("--timeout is for --wait") }
        guard !wait || times.every == nil else {
            throw .usage("--wait is for one drain, and --every makes many")
        }
        let timeoutSeconds = try timeout.map { text throws(Failure) in
            try Span.seconds(text, "--timeout")
        }
        try name.check(in: try await session.master.snapshot())
        let answer = try await session.master.order(
            AdminAPI.OrderRequest(
                action: .drain, server: name.server, service: name.service, reason: reason,
                asker: session.asker, at: times.at, forSeconds: try times.forSeconds(),
                every: times.every, isForced: force, then: then))
        return try await DrainWait.outcome(
            answer, name, isWaiting: wait, mostSeconds: timeoutSeconds, as: output, session)
    }
}

extension AdminAPI.OrderSequel: ExpressibleByArgument {}

/// When an order is in force.
struct OrderTimes: ParsableArguments {
    @Option(
        name: .customLong("for"),
        help: ArgumentHelp(
            "How long it holds, as in 90s, 20m, 8h or 3d (default: until poise ready).",
            valueName: "time"))
    var duration: String?

    @Option(
        help: ArgumentHelp(
            "When it begins: 02:00, or \"2026-11-24 02:00\" (default: now).", valueName: "moment"))
    var at: String?

    @Option(
        help: ArgumentHelp(
            "The times of the week in which it is in force: \"mon-fri 02:00-03:00\".",
            valueName: "days-and-times"))
    var every: String?

    func forSeconds() throws(Failure) -> Double? {
        guard let duration else { return nil }
        return try Span.seconds(duration, "--for")
    }
}
