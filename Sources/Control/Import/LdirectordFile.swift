// ldirectord.cf: its directives by virtual service, with the lines they stand on.

struct LdirectordFile {
    struct Directive {
        let origin: Origin
        let key: String
        let value: String

        var text: String { "\(key)=\(value)" }
    }

    struct Section {
        /// `virtual=` or `virtual6=`.
        let head: Directive
        var directives: [Directive] = []
    }

    private(set) var globals: [Directive] = []
    private(set) var sections: [Section] = []
    private(set) var remarks: [Remark] = []

    init(_ text: String, path: String) {
        for (index, line) in TextFile.lines(of: text).enumerated() {
            let origin = Origin(path: path, line: index + 1)
            // As ldirectord has it: a # ends the line, even in quotes.
            let code = line.prefix { $0 != "#" }
            let body = code.drop { $0 == " " || $0 == "\t" }
            guard !body.isEmpty else { continue }
            guard let directive = Self.directive(body, origin) else {
                remarks.append(
                    Remark(origin: origin, text: "\(body): no key and value", isLoss: true))
                continue
            }
            if directive.key == "virtual" || directive.key == "virtual6" {
                sections.append(Section(head: directive))
            } else if code.startIndex == body.startIndex {
                globals.append(directive)
            } else if let last = sections.indices.last {
                sections[last].directives.append(directive)
            } else {
                remarks.append(
                    Remark(
                        origin: origin, text: "\(body): belongs to no virtual service",
                        isLoss: true))
            }
        }
    }

    private static func directive(_ text: Substring, _ origin: Origin) -> Directive? {
        func trimmed(_ text: Substring) -> String {
            var text = text.drop { $0 == " " || $0 == "\t" }
            while text.last == " " || text.last == "\t" { text.removeLast() }
            return String(text)
        }
        guard let equals = text.firstIndex(of: "=") else {
            // An old form without a value.
            return text.hasPrefix("supervised")
                ? Directive(origin: origin, key: "supervised", value: "yes") : nil
        }
        let value = trimmed(text[text.index(after: equals)...])
        return Directive(origin: origin, key: trimmed(text[..<equals]), value: value)
    }
}
