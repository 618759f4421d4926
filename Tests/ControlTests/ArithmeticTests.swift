// The printed explanation, read back and computed again: what poise prints is what the law did.

import Testing

@testable import Control
@testable import Weighting

@Suite struct ArithmeticTests {
    @Test(arguments: UInt64(1)...20)
    func `each printed formula gives the printed value`(seed: UInt64) throws {
        for printed in try Printed.service(seed: seed) {
            #expect(printed.formulas.count == 7)
            for (name, formula) in printed.formulas {
                let value = try #require(printed.values[name])
                let computed = try Formula.value(formula, where: printed.values)
                // A printed number has six digits; a weight may round to its neighbour by them.
                let tolerance = name == "weight" ? 1 : 1e-4 * max(abs(value), 1e-3)
                #expect(abs(computed - value) <= tolerance, "\(name): \(computed), not \(value)")
            }
        }
    }

    @Test(arguments: UInt64(1)...20)
    func `the sums over the members are those of what each member prints`(seed: UInt64) throws {
        let members = try Printed.service(seed: seed)
        func sum(_ names: String...) -> Double {
            members.reduce(0) { sum, member in
                sum + names.reduce(1) { $0 * (member.values[$1] ?? .nan) }
            }
        }
        for member in members {
            let sumOfShares = try #require(member.values["sum of shares"])
            #expect(abs(sum("capacity", "gate", "trim") - sumOfShares) <= 1e-4 * sumOfShares)
            let serviceLoad = try #require(member.values["service load"])
            #expect(
                abs(sum("capacity", "load") / sum("capacity") - serviceLoad) <= 1e-4 * serviceLoad)
            #expect(member.values["share to give"] == Double(members.count))
        }
    }

    @Test func `limits are named where they bite, and only there`() throws {
        var named: Set<String> = []
        for member in try (1...20).flatMap(Printed.service) {
            let limits = try #require(member.lines.first { $0.hasPrefix("  limits ") })
            if !limits.contains("none") { named.insert(limits) }
            let isLimited = member.values["share"] != member.values["limited share"]
            let saysSo = limits.contains("share ")
            #expect(isLimited == saysSo, "\(member.lines.joined(separator: "\n"))")
        }
        #expect(named.count >= 3)
    }
}

/// One member's explanation, as read from the text.
private struct Printed {
    var lines: [String] = []
    var values: [String: Double] = [:]
    /// In the order of the lines.
    var formulas: [(String, String)] = []

    /// A service whose members' figures come from `seed`, printed and read back.
    static func service(seed: UInt64) throws -> [Printed] {
        var dice = Dice(state: seed)
        let inputs = (0..<Int.random(in: 2...9, using: &dice)).map { _ in
            let requests = Double.random(in: 0...500, using: &dice)
            let utilisation = Double.random(in: 0...1, using: &dice)
            return Sample.input(
                requests: requests, errors: requests * .random(in: 0...0.3, using: &dice),
                utilisation: utilisation,
                load: utilisation + Double.random(in: 0...1, using: &dice),
                prior: .random(in: 1...800, using: &dice),
                share: .random(in: 0.05...2, using: &dice))
        }
        return try Sample.law.chains(inputs, shareToGive: Double(inputs.count)).map { chain in
            let member = Sample.member("r1", 11, weight: chain.weight, chain, .follows)
            let text = ExplainScreen(
                master: Sample.snapshot.master, service: Sample.web, member: member, style: .plain
            ).text()
            return try Printed(text)
        }
    }

    private init(_ text: String) throws {
        for line in text.split(separator: "\n") where line.hasPrefix("  ") {
            lines.append(String(line))
            let cells = line.split(separator: "  ", omittingEmptySubsequences: true)
                .map { String($0.drop { $0 == " " }) }
            try #require(cells.count == 3)
            guard cells[0] != "limits" else { continue }
            let value = try #require(Double(cells[1]))
            values[cells[0]] = value
            if cells[2].hasPrefix("= ") {
                formulas.append((cells[0], String(cells[2].dropFirst(2))))
            }
        }
    }
}

/// The same numbers for the same seed (SplitMix64).
private struct Dice: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
