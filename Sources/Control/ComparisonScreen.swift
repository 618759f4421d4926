// Two policies over the same recording, member by member.

internal import Journal
internal import Weighting

struct ComparisonScreen {
    let rows: [Comparison.Row]
    let ticks: Int

    init(_ comparison: Comparison) {
        ticks = comparison.ticks
        rows = comparison.rows.values.sorted {
            ($0.service, $0.server, "\($0.destination)")
                < ($1.service, $1.server, "\($1.destination)")
        }
    }

    /// Each cell with what was and, where it differs, what would have been.
    func text() -> String {
        var grid = Grid(alignments: [.left, .right, .right, .right, .left], indent: "")
        grid.rows.append(["Member", "Writes", "Mean", "Last", "Ticks by reason"])
        for row in rows {
            let (was, would) = (row.recorded, row.other)
            grid.rows.append([
                "\(printable(row.service))/\(printable(row.server))",
                Self.pair("\(was.writes)", "\(would.writes)"),
                Self.pair(Self.mean(was), Self.mean(would)),
                Self.pair(Self.last(was), Self.last(would)), Self.reasons(was, would),
            ])
        }
        let writes = rows.reduce(0) { $0 + $1.recorded.writes }
        let others = rows.reduce(0) { $0 + $1.other.writes }
        return grid.lines().joined(separator: "\n")
            + "\n\(ticks) ticks; weights written: \(Self.pair("\(writes)", "\(others)"))\n"
    }

    private static func pair(_ was: String, _ would: String) -> String {
        was == would ? was : "\(was) → \(would)"
    }

    private static func mean(_ course: Comparison.Course) -> String {
        course.mean.map { Number.fixed($0, $0 < 100 ? 1 : 0) } ?? "-"
    }

    private static func last(_ course: Comparison.Course) -> String {
        course.last.map { "\($0)" } ?? "-"
    }

    private static func reasons(_ was: Comparison.Course, _ would: Comparison.Course) -> String {
        Set(was.reasons.keys).union(would.reasons.keys).sorted().compactMap { code in
            let (before, after) = (was.reasons[code] ?? 0, would.reasons[code] ?? 0)
            return before == after ? nil : "\(code) \(before) → \(after)"
        }.joined(separator: ", ")
    }

    private struct Object: Encodable {
        let service: String
        let server: String
        let destination: String
        let recorded: Side
        let other: Side

        struct Side: Encodable {
            let writes: Int
            let mean: Double?
            let last: Int?
            let ticksByReason: [String: Int]

            init(_ course: Comparison.Course) {
                (writes, mean, last) = (course.writes, course.mean, course.last)
                ticksByReason = course.reasons
            }
        }
    }

    /// An object for each member, on a line of its own.
    func json() throws(Failure) -> String {
        var text = ""
        for row in rows {
            text += try JSON.text(
                Object(
                    service: row.service, server: row.server, destination: "\(row.destination)",
                    recorded: Object.Side(row.recorded), other: Object.Side(row.other)),
                isPretty: false)
        }
        return text
    }
}
