// The text and the JSON of `poise policy preview`.

internal import Journal
internal import Weighting

struct PolicyPreviewScreen {
    private let preview: PolicyPreview
    private let folder: String
    private let now: UInt64

    /// A recording that ended longer ago says little of the present.
    private static let freshSeconds = 60.0

    /// `now` is in nanoseconds, on people's clock.
    init(_ preview: PolicyPreview, folder: String, now: UInt64) {
        (self.preview, self.folder, self.now) = (preview, folder, now)
    }

    /// A row a member, then what all of it is based on.
    func text() -> String {
        var grid = Grid(alignments: [.left, .right, .right, .right, .right, .left], indent: "")
        grid.rows = [["MEMBER", "WEIGHT", "WOULD BE", "CHANGE", "WRITES", "WHY IT WOULD"]]
        for row in preview.rows {
            grid.rows.append([
                "\(printable(row.service))/\(printable(row.server))", Self.text(row.recorded.last),
                Self.text(row.other.last), Self.change(row),
                "\(row.recorded.writes) → \(row.other.writes)", row.other.lastReason ?? "-",
            ])
        }
        let until = EventLine.time(preview.untilUnixNanoseconds / 1_000_000, isWide: false)
        var lines =
            grid.lines() + [
                "",
                "From \(preview.ticks) ticks of \(printable(folder)), which are the "
                    + "\(Number.fixed(seconds, 0)) s up to \(until) UTC. Both policies begin there "
                    + "with the same weights,",
                "and hear the reports that the recorded weights led to: what servers would have "
                    + "reported under the others nobody knows.",
            ]
        if ageSeconds > Self.freshSeconds {
            lines.append(
                "The recording ended \(Number.fixed(ageSeconds, 0)) s ago, so this is not how the "
                    + "servers are now: is the master running, with journal.record on?")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private var seconds: Double {
        Double(preview.untilUnixNanoseconds - preview.fromUnixNanoseconds) / 1e9
    }

    private var ageSeconds: Double {
        Double(now - min(now, preview.untilUnixNanoseconds)) / 1e9
    }

    private static func text(_ weight: Int?) -> String { weight.map(String.init) ?? "-" }

    private static func change(_ row: Comparison.Row) -> String {
        guard let was = row.recorded.last, let would = row.other.last else { return "-" }
        guard was != would else { return "0" }
        let sign = would > was ? "+" : "-"
        guard was > 0 else { return "\(sign)\(abs(would - was))" }
        return "\(sign)\(Number.fixed(Double(abs(would - was)) / Double(was) * 100, 0))%"
    }

    /// For programs.
    struct Document: Encodable {
        let format = 1
        let journal: String
        let ticks: Int
        let fromUnixMilliseconds: UInt64
        let untilUnixMilliseconds: UInt64
        let members: [Member]

        struct Member: Encodable {
            let service: String
            let server: String
            let destination: String
            let recorded: Side
            let preview: Side
        }

        struct Side: Encodable {
            let weight: Int?
            let meanWeight: Double?
            let writes: Int
            let reason: String?

            fileprivate init(_ course: Comparison.Course) {
                (weight, meanWeight) = (course.last, course.mean)
                (writes, reason) = (course.writes, course.lastReason)
            }
        }
    }

    var document: Document {
        Document(
            journal: folder, ticks: preview.ticks,
            fromUnixMilliseconds: preview.fromUnixNanoseconds / 1_000_000,
            untilUnixMilliseconds: preview.untilUnixNanoseconds / 1_000_000,
            members: preview.rows.map {
                Document.Member(
                    service: $0.service, server: $0.server, destination: "\($0.destination)",
                    recorded: Document.Side($0.recorded), preview: Document.Side($0.other))
            })
    }
}
