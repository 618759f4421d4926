// What an import reads may be anything: it ends, loses nothing silently, and writes YAML.

import Foundation
import Settings
import Testing
import Weighting

@testable import Control

struct ImportLimitTests {
    private static let programs = ["keepalived", "ldirectord", "ipvsadm"]

    /// How many services and servers a file of ours has, as our own reader sees it.
    private func counts(_ text: String) throws -> [Int] {
        let reporter = Reporter()
        let tree = TreeParser.parse(SourceText(path: "x.yaml", text: text), reporter: reporter)
        #expect(reporter.errorCount == 0, "\(reporter.problems.report)")
        guard let tree, case .map(let top) = tree.content, let first = top.first,
            case .map(let services) = first.value.content
        else { return [0, 0] }
        let servers = services.reduce(0) { sum, service in
            guard case .map(let keys) = service.value.content,
                let list = keys.first(where: { $0.key.text == "servers" }),
                case .list(let servers) = list.value.content
            else { return sum }
            return sum + servers.count
        }
        return [services.count, servers]
    }

    /// The services and servers that standard error counts.
    private func told(_ outcome: Outcome) -> [Int] {
        let last = outcome.complaint.split(separator: "\n").last ?? ""
        let numbers = last.split { !$0.isNumber }.compactMap { Int($0) }
        return Array(numbers.prefix(2))
    }

    @Test(arguments: programs, 0..<40)
    func `a file with anything in it ends in YAML that holds what was counted`(
        program: String, seed: Int
    ) async throws {
        let name =
            ["keepalived": "keepalived.conf", "ldirectord": "ldirectord.cf"][program]
            ?? "ipvsadm.rules"
        var dice = Chance(state: UInt64(seed))
        var bytes = Array((importSamples[name] ?? "").utf8)
        try #require(!bytes.isEmpty)
        let signs = Array("{}\"'\\$~@!#=:->[]\n\t %\u{0}\u{85}é".utf8)
        for _ in 0..<(1 + seed * 3) {
            let place = Int.random(in: 0..<bytes.count, using: &dice)
            switch Int.random(in: 0..<4, using: &dice) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &dice)
            case 1: bytes[place] = signs[Int.random(in: 0..<signs.count, using: &dice)]
            case 2: bytes.remove(at: place)
            default:
                let end = min(bytes.count, place + Int.random(in: 0..<80, using: &dice))
                let other = Int.random(in: 0..<bytes.count, using: &dice)
                bytes.insert(contentsOf: bytes[place..<end], at: other)
            }
            if bytes.isEmpty { bytes = [0] }
        }
        var files = importSamples
        files[name] = String(decoding: bytes, as: UTF8.self)
        let outcome = await importing(
            [name, "--from", program, "--hosts", "hosts", "--config-id", "lb1"], files: files)
        let counted = try counts(outcome.output)
        #expect(counted == told(outcome), "\(outcome.complaint)")
    }

    @Test(arguments: programs)
    func `bytes of chance end, too`(program: String) async throws {
        for seed in 0..<40 {
            var dice = Chance(state: UInt64(1000 + seed))
            let bytes = (0..<400).map { _ in UInt8.random(in: 0...255, using: &dice) }
            let outcome = await importing(
                ["x", "--from", program], files: ["x": String(decoding: bytes, as: UTF8.self)])
            #expect(try counts(outcome.output) == told(outcome), "\(outcome.complaint)")
        }
    }

    @Test func `parameters that grow without end are stopped, and that is said`() async {
        let bombs = [
            "$A=$A $A\nvirtual_server $A 80 { }\n",
            "$A= \\\n $B \\\n $B\n$B= \\\n $A \\\n $A\n$A\n",
            "~SEQ(X, 1, 4000000000) virtual_server 10.0.0.1 ${X} { }\n",
            "include keepalived.conf\n",
            String(repeating: "a {\n", count: 100_000),
        ]
        for bomb in bombs {
            let outcome = await importing(["keepalived.conf"], files: ["keepalived.conf": bomb])
            #expect(outcome.status == .failed, "\(bomb.prefix(40))")
            #expect(outcome.complaint.contains("NOT TAKEN"), "\(bomb.prefix(40))")
        }
    }

    @Test func `a range is not larger than what a service may hold`() async {
        let rules = "virtual=10.0.0.1:80\n\treal=10.0.0.1->11.0.0.1:80 gate\n"
        let outcome = await importing(["ldirectord.cf"], files: ["ldirectord.cf": rules])
        #expect(outcome.status == .failed)
        #expect(outcome.complaint.contains("no range of servers"))
    }
}

/// Numbers of chance that are the same in each run (SplitMix64).
struct Chance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
