// A run as a drawing: weights, load and latency over time, in one SVG file.

internal import Simulation

struct SimulatePlot {
    private let run: Run
    private let scenario: Scenario

    private static let width = 960.0
    private static let left = 64.0
    private static let top = 40.0
    private static let panelHeight = 150.0
    private static let panelGap = 46.0
    /// Lines above these would hide each other.
    private static let mostServers = 16
    private static let colours = [
        "#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#e377c2",
    ]

    init(_ run: Run, of scenario: Scenario) { (self.run, self.scenario) = (run, scenario) }

    /// The whole file.
    var text: String {
        let recording = run.recording
        let shown = 0..<min(recording.servers, Self.mostServers)
        let panels = [
            panel(
                0, "share of the weights, %",
                shown.map { server in
                    series { 100 * recording.weightShare($0, server: server) }
                }),
            panel(
                1, "requests in a server, per core",
                shown.map { server in
                    series { recording.load($0, server: server) }
                }),
            panel(2, "mean latency, ms", [series { 1_000 * recording.meanLatency($0) }]),
        ]
        let height = Self.top + 3 * (Self.panelHeight + Self.panelGap)
        let title =
            "\(run.scenario), \(run.contender.policy.rawValue) on "
            + "\(run.contender.scheduler.rawValue), seed \(run.seed): \(scenario.title)"
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(number(Self.width + 16)) \
            \(number(height))" font-family="sans-serif" font-size="12">
            <rect width="100%" height="100%" fill="#fff"/>
            <text x="\(number(Self.left))" y="20" font-size="14">\(escaped(title))</text>
            \(panels.joined(separator: "\n"))
            </svg>

            """
    }

    private func series(_ value: (Int) -> Double) -> [Double] {
        (0..<run.recording.seconds).map(value)
    }

    /// One drawing with its axes, lines and the time of the event.
    private func panel(_ index: Int, _ title: String, _ lines: [[Double]]) -> String {
        let top = Self.top + Double(index) * (Self.panelHeight + Self.panelGap) + 16
        let bottom = top + Self.panelHeight
        let most = max(lines.joined().max() ?? 0, 1e-9)
        let event = x(scenario.event.lowerBound)...x(scenario.event.upperBound)
        var parts = [
            rectangle(event.lowerBound, top, event.upperBound - event.lowerBound),
            label(Self.left, top - 6, title),
            label(4, top + 10, Number.fixed(most, most < 10 ? 1 : 0)), label(4, bottom, "0"),
            line(Self.left, bottom, Self.width, bottom), line(Self.left, top, Self.left, bottom),
        ]
        let step = max(10, run.recording.seconds / 10 / 10 * 10)
        for second in stride(from: 0, through: run.recording.seconds, by: step) {
            parts.append(label(x(Double(second)) - 8, bottom + 14, "\(second) s"))
        }
        parts += lines.enumerated().map { place, values in
            let points = values.enumerated().map { second, value in
                "\(number(x(Double(second)))),\(number(bottom - value / most * Self.panelHeight))"
            }.joined(separator: " ")
            return "<polyline fill=\"none\" stroke=\"\(Self.colours[place % Self.colours.count])\" "
                + "stroke-width=\"1\" points=\"\(points)\"/>"
        }
        return parts.joined(separator: "\n")
    }

    private func x(_ second: Double) -> Double {
        Self.left + (Self.width - Self.left) * second / Double(max(run.recording.seconds, 1))
    }

    private func rectangle(_ x: Double, _ y: Double, _ width: Double) -> String {
        "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" "
            + "height=\"\(number(Self.panelHeight))\" fill=\"#eee\"/>"
    }

    private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
        "<line x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" "
            + "y2=\"\(number(y2))\" stroke=\"#888\"/>"
    }

    private func label(_ x: Double, _ y: Double, _ text: String) -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\">\(escaped(text))</text>"
    }

    private func number(_ value: Double) -> String { Number.fixed(value, 1) }

    private func escaped(_ text: String) -> String {
        let names: [Character: String] = ["&": "&amp;", "<": "&lt;", ">": "&gt;"]
        return printable(text).map { names[$0] ?? String($0) }.joined()
    }
}
