// Which names are near to a mistyped one.

import Testing

@testable import Weighting

@Suite struct NearNameTests {
    @Test(arguments: [
        ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "abcd", 1),
        ("abc", "axc", 1), ("kitten", "sitting", 3),
    ])
    func `the distance counts slips`(one: String, other: String, slips: Int) {
        let distance = NearName.distance(
            from: Array(one.unicodeScalars), to: Array(other.unicodeScalars))
        #expect(distance == slips)
    }

    @Test func `near names come nearest first, and as near ones in their order`() {
        #expect(
            NearName.all(to: "web1", in: ["web22", "mail", "web2", "web01"]) == ["web2", "web01"])
        #expect(NearName.all(to: "WEB1", in: ["web10", "web1"]) == ["web1", "web10"])
        #expect(NearName.all(to: "colour", in: ["rr", "wlc"]) == [])
    }
}
