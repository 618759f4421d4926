// Waits for a drained server's connections to be gone, and says how it goes on.

internal import Weighting

/// One drain that somebody waits for.
struct DrainWait {
    let name: MemberName
    let order: AdminAPI.OrderRecord
    let mostSeconds: Double?

    private static let secondsBetween = 1.0
    /// What changes is told at most so often.
    private static let secondsBetweenLines = 5.0

    /// What is said of a drain that was ordered, when it has come to what is waited for.
    static func outcome(
        _ answer: AdminAPI.OrderAnswer, _ name: MemberName, isWaiting: Bool,
        mostSeconds: Double?, as output: OutputFormat, _ session: Session
    ) async throws(Failure) -> Outcome {
        var outcome = try OrderScreen.outcome(answer, as: output, session)
        guard isWaiting else { return outcome }
        for note in answer.notes { session.pipe.complain("poise: \(printable(note))\n") }
        outcome.complaint = ""
        try await DrainWait(name: name, order: answer.order, mostSeconds: mostSeconds)
            .wait(session)
        if output != .json {
            let end = answer.order.then == .remove ? "has left" : "is drained"
            outcome.output += "\(printable(name.text)) \(end): no connection is left\n"
        }
        return outcome
    }

    /// Returns when no connection is left, and the server has left if it was to.
    func wait(_ session: Session) async throws(Failure) {
        var course = DrainCourse()
        var hasBegun = order.state == .inForce
        var (seconds, toldAt, told) = (0.0, -Self.secondsBetweenLines, "")
        while true {
            let left = try await left(session)
            if left.isInForce { hasBegun = true }
            if order.then == .remove, try await hasLeft(session) { return }
            guard left.isInForce || !hasBegun || !left.isKnown else {
                throw .notDrained(
                    "\(name.text) is not drained: order \(order.id) ended before its connections "
                        + "did; \(left.text)", isLate: order.endsUnixMilliseconds != nil)
            }
            if left.isDrained && order.then == nil { return }
            course.add(connections: left.connections, at: seconds)
            if let mostSeconds, seconds >= mostSeconds {
                throw .notDrained(
                    "\(name.text) is not drained after \(Span.text(mostSeconds)): \(left.text). "
                        + "Order \(order.id) stays in force", isLate: true)
            }
            let text = left.text + (course.estimateText ?? "")
            if text != told && seconds - toldAt >= Self.secondsBetweenLines {
                session.pipe.complain("poise: \(printable(text))\n")
                (toldAt, told) = (seconds, text)
            }
            await session.pause(Self.secondsBetween)
            seconds += Self.secondsBetween
        }
    }

    private func left(_ session: Session) async throws(Failure) -> DrainLeft {
        try await patiently(session) { () async throws(Failure) in
            DrainLeft(name, order, try await session.master.snapshot())
        }
    }

    private func hasLeft(_ session: Session) async throws(Failure) -> Bool {
        let orders = try await patiently(session) { () async throws(Failure) in
            try await session.master.orders(all: true)
        }
        return orders.orders.first { $0.id == order.id }?.goneUnixMilliseconds != nil
    }

    /// A master that is being restarted is waited for: the order outlives it.
    private func patiently<Answer>(
        _ session: Session, _ ask: () async throws(Failure) -> Answer
    ) async throws(Failure) -> Answer {
        var silentSeconds = 0.0
        while true {
            do throws(Failure) {
                return try await ask()
            } catch {
                guard error.mayPass, silentSeconds < 60 else { throw error }
                if silentSeconds == 0 {
                    session.pipe.complain("poise: \(error.text)\npoise: waiting for the master\n")
                }
                await session.pause(Self.secondsBetween)
                silentSeconds += Self.secondsBetween
            }
        }
    }
}

/// What is left at one moment.
struct DrainLeft: Equatable {
    let isInForce: Bool
    /// Whether the master shows the server at all, as it cannot while it does not read its table.
    let isKnown: Bool
    /// Members that still have a weight, and why.
    let weighted: [String]
    let connections: Int
    let persistent: Int

    init(_ name: MemberName, _ order: AdminAPI.OrderRecord, _ snapshot: Snapshot) {
        let members = name.members(in: snapshot)
        let orders = members.flatMap { $0.orders ?? [] }
        isInForce = orders.contains { $0.id == order.id }
        isKnown = !members.isEmpty
        weighted = members.filter { ($0.weight ?? 0) > 0 }.map(\.reason.text)
        connections = members.reduce(0) {
            $0 + ($1.activeConnections ?? 0) + ($1.inactiveConnections ?? 0)
        }
        persistent = members.reduce(0) { $0 + ($1.persistentConnections ?? 0) }
    }

    var isDrained: Bool {
        isInForce && weighted.isEmpty && connections == 0 && persistent == 0
    }

    var text: String {
        guard isInForce else { return "the drain is not in force" }
        if let why = weighted.first { return "it still has a weight: \(why)" }
        guard connections == 0 else { return "\(connections) connections are left" }
        return persistent > 0
            ? "no connection is left, but \(persistent) entries of persistence that lead to it"
            : "no connection is left"
    }
}

/// How the number of connections goes down, and when it would come to none.
struct DrainCourse {
    private var points: [(seconds: Double, connections: Int)] = []

    /// Over so long the rate is taken.
    static let windowSeconds = 30.0

    mutating func add(connections: Int, at seconds: Double) {
        points.append((seconds, connections))
        points.removeAll { $0.seconds < seconds - Self.windowSeconds }
    }

    /// At the rate of the newest while; nothing where none ended.
    var estimateSeconds: Double? {
        guard let first = points.first, let last = points.last, last.seconds > first.seconds,
            first.connections > last.connections
        else { return nil }
        let rate =
            Double(first.connections - last.connections) / (last.seconds - first.seconds)
        return Double(last.connections) / rate
    }

    fileprivate var estimateText: String? {
        estimateSeconds.map { "; at this rate \(Span.text($0)) more" }
    }
}
