// The table of `poise orders`, and what is said of one order that was given or ended.

internal import Weighting

struct OrderScreen {
    let orders: [AdminAPI.OrderRecord]
    let snapshot: Snapshot
    let style: Style

    func text() -> String {
        var grid = Grid(
            alignments: [.right, .left, .left, .left, .left, .left, .right, .left, .left],
            indent: "")
        grid.rows.append(
            ["Order", "About", "What", "State", "From", "Until", "Left", "By", "Reason"])
        for order in orders { grid.rows.append(row(order)) }
        var lines = grid.lines()
        lines[0] = style.paint(lines[0], .dim)
        return lines.joined(separator: "\n") + "\n"
    }

    private func row(_ order: AdminAPI.OrderRecord) -> [String] {
        let until =
            order.endedUnixMilliseconds.map { Self.time($0) + " by \(order.endedBy ?? "-")" }
            ?? order.endsUnixMilliseconds.map(Self.time) ?? "-"
        return [
            "\(order.id)", order.place, order.what,
            order.state.rawValue.replacing("_", with: " "),
            order.every ?? Self.time(order.startsUnixMilliseconds), until, left(order),
            order.owner, order.reason,
        ].map(printable)
    }

    /// Connections of a drain in force.
    private func left(_ order: AdminAPI.OrderRecord) -> String {
        guard order.action == .drain, order.state == .inForce,
            let name = try? MemberName(order.place)
        else { return "-" }
        let left = DrainLeft(name, order, snapshot)
        return "\(left.connections + left.persistent)"
    }

    /// As in 2026-11-23 06:04:39, UTC.
    static func time(_ unixMilliseconds: Int) -> String {
        EventLine.time(UInt64(clamping: unixMilliseconds), isWide: false)
    }

    /// What is said of an order that was given.
    static func outcome(
        _ answer: AdminAPI.OrderAnswer, as output: OutputFormat, _ session: Session
    ) throws(Failure) -> Outcome {
        guard output != .json else {
            return Outcome(output: try JSON.text(answer, isPretty: session.isTerminal))
        }
        return Outcome(
            output: line(answer.order) + "\n",
            complaint: answer.notes.map { "poise: \(printable($0))\n" }.joined())
    }

    /// As in `order 7: drain of web/r1 by anna, until 2026-11-23 06:04:39 UTC: new kernel`.
    static func line(_ order: AdminAPI.OrderRecord) -> String {
        var text = "order \(order.id): \(order.what) of \(order.place) by \(order.owner)"
        if order.state == .scheduled {
            text +=
                order.every.map { ", \($0)" }
                ?? ", from \(time(order.startsUnixMilliseconds)) UTC"
        }
        if let ends = order.endsUnixMilliseconds { text += ", until \(time(ends)) UTC" }
        return printable("\(text): \(order.reason)")
    }
}
