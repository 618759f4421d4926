// The golden datagrams: taken, refused and challenged by a master, and what an agent takes.

import Foundation
import Testing

@testable import Protocol

@Suite struct VectorTests {
    private static let renewing = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1"
    private static let masters = ["accepted.txt", "refused.txt", "challenged.txt"]
    private static let all = masters + ["acks.txt"]

    @Test(
        arguments: [
            ("accepted.txt", 110), ("refused.txt", 60), ("challenged.txt", 12), ("acks.txt", 50),
        ])
    func `every golden datagram means what its file says`(name: String, least: Int) throws {
        let meaning = Self.masters.contains(name) ? meaningAtMaster : meaningAtAgent
        if Self.renewing {
            let file = try VectorFile(named: name) { vector in
                (try? meaning(vector)) ?? ["= the vector could not be taken"]
            }
            try file.renewed.write(to: VectorFile.url(name), atomically: true, encoding: .utf8)
            return
        }
        let file = try VectorFile(named: name)
        #expect(file.vectors.count >= least)
        for vector in file.vectors {
            #expect(try meaning(vector) == vector.meaning, "\(vector.title)")
        }
    }

    @Test func `each file of a master holds what its name says`() throws {
        for name in Self.masters {
            for vector in try VectorFile(named: name).vectors {
                let first = vector.meaning.first ?? ""
                let found =
                    first.hasPrefix("= refused: ")
                    ? "refused.txt" : first == "= challenged" ? "challenged.txt" : "accepted.txt"
                #expect(found == name, "\(vector.title)")
            }
        }
    }

    @Test func `an agent takes some of its golden datagrams, and is challenged, and refuses`()
        throws
    {
        let first = try VectorFile(named: "acks.txt").vectors.compactMap { $0.meaning.first }
        #expect(first.count { $0.hasPrefix("= acknowledged") } >= 20)
        #expect(first.count { $0.hasPrefix("= challenged") } >= 3)
        #expect(first.count { $0.hasPrefix("= probed") } >= 3)
        #expect(first.count { $0.hasPrefix("= refused") } >= 25)
    }

    @Test func `every refusal and every remark has a vector, every notice and admin state too`()
        throws
    {
        var words: Set<String> = []
        for line in try Self.all.flatMap({ try VectorFile(named: $0).vectors.flatMap(\.meaning) }) {
            words.formUnion(line.split(whereSeparator: { " ,".contains($0) }).map(String.init))
        }
        for refusal in Refusal.allCases { #expect(words.contains(refusal.name)) }
        for entry in Remarks.all { #expect(words.contains(entry.name)) }
        for entry in noticeNames { #expect(words.contains(entry.name)) }
        for word in ["ready", "drain", "fixed"] { #expect(words.contains(word)) }
    }

    @Test func `the largest accepted vector has 1200 bytes and the least 64`() throws {
        let sizes = try VectorFile(named: "accepted.txt").vectors.map(\.lastDatagram.count)
        #expect(sizes.max() == 1200)
        #expect(sizes.min() == 64)
    }

    @Test func `a second decoder reads the golden datagrams the same`() throws {
        let output = Pipe()
        let python = Process()
        python.executableURL = URL(filePath: "/usr/bin/python3")
        python.arguments = [VectorFile.url("decoder.py").path]
        python.environment = ["PYTHONDONTWRITEBYTECODE": "1"]
        python.standardOutput = output
        try python.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        python.waitUntilExit()
        #expect(python.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))")
    }
}

/// What one wrong byte does to datagrams that would be taken.
@Suite struct BrokenDatagramTests {
    private static func vector(_ name: String, titled title: String) throws -> Vector {
        let vectors = try VectorFile(named: name).vectors
        return try #require(vectors.first { $0.title.hasPrefix(title) }, "\(title)")
    }

    /// The same vector with another last datagram.
    private static func meaning(
        of vector: Vector, with datagram: [UInt8], _ meaning: (Vector) throws -> [String]
    ) throws -> String {
        var broken = vector
        broken.moments[broken.moments.count - 1].moment = .datagram(datagram)
        return try meaning(broken).first ?? ""
    }

    @Test(
        arguments: [
            ("accepted.txt", "typical:"), ("accepted.txt", "all TLVs of this version"),
            ("acks.txt", "typical:"), ("acks.txt", "all TLVs"), ("acks.txt", "PROBE"),
        ])
    func `every truncation and every flip of one bit is refused`(name: String, title: String)
        throws
    {
        let take = name == "acks.txt" ? meaningAtAgent : meaningAtMaster
        let vector = try Self.vector(name, titled: title)
        let whole = vector.lastDatagram
        #expect(try !Self.meaning(of: vector, with: whole, take).hasPrefix("= refused"))

        for count in 0..<whole.count {
            let meaning = try Self.meaning(of: vector, with: Array(whole.prefix(count)), take)
            #expect(meaning.hasPrefix("= refused"), "the first \(count) bytes")
        }
        for bit in 0..<whole.count * 8 {
            var flipped = whole
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            let meaning = try Self.meaning(of: vector, with: flipped, take)
            #expect(meaning.hasPrefix("= refused"), "bit \(bit % 8) of byte \(bit / 8)")
        }
    }
}
