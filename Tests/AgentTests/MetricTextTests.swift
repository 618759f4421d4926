// The Prometheus text format, whole and in pieces.

import Testing

@testable import Agent

private func read(_ page: String, _ selectors: String...) throws -> [Double?] {
    var text = MetricText(
        try selectors.map { selector throws(ValueFault) in try MetricSelector(selector) })
    Array(page.utf8).withUnsafeBytes { text.take($0) }
    text.end()
    return text.sums
}

@Test func `a metric is the sum of its series`() throws {
    let page = """
        # HELP requests_total Requests.
        # TYPE requests_total counter
        requests_total{code="200"} 1027 1395066363000
        requests_total{code="500",path="/"} 3
        requests_total_created 99
        up 1
        """
    #expect(try read(page, "requests_total", "up", "absent") == [1_030, 1, nil])
}

@Test func `labels choose the series, a star at the end those that begin so`() throws {
    let page = """
        r{code="200",zone="a"} 1
        r{zone="b",code="500"} 2
        r{code="502",} 4
        r { code = "503" , zone="a" } 8
        r 16
        """
    #expect(try read(page, "r{code=\"500\"}", "r{code=\"5*\"}", "r{zone=\"a\"}") == [2, 14, 9])
    #expect(try read(page, "r{zone=\"a\",code=\"200\"}", "r{nope=\"*\"}", "r{}") == [1, nil, 31])
}

@Test func `escapes in labels are undone, and braces in quotes are no braces`() throws {
    let page = #"""
        m{path="C:\\DIR",text="a \"b\"\n}"} 5
        m{path="other"} 7
        """#
    #expect(try read(page, #"m{path="C:\\DIR"}"#, #"m{text="a \"b\"\n}"}"#) == [5, 5])
}

@Test(arguments: [
    ("1", 1), ("1.5e3", 1_500), ("-2", -2), ("+4", 4), (".5", 0.5), ("1e-3", 0.001),
    ("1 1395066363000", 1), ("\t 3 ", 3), ("7\r", 7),
])
func `numbers are read in every notation`(text: String, number: Double) throws {
    #expect(try read("m \(text)\n", "m") == [number])
}

@Test(arguments: ["NaN", "+Inf", "-Inf", "", "x", "1x", "1,5", String(repeating: "1", count: 80)])
func `what is no finite number says nothing`(text: String) throws {
    #expect(try read("m \(text)\nm{a=\"b\"} 1\n", "m") == [1])
}

@Test(arguments: [
    "m{a=\"b\" 1", "m{a=\"b 1", "m{a} 1", "m{=\"b\"} 1", "m{a=b} 1", "m{\"a\"=\"b\"} 1", "m{", "m",
    "m{}",
])
func `a line that cannot be read is passed over`(line: String) throws {
    #expect(try read("\(line)\nm{a=\"b\"} 2", "m") == [2])
}

@Test func `a line beyond the limit is passed over, the next one is read`() throws {
    let long = "m{a=\"" + String(repeating: "x", count: MetricText.longestLine) + "\"} 1"
    #expect(try read("\(long)\nm 2\n", "m") == [2])
}

@Test func `a page gives the same in pieces of any size`() throws {
    let page = Array("# TYPE a counter\na{b=\"c\"} 1e2\na{b=\"d\"} 3\nb 4".utf8)
    for size in 1...page.count {
        var text = MetricText([try MetricSelector("a"), try MetricSelector("b")])
        for start in stride(from: 0, to: page.count, by: size) {
            page[start..<min(start + size, page.count)].withUnsafeBytes { text.take($0) }
        }
        text.end()
        #expect(text.sums == [103, 4], "in pieces of \(size)")
    }
}
