// Lines of events: what is JSON and flat is read, and everything else is refused with its place.

import Foundation
import Testing

@testable import Control

struct FlatObjectTests {
    private struct Pair: Equatable {
        let key: String
        let value: FlatObject.Value
    }

    private func read(_ line: String) throws -> [Pair] {
        var pairs: [Pair] = []
        try FlatObject.read(Array(line.utf8)[...]) { pairs.append(Pair(key: $0, value: $1)) }
        return pairs
    }

    @Test func `every kind of value is read`() throws {
        #expect(try read("{}") == [])
        #expect(
            try read(#" { "a" : 1 , "b":"up","c":true,"d":false,"e":null,"f":[1, 2.5],"g":[] } "#)
                == [
                    Pair(key: "a", value: .number(1)), Pair(key: "b", value: .word("up")),
                    Pair(key: "c", value: .truth(true)), Pair(key: "d", value: .truth(false)),
                    Pair(key: "e", value: .nothing), Pair(key: "f", value: .numbers([1, 2.5])),
                    Pair(key: "g", value: .numbers([])),
                ])
    }

    @Test(arguments: [
        "0", "-0", "7", "-7", "0.5", "0.1", "12.75", "123456789012345", "1234567890123456789",
        "0.1234567890123456789", "1e3", "1E-3", "1.5e+2", "4.35", "0.000001", "999999999999.999",
    ])
    func `a number is the one that reading its text gives`(text: String) throws {
        let wanted = try #require(Double(text))
        #expect(try read("{\"n\":\(text)}") == [Pair(key: "n", value: .number(wanted))])
    }

    @Test func `thousands of numbers are read to the last bit`() throws {
        for place in 1...5000 {
            let number = Double(place * 7919 % 1_000_003) / Double(place * 31 - 70_001)
            #expect(try read("{\"n\":\(number)}") == [Pair(key: "n", value: .number(number))])
        }
    }

    @Test(arguments: [
        "", "{", "}", "[]", "1", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\":1 \"b\":2}",
        "{\"a\":1}}", "{a:1}", "{'a':1}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":.5}", "{\"a\":1.}",
        "{\"a\":1e}", "{\"a\":0x1}", "{\"a\":NaN}", "{\"a\":1e999}", "{\"a\":tru}", "{\"a\":nul}",
        "{\"a\":\"b}", "{\"a\":\"b\\n\"}", "{\"a\":\"\t\"}", "{\"a\":{}}", "{\"a\":[1,]}",
        "{\"a\":[[1]]}", "{\"a\":[\"b\"]}", "{\"a\":[1", "{\"a\":-}", "{\"a\":\u{7F}}",
    ])
    func `what is no flat object is refused`(line: String) {
        #expect(throws: LineFault.self) { try read(line) }
    }

    @Test func `a fault names its column`() {
        #expect(throws: LineFault("column 8: a digit was expected")) {
            try read("{\"a\":1.}") == []
        }
        #expect(throws: LineFault("column 6: an event is flat, and an object stands here")) {
            try read("{\"a\":{\"b\":1}}")
        }
    }

    @Test func `no cut of a line and no changed byte of it stops the reader`() throws {
        let line = Array(
            #"{"t":0.5,"event":"report","member":1,"f":[1,2,3],"x":null,"y":true}"#.utf8)
        for count in line.indices {
            #expect(throws: LineFault.self) { try FlatObject.read(line[..<count]) { _, _ in } }
        }
        for place in line.indices {
            for byte in [UInt8(0), 0x22, 0x2C, 0x2D, 0x5B, 0x5D, 0x7B, 0x7D, 0x80, 0xFF] {
                var changed = line
                changed[place] = byte
                _ = try? FlatObject.read(changed[...]) { _, _ in }
            }
        }
    }
}

struct LineSplitterTests {
    private func lines(_ pieces: [String]) throws -> [String?] {
        var splitter = LineSplitter()
        var lines: [String?] = []
        let take: (ArraySlice<UInt8>?) throws(Failure) -> Void = { line in
            lines.append(line.map { String(decoding: $0, as: UTF8.self) })
        }
        for piece in pieces { try splitter.take(Array(piece.utf8), take) }
        try splitter.finish(take)
        return lines
    }

    @Test func `lines are the same however the bytes are cut`() throws {
        let text = "one\n\ntwo three\nfour"
        let wanted = ["one", "", "two three", "four"]
        #expect(try lines([text]) == wanted)
        for cut in text.indices {
            #expect(try lines([String(text[..<cut]), String(text[cut...])]) == wanted)
        }
        #expect(try lines(text.map(String.init)) == wanted)
        #expect(try lines(["a\n"]) == ["a"])
    }

    @Test func `a line that is too long is told and forgotten`() throws {
        let long = String(repeating: "x", count: LineSplitter.mostBytes + 1)
        #expect(try lines([long + "\nnext\n"]) == [nil, "next"])
        #expect(try lines(["a\n", long, long, "\nnext"]) == ["a", nil, "next"])
        #expect(try lines([long]) == [nil])
    }
}
