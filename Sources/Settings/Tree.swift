// A YAML file as a tree of values, each with its place.

/// One value of a file.
package struct Tree: Sendable {
    package let place: Place
    package let content: Content

    package init(place: Place, content: Content) {
        self.place = place
        self.content = content
    }

    package enum Content: Sendable {
        case scalar(Scalar)
        case list([Tree])
        case map([Entry])
        /// A key without a value, `~` or `null`.
        case nothing
        /// What was reported when the file was read, so that nobody reports it again.
        case refused
    }

    package struct Entry: Sendable {
        package let key: Scalar
        package let place: Place
        package let value: Tree

        package init(key: Scalar, place: Place, value: Tree) {
            self.key = key
            self.place = place
            self.value = value
        }
    }

    /// The kind of value in words, for messages.
    package var kind: String {
        switch content {
        case .scalar: "a single value"
        case .list: "a list"
        case .map: "a map of keys"
        case .nothing, .refused: "nothing"
        }
    }
}

/// Text as it stands in the file.
package struct Scalar: Sendable {
    package let text: String
    package let isQuoted: Bool

    package init(text: String, isQuoted: Bool) {
        self.text = text
        self.isQuoted = isQuoted
    }

    package static func isNothing(_ text: String) -> Bool {
        ["", "~", "null", "Null", "NULL"].contains(text)
    }

    /// What YAML takes the text for when it is not quoted, if that is not text.
    ///
    /// YAML 1.1 has more truth values and numbers than anyone expects, and tools differ in which
    /// of them they know; so all of them are asked to be quoted where text is meant.
    package var surprise: String? {
        if isQuoted { return nil }
        if Self.isNothing(text) { return "nothing" }
        if Self.truths.contains(text.lowercased()) { return "a truth value" }
        guard let first = text.utf8.first, "+-.0123456789".utf8.contains(first) else { return nil }
        if text.hasPrefix("0x") || text.hasPrefix("0o") { return "a number" }
        let digits = text.filter { $0 != "_" }
        if Double(digits) != nil { return "a number" }
        let groups = digits.split(separator: ":", omittingEmptySubsequences: false)
        return groups.count > 1 && groups.allSatisfy { Double($0) != nil } ? "a number" : nil
    }

    private static let truths: Set<String> = ["y", "n", "yes", "no", "on", "off", "true", "false"]
}
