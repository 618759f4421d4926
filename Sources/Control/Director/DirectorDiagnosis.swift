// The director's doctor: from what the kernel and the master say to a line for each finding. Pure.

internal import Weighting

/// Everything that is looked at.
struct DirectorFacts {
    /// Nothing when it could not be read, with the reason.
    var kernel: KernelFacts?
    var kernelTrouble = ""
    var hasKubeProxy = false
    /// Of sync daemons, those that are not there.
    var missingInterfaces: Set<String> = []
    /// By their names of sysctl(8); those that this kernel has.
    var settings: [String: Int] = [:]
    /// Nothing when the master could not be asked, with the reason.
    var snapshot: Snapshot?
    var masterTrouble = ""

    static let settingNames =
        ["ip_forward"].map { "net.ipv4.\($0)" } + ["net.ipv6.conf.all.forwarding"]
        + [
            "conn_reuse_mode", "expire_nodest_conn", "expire_quiescent_template", "sloppy_tcp",
            "conntrack", "drop_entry", "drop_packet", "backup_only", "sync_ports",
        ].map { "net.ipv4.vs.\($0)" }

    /// As the master names it, if it does.
    func name(of service: ServiceKey) -> String {
        let key = "\(service)"
        return snapshot?.services.first { $0.key == key }?.name ?? key
    }
}

struct DirectorDiagnosis: Encodable {
    let format = 1
    private(set) var findings: [Line] = []

    struct Line: Encodable, Equatable {
        let finding: DirectorFinding
        let level: DirectorFinding.Level
        /// A service, a server or an agent; nothing for the director itself.
        let place: String?
        let seen: String
        let means: String
        let now: String
    }

    private enum CodingKeys: CodingKey { case format, findings }

    init(_ facts: DirectorFacts) {
        judgeMaster(facts)
        judgeTable(facts)
        judgeSettings(facts)
        judgeSync(facts)
        // What is worst comes first; among equals the order of the judgements.
        findings = findings.enumerated()
            .sorted { ($0.element.level, $0.offset) < ($1.element.level, $1.offset) }
            .map(\.element)
    }

    mutating func add(_ finding: DirectorFinding, _ seen: String, of place: String? = nil) {
        let advice = finding.advice
        findings.append(
            Line(
                finding: finding, level: advice.level, place: place, seen: seen,
                means: advice.means, now: advice.now))
    }

    var hasError: Bool { findings.contains { $0.level == .error } }

    /// One line for each, at most so many of one kind, and a line with the counts.
    func text(_ style: Style) -> String {
        var lines: [String] = []
        var shown: [DirectorFinding: Int] = [:]
        for line in findings {
            shown[line.finding, default: 0] += 1
            guard shown[line.finding, default: 0] <= Self.mostOfOneKind else { continue }
            lines.append(Self.text(line, style))
        }
        for finding in DirectorFinding.allCases {
            let rest = shown[finding, default: 0] - Self.mostOfOneKind
            if rest > 0 { lines.append("and \(rest) more of \(finding.rawValue)") }
        }
        let counts = DirectorFinding.Level.allCases.compactMap { level -> String? in
            let count = findings.count { $0.level == level }
            return count == 0 ? nil : "\(count) \(level.rawValue)\(count == 1 ? "" : "s")"
        }
        lines.append(counts.isEmpty ? "nothing was found" : counts.joined(separator: ", "))
        return lines.joined(separator: "\n") + "\n"
    }

    static let mostOfOneKind = 20

    private static func text(_ line: Line, _ style: Style) -> String {
        let ink: Style.Ink =
            switch line.level {
            case .error: .red
            case .warning: .yellow
            case .note: .dim
            }
        let level = line.level.rawValue
        let padding = String(repeating: " ", count: max(0, 9 - level.count))
        let place = line.place.map { "\(printable($0)): " } ?? ""
        return "\(style.paint(level, ink))\(padding)\(line.finding.rawValue)  "
            + "\(place)\(printable(line.seen)). \(line.means) \(line.now)"
    }
}
