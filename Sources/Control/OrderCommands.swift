// poise ready, poise set-weight and poise orders: the other words about people's orders.

internal import ArgumentParser
internal import Weighting

struct ReadyCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "ready",
        abstract: "Ends what was ordered about a server: its weight follows load again.",
        discussion: """
            SERVER ends all orders in force about it, SERVICE/SERVER those of that service, \
            --order just one, also one whose time is still to come.
            """)

    @OptionGroup var connection: Connection

    @Argument(
        help: ArgumentHelp(
            "Which server, or which one in a service.", valueName: "SERVER|SERVICE/SERVER"))
    var member: String?

    @Option(help: "Only in this service.")
    var service: String?

    @Option(help: ArgumentHelp("Only the order with this number.", valueName: "number"))
    var order: UInt64?

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        guard (member == nil) != (order == nil) else {
            throw .usage("poise ready takes a server, or --order NUMBER")
        }
        let name = try member.map { text throws(Failure) in
            try MemberName(text, service: service)
        }
        if let name { try name.check(in: try await session.master.snapshot()) }
        let ended = try await session.master.endOrders(
            AdminAPI.EndRequest(
                order: order, server: name?.server, service: name?.service, asker: session.asker))
        guard output == .table || output == .wide else {
            return Outcome(output: try JSON.text(ended, isPretty: session.isTerminal))
        }
        guard !ended.orders.isEmpty else {
            return Outcome(output: "nothing was ordered about \(printable(name?.text ?? "it"))\n")
        }
        return Outcome(
            output: ended.orders.map { "ended \(OrderScreen.line($0))\n" }.joined())
    }
}

struct SetWeightCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "set-weight",
        abstract: "Gives a server in a service just this weight, whatever its load is.",
        discussion: "It is kept until `poise ready`, or as long as --for says.")

    @OptionGroup var connection: Connection

    @Argument(help: ArgumentHelp("Which member.", valueName: "SERVICE/SERVER"))
    var member: String

    @Argument(
        help: ArgumentHelp("The weight, 1 to \(Weight.allowed.upperBound).", valueName: "weight"))
    var weight: Int

    @Option(help: "Why, for those who find it later.")
    var reason: String

    @OptionGroup var times: OrderTimes

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let name = try MemberName(member)
        guard name.service != nil else {
            throw .usage(
                "set-weight takes SERVICE/SERVER, such as web/r1; \"\(printable(member))\" has "
                    + "no /")
        }
        try name.check(in: try await session.master.snapshot())
        let answer = try await session.master.order(
            AdminAPI.OrderRequest(
                action: .weight, server: name.server, service: name.service, weight: weight,
                reason: reason, asker: session.asker, at: times.at,
                forSeconds: try times.forSeconds(), every: times.every))
        return try OrderScreen.outcome(answer, as: output, session)
    }
}

struct OrdersCommand: Verb {
    static let configuration = CommandConfiguration(
        commandName: "orders",
        abstract: "Lists what people ordered, and what is left of their drains.",
        discussion: "Times are UTC. The master keeps orders that ended for 30 days.")

    @OptionGroup var connection: Connection

    @Flag(help: "Also those that ended; 1000 in all at most.")
    var all = false

    @Option(name: .shortAndLong, help: "How to print.")
    var output = OutputFormat.table

    func perform(_ session: Session) async throws(Failure) -> Outcome {
        let orders = try await session.master.orders(all: all)
        if output == .json {
            return Outcome(output: try JSON.text(orders, isPretty: session.isTerminal))
        }
        guard !orders.orders.isEmpty else { return Outcome(output: "Nothing is ordered.\n") }
        let snapshot = try await session.master.snapshot()
        return Outcome(
            output: OrderScreen(orders: orders.orders, snapshot: snapshot, style: session.style)
                .text())
    }
}
