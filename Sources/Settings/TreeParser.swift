// From the text of a file to its tree, by way of Yams; what YAML itself refuses is reported here.

import Yams

/// Reads one file's text.
package struct TreeParser {
    private let source: SourceText
    private let reporter: Reporter
    /// Keys that stood twice, by the stand-in that took the first letter's place.
    private var standIns: [Unicode.Scalar: String] = [:]
    /// Lines whose anchor was reported: an alias leads to its anchor's line again.
    private var anchoredLines: Set<Int> = []

    /// Parses the text; `nil` after a report.
    ///
    /// A file of comments only is `.nothing`.
    package static func parse(_ source: SourceText, reporter: Reporter) -> Tree? {
        var parser = TreeParser(source: source, reporter: reporter)
        return parser.parse()
    }

    private init(source: SourceText, reporter: Reporter) {
        self.source = source
        self.reporter = reporter
    }

    private static let mostDoubled = 20
    private static let deepest = 16

    private mutating func parse() -> Tree? {
        var text = source.text
        while true {
            do {
                // The parser owns the anchors: it lives until the tree has looked for them.
                let parser = try Parser(yaml: text, encoding: .utf8)
                guard let root = try parser.singleRoot() else {
                    return Tree(place: source.place(line: 1, column: 1), content: .nothing)
                }
                return withExtendedLifetime(parser) { tree(root, depth: 0) }
            } catch YamlError.duplicatedKeysInMapping(let names, let context) {
                // Yams stops at a key that stands twice. The first of the two is given another
                // name and the text is read again, so that the tree shows both places, and the
                // rest of the file is looked at.
                guard let name = names.first, standIns.count < Self.mostDoubled,
                    let renamed = rename(keyAt: context.mark, of: text, was: name)
                else {
                    reporter.error(
                        place(context.mark), "the key \"\(names.first ?? "")\" stands here twice")
                    return nil
                }
                text = renamed
            } catch let error as YamlError {
                report(error)
                return nil
            } catch {
                reporter.error(path: source.path, "cannot be read as YAML: \(error)")
                return nil
            }
        }
    }

    private mutating func rename(keyAt mark: Mark, of text: String, was name: String) -> String? {
        var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
            .map(Array.init)
        guard lines.indices.contains(mark.line - 1) else { return nil }
        let isQuoted: (Unicode.Scalar) -> Bool = { $0 == "\"" || $0 == "'" }
        var column = mark.column - 1
        guard lines[mark.line - 1].indices.contains(column) else { return nil }
        if isQuoted(lines[mark.line - 1][column]) { column += 1 }
        guard lines[mark.line - 1].indices.contains(column),
            let standIn = Unicode.Scalar(0xE000 + UInt32(standIns.count)),
            name.unicodeScalars.first == lines[mark.line - 1][column]
        else { return nil }
        lines[mark.line - 1][column] = standIn
        standIns[standIn] = name
        return String(String.UnicodeScalarView(lines.joined(separator: ["\n"])))
    }

    private mutating func tree(_ node: Node, depth: Int) -> Tree {
        let place = place(of: node)
        let refused = Tree(place: place, content: .refused)
        guard node.anchor == nil else {
            if anchoredLines.insert(place.line).inserted {
                reporter.error(
                    place, "anchors (&) and aliases (*) are not read here",
                    remedy: "write the value out at each place")
            }
            return refused
        }
        guard depth < Self.deepest else {
            reporter.error(place, "this is nested too deeply", remedy: "take some levels away")
            return refused
        }
        switch node {
        case .scalar(let scalar):
            let text = Scalar(text: scalar.string, isQuoted: scalar.isQuoted)
            if !text.isQuoted && Scalar.isNothing(text.text) {
                return Tree(place: place, content: .nothing)
            }
            return Tree(place: place, content: .scalar(text))
        case .sequence(let sequence):
            return Tree(place: place, content: .list(sequence.map { tree($0, depth: depth + 1) }))
        case .mapping(let mapping):
            return Tree(place: place, content: .map(entries(mapping, depth: depth)))
        case .alias:
            return refused
        }
    }

    private mutating func entries(_ mapping: Node.Mapping, depth: Int) -> [Tree.Entry] {
        var entries: [Tree.Entry] = []
        var firsts: [String: Place] = [:]
        for (key, value) in mapping {
            let keyPlace = place(of: key)
            guard case .scalar(let scalar) = key, key.anchor == nil else {
                reporter.error(keyPlace, "a key is needed here", remedy: "write a single word")
                continue
            }
            let name = scalar.string.unicodeScalars.first.flatMap { standIns[$0] } ?? scalar.string
            if let first = firsts.firstValue(forKey: name, else: keyPlace) {
                reporter.error(
                    keyPlace, "the key \"\(name)\" stands here twice",
                    remedy: "the first is at line \(first.line); keep one of them")
            }
            entries.append(
                Tree.Entry(
                    key: Scalar(text: name, isQuoted: scalar.isQuoted), place: keyPlace,
                    value: tree(value, depth: depth + 1)))
        }
        return entries
    }

    private func place(of node: Node) -> Place {
        guard let mark = node.mark else { return source.place(line: 1, column: 1) }
        guard case .scalar(let scalar) = node else { return place(mark) }
        let length = scalar.string.unicodeScalars.count + (scalar.isQuoted ? 2 : 0)
        return source.place(line: mark.line, column: mark.column, length: max(1, length))
    }

    private func place(_ mark: Mark) -> Place {
        source.place(line: mark.line, column: mark.column)
    }
}

extension Node.Scalar {
    fileprivate var isQuoted: Bool {
        switch style {
        case .singleQuoted, .doubleQuoted, .literal, .folded: true
        case .any, .plain: false
        }
    }
}

extension TreeParser {
    private func report(_ error: YamlError) {
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let place = errorPlace(mark, context: context)
            let during = context.map { " \($0.text) that begins at line \($0.mark.line)," } ?? ""
            reporter.error(
                place, "this is not YAML:\(during) \(problem)",
                remedy: remedy(problem: problem, at: mark, context: context))
        case .reader(let problem, _, let value, _):
            let scalars = source.text.unicodeScalars
            let line = scalars.firstIndex { Int32($0.value) == value }
                .map { scalars[..<$0].count { $0 == "\n" } + 1 }
            reporter.error(
                source.place(line: line ?? 1, column: 1), "this is not text: \(problem)",
                remedy: "is this the right file, and is it whole?")
        default:
            reporter.error(path: source.path, "cannot be read as YAML: \(error)")
        }
    }

    /// Where the reader stopped, or, when that is the end of the file, what it was reading there.
    private func errorPlace(_ mark: Mark, context: YamlError.Context?) -> Place {
        let last = (source.lines.lastIndex { !$0.isEmpty } ?? 0) + 1
        if mark.line <= last { return place(mark) }
        if let context { return place(context.mark) }
        return source.place(line: last, column: source.lines[last - 1].unicodeScalars.count + 1)
    }

    private func remedy(problem: String, at mark: Mark, context: YamlError.Context?) -> String {
        let line = source.lines.indices.contains(mark.line - 1) ? source.lines[mark.line - 1] : ""
        let scalars = Array(line.unicodeScalars)
        let character = scalars.indices.contains(mark.column - 1) ? scalars[mark.column - 1] : " "
        if line.contains("]:") {
            return "quote an address that begins with a bracket, as in \"[::]:7817\""
        }
        if problem.contains("undefined alias") {
            return "anchors (&) and aliases (*) are not read here; quote text that begins with *"
        }
        if problem.contains("another document") { return "a file holds one document; remove ---" }
        if problem.contains("cannot start any token") {
            return character == "\t"
                ? "indent with blanks, not with tabs" : "quote text that begins with \(character)"
        }
        if context?.text.contains("quoted scalar") == true { return "close the quotes" }
        if context?.text.contains("flow") == true { return "close the brackets, or add a comma" }
        return "look at the colons, quotes and indentation here and in the line before"
    }
}

extension Dictionary {
    /// The value that a key has; `other` from now on, and `nil` this time, when it has none.
    package mutating func firstValue(forKey key: Key, else other: Value) -> Value? {
        if let value = self[key] { return value }
        self[key] = other
        return nil
    }
}
