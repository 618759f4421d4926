// Regular expressions: what they match, what is refused, and that no text keeps them busy.

import Testing

@testable import Checks

struct PatternTests {
    private func matches(_ pattern: String, _ text: String) throws -> Bool {
        try Pattern(pattern).isFound(in: Array(text.utf8))
    }

    @Test(arguments: [
        ("ok", "it is ok now"), ("^ok$", "ok"), ("a.c", "xabcx"), ("colou?r", "color"),
        ("ab*c", "ac"), ("ab*c", "abbbc"), ("ab+c", "abc"), ("a{2,3}b", "caab"),
        ("(foo|bar)+baz", "foobarbaz"), ("[a-c]x", "bx"), ("[^a-c]x", "dx"), ("[]a]", "]"),
        ("[a-]", "-"), ("\\d{3}", "status 200"), ("\\w+@\\w+", "a@b"), ("a\\.b", "a.b"),
        ("(?i)hello", "HeLLo"), ("(?:ab){2}", "abab"), ("x|", "y"),
        ("a|b|", "q"), ("grün", "alles grün"), ("^$", ""), ("(a*)*b", "aab"), ("x{0}y", "y"),
        ("a{2,}", "aaa"), ("\\S\\s\\S", "a b"),
    ])
    func `an expression is found`(pattern: String, text: String) throws {
        #expect(try matches(pattern, text))
    }

    @Test(arguments: [
        ("ok", "o k"), ("^ok", "not ok"), ("ok$", "ok not"), ("a.c", "a\nc"), ("ab+c", "ac"),
        ("a{3}", "aa"), ("[^a-c]x", "ax"), ("hello", "HELLO"), ("^$", "x"), ("a\\.b", "axb"),
        ("(?i)[^a]", "A"), ("\\D", "123"),
    ])
    func `an expression is not found`(pattern: String, text: String) throws {
        #expect(try !matches(pattern, text))
    }

    @Test(arguments: [
        "", "(", ")", "a)", "(a", "[a", "[z-a]", "*a", "a{", "a{2", "a{3,2}", "a{101}", "\\", "\\q",
        "\\1", "(?=a)", "(?<n>a)", "{2}", "[ä]", String(repeating: "a", count: 257),
        "((((a{100}){100}){100}){100})",
        String(repeating: "(", count: 30) + "a"
            + String(repeating: ")", count: 30),
    ])
    func `what is no expression, or too much of one, is refused`(pattern: String) {
        #expect(throws: PatternFault.self) { try Pattern(pattern) }
    }

    @Test func `random expressions find what Swift's own find`() throws {
        var dice = Dice(seed: 7)
        for _ in 0..<2000 {
            let text = expression(&dice, depth: 3)
            guard let ours = try? Pattern(text), let oracle = try? Regex(text) else { continue }
            for _ in 0..<5 {
                let sample = String((0..<dice.below(8)).map { _ in dice.one(of: "abc") })
                let isFound = sample.firstMatch(of: oracle) != nil
                #expect(ours.isFound(in: Array(sample.utf8)) == isFound, "\(text) in \(sample)")
            }
        }
    }

    private func expression(_ dice: inout Dice, depth: Int) -> String {
        let parts = (0...dice.below(3)).map { _ -> String in
            let atom =
                switch dice.below(depth > 0 ? 6 : 4) {
                case 0, 1: String(dice.one(of: "abc"))
                case 2: "."
                case 3: ["[ab]", "[^a]", "[b-c]"][dice.below(3)]
                case 4: "(\(expression(&dice, depth: depth - 1)))"
                default:
                    "(\(expression(&dice, depth: depth - 1))|\(expression(&dice, depth: depth - 1)))"
                }
            return atom + ["", "", "*", "+", "?", "{1,2}"][dice.below(6)]
        }
        let body = parts.joined()
        return ["", "", "^"][dice.below(3)] + body + ["", "", "$"][dice.below(3)]
    }

    @Test func `no text takes more than its length times the expression's`() throws {
        let pattern = try Pattern("(a|a)*(a|aa)*(a*)*b$")
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 65_536)
        // One that tries its ways one by one would not end.
        #expect(!pattern.isFound(in: text))
    }

    @Test func `random bytes as an expression end in a pattern or in words`() {
        var dice = Dice(seed: 11)
        let signs = Array("ab()[]{}*+?|\\^$.,-:01=<".utf8)
        for _ in 0..<20_000 {
            let bytes = (0..<dice.below(24)).map { _ in
                dice.below(8) == 0 ? UInt8(dice.below(256)) : signs[dice.below(signs.count)]
            }
            let text = String(decoding: bytes, as: UTF8.self)
            if let pattern = try? Pattern(text) { _ = pattern.isFound(in: bytes) }
        }
    }
}
