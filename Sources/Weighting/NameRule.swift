// What may be the name of a service or a server.

/// The rule for names: they also stand in file names, addresses and commands.
package enum NameRule {
    package static let mostBytes = 64

    /// Why a text is no name, and what to do.
    package struct Fault: Equatable, Sendable {
        package let message: String
        package let remedy: String
    }

    /// What is wrong with `text`; nothing when it is a name.
    package static func fault(of text: String) -> Fault? {
        if let bad = text.unicodeScalars.first(where: { !isAllowed($0) }) {
            return Fault(
                message: "\"\(text)\" is not a name: it contains \"\(bad)\"",
                remedy: "letters a to z, digits, - _ and . are allowed")
        }
        guard text.utf8.count <= mostBytes,
            text.first?.isLetter == true || text.first?.isNumber == true
        else {
            return Fault(
                message: "\"\(text)\" is not a name",
                remedy: "begin with a letter or a digit, and use at most \(mostBytes) characters")
        }
        return nil
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": true
        default: false
        }
    }
}
