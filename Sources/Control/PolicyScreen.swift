// The text and the JSON of `poise policy show`, from the knobs as Weighting declares them.

internal import Settings
internal import Weighting

struct PolicyScreen {
    let policy: Policy
    /// Where the master was asked.
    var inForce: InForce?
    let style: Style

    struct InForce {
        let service: String
        let policy: Snapshot.PolicyInForce
    }

    /// A row a knob.
    func text(hasValues: Bool) -> String {
        var grid = Grid(alignments: [.left, .right, .right, .left, .left, .left], indent: "")
        grid.rows = [["KEY", "VALUE", "DEFAULT", "BOUNDS", "UNIT", "MEANING"]]
        for knob in Policy.knobs {
            let bounds = [knob.allowed.lowerBound, knob.allowed.upperBound].map(knob.text)
            grid.rows.append([
                knob.key, knob.text(policy[keyPath: knob.field]), knob.text(knob.standard),
                bounds.joined(separator: " … "), knob.unit.name, knob.help,
            ])
        }
        if !hasValues {
            grid = Grid(
                alignments: [.left, .right, .left, .left, .left], indent: "",
                rows: grid.rows.map { [$0[0]] + $0[2...] })
        }
        var lines = grid.lines()
        lines[0] = style.paint(lines[0], .bold)
        if let inForce {
            lines.insert(printable("\(inForce.service): \(inForce.policy.text)"), at: 0)
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// For programs; values in seconds, shares of one, or as they are.
    struct Document: Encodable {
        var format = 1
        var knobs: [Knob]
        /// With the service, as ``Snapshot/Service/policy`` has it.
        var service: String?
        var inForce: Snapshot.PolicyInForce?
    }

    struct Knob: Encodable {
        var key: String
        var value: Double
        var standard: Double
        var least: Double
        var most: Double
        var unit: String
        var help: String

        enum CodingKeys: String, CodingKey {
            case key, value, least, most, unit, help
            case standard = "default"
        }
    }

    var document: Document {
        Document(
            knobs: Policy.knobs.map { knob in
                Knob(
                    key: knob.key, value: policy[keyPath: knob.field], standard: knob.standard,
                    least: knob.allowed.lowerBound, most: knob.allowed.upperBound,
                    unit: knob.unit.name, help: knob.help)
            }, service: inForce?.service, inForce: inForce?.policy)
    }
}

extension Policy.Knob.Unit {
    fileprivate var name: String {
        switch self {
        case .seconds: "seconds"
        case .share: "share"
        case .factor: "factor"
        }
    }
}
