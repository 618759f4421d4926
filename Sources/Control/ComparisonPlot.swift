// The weights of two policies over one recording, drawn: a panel for each member.

internal import Journal
internal import Weighting

/// The members whose weights differ most, the recorded weight grey and the other one blue.
struct ComparisonPlot {
    private let rows: [Comparison.Row]
    private let span: ClosedRange<UInt64>

    private static let mostPanels = 24
    private static let (width, height, margin) = (900.0, 90.0, 24.0)

    init(_ comparison: Comparison) {
        func distance(_ row: Comparison.Row) -> Double {
            abs((row.recorded.mean ?? 0) - (row.other.mean ?? 0))
        }
        rows = Array(
            comparison.rows.values.sorted {
                (distance($1), $0.service, $0.server) < (distance($0), $1.service, $1.server)
            }.prefix(Self.mostPanels))
        let (first, last) = (comparison.firstUnixNanoseconds, comparison.lastUnixNanoseconds)
        span = first...max(first, last)
    }

    func svg() -> String {
        let total = Double(rows.count) * (Self.height + Self.margin) + Self.margin
        var lines = [
            "<svg xmlns=\"http://www.w3.org/2000/svg\" "
                + "viewBox=\"0 0 \(Number.fixed(Self.width, 0)) \(Number.fixed(total, 0))\" "
                + "font-family=\"sans-serif\" font-size=\"12\">"
        ]
        for (index, row) in rows.enumerated() {
            lines += panel(row, top: Double(index) * (Self.height + Self.margin) + Self.margin)
        }
        return (lines + ["</svg>"]).joined(separator: "\n") + "\n"
    }

    private func panel(_ row: Comparison.Row, top: Double) -> [String] {
        let weights = (row.recorded.points + row.other.points).map(\.weight)
        let most = Double(max(weights.max() ?? 0, 1))
        let name = Self.escaped("\(row.service)/\(row.server)")
        return [
            "<text x=\"4\" y=\"\(Number.fixed(top - 6, 0))\">\(name), weight up to "
                + "\(Number.fixed(most, 0))</text>",
            line(row.recorded.points, most: most, top: top, colour: "#888", width: 3),
            line(row.other.points, most: most, top: top, colour: "#06c", width: 1.5),
        ]
    }

    /// Steps: a weight holds until the next one.
    private func line(
        _ points: [Comparison.Course.Point], most: Double, top: Double, colour: String,
        width: Double
    ) -> String {
        let length = max(1, Double(span.upperBound - span.lowerBound))
        func x(_ time: UInt64) -> String {
            let since = Double(max(time, span.lowerBound) - span.lowerBound)
            return Number.fixed(min(1, since / length) * Self.width, 1)
        }
        func y(_ weight: Int) -> String {
            Number.fixed(top + Self.height * (1 - Double(weight) / most), 1)
        }
        var path = ""
        for point in points {
            path +=
                path.isEmpty
                ? "M\(x(point.unixNanoseconds)) \(y(point.weight))"
                : "H\(x(point.unixNanoseconds))V\(y(point.weight))"
        }
        if !path.isEmpty { path += "H\(Number.fixed(Self.width, 1))" }
        return "<path d=\"\(path)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"\(width)\"/>"
    }

    private static func escaped(_ text: String) -> String {
        printable(text).replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    }
}
