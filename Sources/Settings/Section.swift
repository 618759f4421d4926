// Hands out the values of one map of keys, and in the end reports the keys that nobody asked for.

package struct Section {
    package let place: Place
    package let reporter: Reporter
    private var entries: [String: Tree.Entry] = [:]
    private var order: [String] = []
    private var asked: [String] = []

    /// Calls `body` with the section that `tree` holds; `nil` after a report when it holds none.
    package static func read<Result>(
        _ tree: Tree, at place: Place? = nil, reporter: Reporter,
        _ body: (inout Section) -> Result?
    ) -> Result? {
        if case .refused = tree.content { return nil }
        guard case .map(let entries) = tree.content else {
            reporter.error(
                place ?? tree.place, "keys are needed here, and this has \(tree.kind)",
                remedy: "write its keys in lines of their own below it")
            return nil
        }
        var section = Section(
            entries: entries, place: place ?? tree.place, reporter: reporter)
        let result = body(&section)
        section.reportUnknown()
        return result
    }

    private init(entries: [Tree.Entry], place: Place, reporter: Reporter) {
        self.place = place
        self.reporter = reporter
        for entry in entries where self.entries.updateValue(entry, forKey: entry.key.text) == nil {
            order.append(entry.key.text)
        }
    }

    private mutating func take(_ name: String) -> Tree.Entry? {
        asked.append(name)
        return entries[name]
    }

    /// The value of a key, or its standard value; `nil` when it has neither, or after a report.
    package mutating func found<Value>(_ key: Key<Value>) -> Found<Value>? {
        let name = key.entry.name
        if let entry = take(name) {
            if case .refused = entry.value.content { return nil }
            if case .nothing = entry.value.content {
                reporter.error(
                    entry.place, "\"\(name)\" has no value",
                    remedy: "\(key.reading.wanted) is needed")
                return nil
            }
            return key.reading.read(entry.value, reporter)
                .map { Found(value: $0, place: entry.value.place) }
        }
        switch key.presence {
        case .optional:
            return nil
        case .required:
            reporter.error(
                place, "\"\(name)\" is missing", remedy: "\(key.reading.wanted) is needed")
            return nil
        case .standard:
            return key.standard.flatMap { key.reading.read($0, reporter) }
                .map { Found(value: $0, place: nil) }
        }
    }

    package mutating func value<Value>(_ key: Key<Value>) -> Value? { found(key)?.value }

    /// The place of a key that stands in the file, whatever its value is.
    package func keyPlace(_ entry: KeyEntry) -> Place? { entries[entry.name]?.place }

    /// Calls `body` with the keys below a key; with none of them when the key is left out.
    package mutating func group<Result>(_ group: Group, _ body: (inout Section) -> Result?)
        -> Result?
    {
        guard let entry = take(group.entry.name) else {
            var empty = Section(entries: [], place: place, reporter: reporter)
            return body(&empty)
        }
        return Section.read(entry.value, at: entry.place, reporter: reporter, body)
    }

    /// Calls `body` with each name below a key, and its keys.
    package mutating func map<Result>(
        _ group: Group, most: Int, _ body: (Tree.Entry, inout Section) -> Result?
    ) -> [Result] {
        entries(of: group, most: most).compactMap { entry in
            Section.read(entry.value, at: entry.place, reporter: reporter) { body(entry, &$0) }
        }
    }

    /// Each name below a key, and its value; nothing for one that was refused.
    package mutating func values<Value>(
        _ group: Group, _ reading: Reading<Value>, most: Int
    ) -> [(name: String, value: Value?)] {
        entries(of: group, most: most).compactMap { entry in
            let key = Tree(place: entry.place, content: .scalar(entry.key))
            return Reading<String>.name.read(key, reporter).map {
                ($0, reading.read(entry.value, reporter))
            }
        }
    }

    /// The names below a key; none after a report.
    private mutating func entries(of group: Group, most: Int) -> [Tree.Entry] {
        guard let entry = take(group.entry.name) else {
            reporter.error(place, "\"\(group.entry.name)\" is missing", remedy: group.help)
            return []
        }
        if case .refused = entry.value.content { return [] }
        guard case .map(let entries) = entry.value.content else {
            reporter.error(
                entry.place, "names are needed below this, and it has \(entry.value.kind)",
                remedy: group.help)
            return []
        }
        guard entries.count <= most else {
            reporter.error(
                entry.place, "\(entries.count) names stand below this",
                remedy: "at most \(most) are allowed")
            return []
        }
        return entries
    }

    /// Calls `body` with the keys of each element of a list.
    package mutating func list<Result>(
        _ group: Group, most: Int, isOptional: Bool = false, _ body: (inout Section) -> Result?
    ) -> [Result] {
        guard let entry = take(group.entry.name) else {
            if isOptional { return [] }
            reporter.error(place, "\"\(group.entry.name)\" is missing", remedy: group.help)
            return []
        }
        if case .refused = entry.value.content { return [] }
        guard case .list(let elements) = entry.value.content else {
            reporter.error(
                entry.place, "a list is needed below this, and it has \(entry.value.kind)",
                remedy: group.help)
            return []
        }
        guard (1...most).contains(elements.count) else {
            reporter.error(
                entry.place, "the list has \(elements.count) elements",
                remedy: "1 to \(most) are allowed")
            return []
        }
        return elements.compactMap { Section.read($0, reporter: reporter, body) }
    }

    private func reportUnknown() {
        for name in order where !asked.contains(name) {
            guard let entry = entries[name] else { continue }
            reporter.error(
                entry.place, "unknown key \"\(name)\"",
                remedy: Suggestion.remedy(for: name, known: asked))
        }
    }
}
