// The little of Markdown that our pages use: headings, links, code.

/// One page, split into what the tests ask about.
struct Markdown {
    struct Heading: Equatable {
        let line: Int
        let title: String
    }

    struct Link: Equatable {
        let line: Int
        let target: String
    }

    private(set) var headings: [Heading] = []
    private(set) var links: [Link] = []
    /// What stands between backquotes, outside of fenced blocks.
    private(set) var codeSpans: [Link] = []

    init(lines: [String]) {
        var isFenced = false
        for (index, line) in lines.enumerated() {
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                isFenced.toggle()
                continue
            }
            if isFenced { continue }
            if let heading = line.wholeMatch(of: /#{1,6} +(.*?) *#*/) {
                headings.append(Heading(line: index + 1, title: String(heading.1)))
            }
            for code in line.matches(of: /`([^`]+)`/) {
                codeSpans.append(Link(line: index + 1, target: String(code.1)))
            }
            for link in line.replacing(/`[^`]*`/, with: "").matches(of: /\]\(([^)\s]+)\)/) {
                links.append(Link(line: index + 1, target: String(link.1)))
            }
        }
    }

    /// The names by which a heading can be linked to, as code hosts make them.
    var anchors: Set<String> {
        var taken: [String: Int] = [:]
        return Set(
            headings.map { heading in
                let slug = String(
                    heading.title.lowercased().filter {
                        $0.isLetter || $0.isNumber || $0 == " " || $0 == "-" || $0 == "_"
                    }
                ).replacing(" ", with: "-")
                let before = taken[slug, default: 0]
                taken[slug] = before + 1
                return before == 0 ? slug : "\(slug)-\(before)"
            })
    }
}
