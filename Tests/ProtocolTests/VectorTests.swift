// The golden datagrams, accepted and refused.

import Foundation
import Testing

@testable import Protocol

@Suite struct VectorTests {
    private static let renewing = ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1"

    @Test(arguments: [("accepted.txt", 40), ("refused.txt", 20)])
    func `every golden datagram means what its file says`(name: String, least: Int) throws {
        let file = try VectorFile(named: name, renewing: Self.renewing) { datagrams in
            (try? meaning(of: datagrams)) ?? ["= the receiver could not be made"]
        }
        if Self.renewing {
            try file.renewed.write(
                to: VectorFile.url(name), atomically: true, encoding: .utf8)
            return
        }
        #expect(file.vectors.count >= least)
        for vector in file.vectors {
            #expect(try meaning(of: vector.datagrams) == vector.meaning, "\(vector.title)")
        }
    }

    @Test func `accepted vectors are accepted and refused ones refused`() throws {
        for (name, wanted) in [("accepted.txt", false), ("refused.txt", true)] {
            let file = try VectorFile(named: name, renewing: false) { _ in [] }
            for vector in file.vectors {
                let isRefused = vector.meaning.first?.hasPrefix("= refused: ") ?? false
                #expect(isRefused == wanted, "\(vector.title)")
            }
        }
    }

    @Test func `every refusal and every remark has a vector`() throws {
        var meanings: Set<String> = []
        for name in ["accepted.txt", "refused.txt"] {
            let file = try VectorFile(named: name, renewing: false) { _ in [] }
            for line in file.vectors.flatMap(\.meaning) {
                meanings.formUnion(line.split(separator: " ").map(String.init))
            }
        }
        for refusal in Refusal.allCases { #expect(meanings.contains(refusal.name)) }
        for entry in Remarks.all { #expect(meanings.contains(entry.name)) }
    }

    @Test func `the largest accepted vector has 1200 bytes and the least 64`() throws {
        let file = try VectorFile(named: "accepted.txt", renewing: false) { _ in [] }
        let sizes = file.vectors.compactMap { $0.datagrams.last?.count }
        #expect(sizes.max() == 1200)
        #expect(sizes.min() == 64)
    }

    @Test func `a second decoder reads the golden datagrams the same`() throws {
        let output = Pipe()
        let python = Process()
        python.executableURL = URL(filePath: "/usr/bin/python3")
        python.arguments = [VectorFile.url("decoder.py").path]
        python.standardOutput = output
        try python.run()
        let said = try output.fileHandleForReading.readToEnd() ?? Data()
        python.waitUntilExit()
        #expect(python.terminationStatus == 0, "\(String(decoding: said, as: UTF8.self))")
    }
}
