// A key of a configuration file is declared once: its name, value, standard value and help.

/// What people are told about a key.
package struct KeyEntry: Sendable {
    /// From the top of the file, as in `listen.reports`; NAME stands for any name.
    package let path: String
    package let name: String
    /// The value as the file would write it when it is left out; `nil` when there is none.
    package let standard: String?
    package let help: String

    package init(path: String, name: String? = nil, standard: String?, help: String) {
        self.path = path
        self.name = name ?? path.split(separator: ".").last.map(String.init) ?? path
        self.standard = standard
        self.help = help
    }
}

/// A key with a value.
package struct Key<Value: Sendable>: Sendable {
    package enum Presence: Sendable {
        case required
        case optional
        /// As the file would write it.
        case standard(String)
    }

    package let path: String
    /// The last part of the path; what stands for NAME there may have dots of its own.
    package let name: String?
    package let presence: Presence
    package let reading: Reading<Value>
    package let help: String
    /// Made once: a file of a thousand members asks for its keys twenty thousand times.
    package let entry: KeyEntry
    /// The standard value as it would be read from a file.
    let standard: Tree?

    package init(
        _ path: String, name: String? = nil, _ reading: Reading<Value>, _ presence: Presence,
        help: String
    ) {
        self.path = path
        self.name = name
        self.reading = reading
        self.presence = presence
        self.help = help
        let text: String? = if case .standard(let text) = presence { text } else { nil }
        entry = KeyEntry(path: path, name: name, standard: text, help: help)
        standard = text.flatMap {
            let source = SourceText(path: "standard value of \(path)", text: $0)
            return TreeParser.parse(source, reporter: Reporter())
        }
    }
}

/// A key with keys below it.
package struct Group: Sendable {
    package let path: String
    /// The last part of the path; what stands for NAME there may have dots of its own.
    package let name: String?
    package let help: String
    package let entry: KeyEntry

    package init(_ path: String, name: String? = nil, help: String) {
        self.path = path
        self.name = name
        self.help = help
        entry = KeyEntry(path: path, name: name, standard: nil, help: help)
    }
}

/// A value and where it stands; no place when it is the standard value.
package struct Found<Value> {
    package let value: Value
    package let place: Place?

    package init(value: Value, place: Place?) {
        self.value = value
        self.place = place
    }
}

extension Found: Sendable where Value: Sendable {}

/// Why a value was not taken.
package struct Complaint: Error {
    package let message: String
    package let remedy: String?

    package init(_ message: String, remedy: String? = nil) {
        self.message = message
        self.remedy = remedy
    }
}

/// How the text of a value becomes a value, and what to ask for when it does not.
package struct Reading<Value: Sendable>: Sendable {
    /// Completes "… is needed", as in "a whole number from 0 to 65535".
    package let wanted: String
    /// Reports what is wrong and returns `nil` then.
    package let read: @Sendable (Tree, Reporter) -> Value?

    init(wanted: String, reading: @escaping @Sendable (Tree, Reporter) -> Value?) {
        self.wanted = wanted
        read = reading
    }

    /// A single value.
    package init(_ wanted: String, _ parse: @escaping @Sendable (Scalar) throws(Complaint) -> Value)
    {
        self.init(wanted: wanted) { tree, reporter in
            if case .refused = tree.content { return nil }
            guard case .scalar(let scalar) = tree.content else {
                reporter.error(tree.place, "\(wanted) is needed, and this is \(tree.kind)")
                return nil
            }
            do throws(Complaint) {
                return try parse(scalar)
            } catch {
                reporter.error(tree.place, error.message, remedy: error.remedy)
                return nil
            }
        }
    }

    /// One value, or a list of 1 to `most`.
    package static func oneOrMore<Element: Sendable>(
        _ element: Reading<Element>, most: Int
    ) -> Reading<[Found<Element>]> where Value == [Found<Element>] {
        Reading(wanted: "\(element.wanted), or a list of up to \(most)") { tree, reporter in
            guard case .list(let trees) = tree.content else {
                return element.read(tree, reporter).map { [Found(value: $0, place: tree.place)] }
            }
            guard (1...most).contains(trees.count) else {
                reporter.error(
                    tree.place, "the list has \(trees.count) values",
                    remedy: "1 to \(most) are allowed")
                return nil
            }
            let found = trees.compactMap { tree in
                element.read(tree, reporter).map { Found(value: $0, place: tree.place) }
            }
            return found.count == trees.count ? found : nil
        }
    }
}
