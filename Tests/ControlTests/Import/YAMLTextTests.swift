// Text that goes into YAML comes out of it as it was.

import Settings
import Testing

@testable import Control

struct YAMLTextTests {
    private func readBack(_ text: YAMLText) -> String? {
        let source = SourceText(path: "x.yaml", text: "key: {value: \(text), other: 1}\n")
        guard let tree = TreeParser.parse(source, reporter: Reporter()),
            case .map(let top) = tree.content, let value = top.first?.value,
            case .map(let pairs) = value.content, let first = pairs.first,
            case .scalar(let scalar) = first.value.content
        else { return nil }
        return (try? scalar.asText("text")) ?? nil
    }

    @Test(arguments: [
        "plain", "10.0.0.1", "fd00::1", "yes", "null", "010", "1e3", "a: b", "- x", "#no", "a #b",
        "\"quoted\"", "back\\slash", "tab\tline\nend", "", " ", "{x}", "[x]", "x,y", "*a", "&a",
        "é 漢 \u{2028}\u{85}\u{7F}", "12:30:45", "~", ".5", "0x1F",
    ])
    func `any text is read back as it was`(text: String) {
        #expect(readBack(YAMLText(text)) == text)
    }

    @Test func `so is text of chance`() {
        var dice = Chance(state: 7)
        for _ in 0..<500 {
            let scalars = (0..<8).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 1...0x2100, using: &dice))
            }
            let text = String(String.UnicodeScalarView(scalars))
            #expect(readBack(YAMLText(text)) == text, "\(scalars)")
        }
    }

    @Test func `a page's path is one that can be asked for`() {
        #expect(YAMLText(page: "/a/b.html").description == "/a/b.html")
        #expect(YAMLText(page: "a b\té").description == "\"/a%20b%09%C3%A9\"")
    }

    @Test func `times keep their milliseconds`() {
        #expect(YAMLText(seconds: 6).description == "6s")
        #expect(YAMLText(seconds: 0.25).description == "250ms")
        #expect(YAMLText(seconds: 1.5).description == "1500ms")
    }
}
