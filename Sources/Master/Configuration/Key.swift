// A key of a configuration file is declared once: its name, value, standard value and help.

/// What people are told about a key.
struct KeyEntry: Sendable {
    /// From the top of the file, as in `listen.reports`; NAME stands for any name.
    let path: String
    /// The value as the file would write it when it is left out; `nil` when there is none.
    let standard: String?
    let help: String

    var name: String { path.split(separator: ".").last.map(String.init) ?? path }
}

/// A key with a value.
struct Key<Value: Sendable>: Sendable {
    enum Presence: Sendable {
        case required
        case optional
        /// As the file would write it.
        case standard(String)
    }

    let path: String
    let presence: Presence
    let reading: Reading<Value>
    let help: String

    init(_ path: String, _ reading: Reading<Value>, _ presence: Presence, help: String) {
        self.path = path
        self.reading = reading
        self.presence = presence
        self.help = help
    }

    var entry: KeyEntry {
        switch presence {
        case .standard(let text): KeyEntry(path: path, standard: text, help: help)
        case .required, .optional: KeyEntry(path: path, standard: nil, help: help)
        }
    }
}

/// A key with keys below it.
struct Group: Sendable {
    let path: String
    let help: String

    init(_ path: String, help: String) {
        self.path = path
        self.help = help
    }

    var entry: KeyEntry { KeyEntry(path: path, standard: nil, help: help) }
}

/// A value and where it stands; no place when it is the standard value.
struct Found<Value> {
    let value: Value
    let place: Place?
}

extension Found: Sendable where Value: Sendable {}

/// Why a value was not taken.
struct Complaint: Error {
    let message: String
    let remedy: String?

    init(_ message: String, remedy: String? = nil) {
        self.message = message
        self.remedy = remedy
    }
}

/// How the text of a value becomes a value, and what to ask for when it does not.
struct Reading<Value: Sendable>: Sendable {
    /// Completes "… is needed", as in "a whole number from 0 to 65535".
    let wanted: String
    /// Reports what is wrong and returns `nil` then.
    let read: @Sendable (Tree, Reporter) -> Value?

    private init(wanted: String, reading: @escaping @Sendable (Tree, Reporter) -> Value?) {
        self.wanted = wanted
        read = reading
    }

    /// A single value.
    init(_ wanted: String, _ parse: @escaping @Sendable (Scalar) throws(Complaint) -> Value) {
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
    static func oneOrMore<Element: Sendable>(
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
