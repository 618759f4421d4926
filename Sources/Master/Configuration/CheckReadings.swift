// The kinds of values that the keys of checks have.

internal import Checks
internal import IPVS
internal import Settings
internal import Weighting

extension Reading<CheckType> {
    static let checkType = oneOf("type of check", CheckType.allCases, \.rawValue)
}

extension Reading<DNSRecord> {
    static let dnsRecord = oneOf("kind of record", DNSRecord.allCases, \.name)
}

extension Reading<DNSCode> {
    static let dnsCode = oneOf("code", DNSCode.allCases, \.name)
}

extension Reading {
    /// One of all cases, by name.
    fileprivate static func oneOf(
        _ noun: String, _ cases: [Value], _ name: @escaping @Sendable (Value) -> String
    ) -> Reading<Value> {
        let known = cases.map(name)
        return Reading(known.joined(separator: " or ")) { (scalar) throws(Complaint) in
            guard let found = cases.first(where: { name($0) == scalar.text }) else {
                throw Complaint(
                    "unknown \(noun) \"\(scalar.text)\"",
                    remedy: Suggestion.remedy(for: scalar.text, known: known))
            }
            return found
        }
    }
}

extension Reading<StatusRanges> {
    static let statusRanges = Reading("status codes such as 200-299,301") {
        (scalar) throws(Complaint) in
        guard let ranges = StatusRanges(scalar.text) else {
            throw Complaint(
                "\"\(scalar.text)\" is no list of status codes",
                remedy: "write codes from 100 to 599, as in 200-299,301")
        }
        return ranges
    }
}

extension Reading<Pattern> {
    static let pattern = Reading("a regular expression") { (scalar) throws(Complaint) in
        let text = try scalar.asText("a regular expression")
        do throws(PatternFault) {
            return try Pattern(text)
        } catch {
            throw Complaint(
                "\"\(text)\" is no regular expression: \(error.message)",
                remedy: "docs/operating.md, Checks, lists what may stand in one")
        }
    }
}

extension Reading<DNSName> {
    static let dnsName = Reading("a name such as example.com") { (scalar) throws(Complaint) in
        guard let name = DNSName(scalar.text) else {
            throw Complaint("\"\(scalar.text)\" is no name", remedy: "write it as in example.com")
        }
        return name
    }
}

extension Reading<String> {
    /// The path of a page, and what may follow it.
    static let urlPath = Reading("a path such as /health") { (scalar) throws(Complaint) in
        guard scalar.text.hasPrefix("/"), isVisible(scalar.text, most: 1024) else {
            throw Complaint(
                "\"\(scalar.text)\" is no path of a page",
                remedy: "it begins with / and has up to 1024 letters of ASCII, no spaces")
        }
        return scalar.text
    }

    static let hostHeader = Reading("a name, or a name and a port") { (scalar) throws(Complaint) in
        guard isVisible(scalar.text, most: 255) else {
            throw Complaint("\"\(scalar.text)\" is no name", remedy: "write it as in example.com")
        }
        return scalar.text
    }

    static let hostName = Reading("a name such as example.com") { (scalar) throws(Complaint) in
        guard DNSName(scalar.text) != nil, Address(scalar.text) == nil else {
            throw Complaint("\"\(scalar.text)\" is no name", remedy: "write it as in example.com")
        }
        return scalar.text
    }

    /// What is sent in a datagram; escapes are those of YAML's double quotes.
    static let payload = Reading("text of up to 512 bytes") { (scalar) throws(Complaint) in
        guard scalar.text.utf8.count <= 512 else {
            throw Complaint("this is longer than 512 bytes", remedy: "send less")
        }
        return scalar.text
    }

    /// Of a program; numbers may stand without quotes.
    static let argument = Reading("an argument") { (scalar) throws(Complaint) in
        guard scalar.text.utf8.count < 4096, !scalar.text.utf8.contains(0) else {
            throw Complaint("this is no argument of a program", remedy: "4095 bytes are allowed")
        }
        return scalar.text
    }

    private static func isVisible(_ text: String, most: Int) -> Bool {
        (1...most).contains(text.utf8.count)
            && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }
}
