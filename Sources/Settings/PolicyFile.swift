// A policy's file: the knobs of the law, as Weighting declares them.

package import Weighting

package enum PolicyFile {
    /// A key for each knob.
    package static let keys = Policy.knobs.map { knob in
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

    /// A policy, and where the file sets each knob, by the knob's key.
    package struct Contents: Sendable {
        package var policy: Policy
        package var places: [String: Place] = [:]
    }

    /// The policy that a file describes: `base` with what the file names.
    package static func read(
        _ tree: Tree, over base: Policy = Policy(), reporter: Reporter
    ) -> Contents {
        var contents = Contents(policy: base)
        if case .nothing = tree.content { return contents }
        _ = Section.read(tree, reporter: reporter) { section in
            read(below: [], from: &section, into: &contents)
        }
        contents.reportSwinging(to: reporter)
        return contents
    }

    private static func read(
        below path: [Substring], from section: inout Section, into contents: inout Contents
    ) {
        var groups: [Substring] = []
        for (knob, key) in zip(Policy.knobs, keys) {
            let parts = knob.key.split(separator: ".")
            guard parts.starts(with: path) else { continue }
            if parts.count == path.count + 1 {
                guard let found = section.found(key), let place = found.place else { continue }
                contents.policy[keyPath: knob.field] = found.value
                contents.places[knob.key] = place
            } else if !groups.contains(parts[path.count]) {
                groups.append(parts[path.count])
            }
        }
        for name in groups {
            let below = path + [name]
            let group = Group(below.joined(separator: "."), help: "")
            section.group(group) { read(below: below, from: &$0, into: &contents) }
        }
    }
}
