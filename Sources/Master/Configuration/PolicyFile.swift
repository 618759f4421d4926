// policy.yaml: the knobs of the law, as Weighting declares them.

internal import Weighting

enum PolicyFile {
    /// A key for each knob.
    static let keys = Policy.knobs.map { knob in
        Key<Double>(
            knob.key, reading(of: knob), .standard(knob.text(knob.standard)), help: knob.help)
    }

    private static func reading(of knob: Policy.Knob) -> Reading<Double> {
        switch knob.unit {
        case .seconds: .duration(knob.allowed)
        case .share: .share(knob.allowed)
        case .factor: .number(knob.allowed)
        }
    }

    /// The policy that a file describes; what it does not name keeps its standard value.
    static func read(_ tree: Tree, reporter: Reporter) -> Policy {
        var policy = Policy()
        if case .nothing = tree.content { return policy }
        _ = Section.read(tree, reporter: reporter) { section in
            read(below: [], from: &section, into: &policy)
        }
        return policy
    }

    private static func read(
        below path: [Substring], from section: inout Section, into policy: inout Policy
    ) {
        var groups: [Substring] = []
        for (knob, key) in zip(Policy.knobs, keys) {
            let parts = knob.key.split(separator: ".")
            guard parts.starts(with: path) else { continue }
            if parts.count == path.count + 1 {
                if let value = section.value(key) { policy[keyPath: knob.field] = value }
            } else if !groups.contains(parts[path.count]) {
                groups.append(parts[path.count])
            }
        }
        for name in groups {
            let below = path + [name]
            let group = Group(below.joined(separator: "."), help: "")
            section.group(group) { read(below: below, from: &$0, into: &policy) }
        }
    }
}
