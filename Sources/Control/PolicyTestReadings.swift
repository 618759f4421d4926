// The kinds of values that only files of tests have.

internal import Settings

extension Reading<String> {
    /// Any text in one line.
    static let sentence = Reading("a text") { (scalar) throws(Complaint) in
        let text = try scalar.asText("a text")
        guard !text.isEmpty, text.utf8.count <= 200 else {
            throw Complaint("this is no name of a test", remedy: "1 to 200 bytes are allowed")
        }
        return text
    }

    /// A reason's code, as in `within_deadband`.
    static let code = Reading("a code such as follows") { (scalar) throws(Complaint) in
        guard scalar.text.utf8.allSatisfy({ $0 == UInt8(ascii: "_") || (0x61...0x7A).contains($0) })
        else {
            throw Complaint(
                "\"\(scalar.text)\" is no code of a reason",
                remedy: "`poise ls -o json` and docs/policy.md have them, as in within_deadband")
        }
        return scalar.text
    }
}
