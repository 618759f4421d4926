// The values of a line of a scenario, taken one after another.

extension Scenario {
    /// What stands after `key =`.
    struct Words {
        private var words: ArraySlice<Substring>

        init(_ words: ArraySlice<Substring>) { self.words = words }

        var isEmpty: Bool { words.isEmpty }

        mutating func rest() -> String {
            defer { words = [] }
            return words.joined(separator: " ")
        }

        mutating func optional() -> String? { words.popFirst().map(String.init) }

        mutating func next(_ expected: String) throws(Wrong) -> String {
            guard let word = optional() else { throw Wrong("here \(expected) is missing") }
            return word
        }

        func end() throws(Wrong) {
            guard let word = words.first else { return }
            throw Wrong("\"\(word)\" is one too many")
        }

        mutating func word<Value>(_ known: KeyValuePairs<String, Value>) throws(Wrong) -> Value {
            let names = known.map(\.key).joined(separator: " or ")
            let word = try next(names)
            guard let found = known.first(where: { $0.key == word }) else {
                throw Wrong("\"\(word)\" is not \(names)")
            }
            return found.value
        }

        mutating func integer(_ allowed: ClosedRange<Int>) throws(Wrong) -> Int {
            let word = try next("a whole number")
            guard let value = Int(word), allowed.contains(value) else {
                throw Wrong(
                    "\"\(word)\" is not a whole number of \(allowed.lowerBound) to "
                        + "\(allowed.upperBound)")
            }
            return value
        }

        mutating func integers(_ allowed: ClosedRange<Int>) throws(Wrong) -> [Int] {
            var values = [try integer(allowed)]
            while !isEmpty { values.append(try integer(allowed)) }
            return values
        }

        mutating func number(_ allowed: ClosedRange<Double>) throws(Wrong) -> Double {
            try scaled(["": 1], allowed, "a number")
        }

        /// `75%` or `0.75`.
        mutating func share(_ allowed: ClosedRange<Double>) throws(Wrong) -> Double {
            try scaled(["%": 0.01, "": 1], allowed, "a share, as 75% or 0.75,")
        }

        /// `500ms`, `5s` or `2min`.
        mutating func seconds(_ allowed: ClosedRange<Double>) throws(Wrong) -> Double {
            try scaled(
                ["ms": 0.001, "min": 60, "s": 1], allowed, "a time, as 500ms, 5s or 2min,")
        }

        /// From one time to a later one.
        mutating func span(_ most: Double) throws(Wrong) -> ClosedRange<Double> {
            let start = try seconds(0...most)
            let end = try seconds(0...most)
            guard start < end else { throw Wrong("it ends before it begins") }
            return start...end
        }

        private mutating func scaled(
            _ units: KeyValuePairs<String, Double>, _ allowed: ClosedRange<Double>,
            _ expected: String
        ) throws(Wrong) -> Double {
            let word = try next(expected)
            for (unit, factor) in units where word.hasSuffix(unit) {
                guard let value = Double(word.dropLast(unit.count)).map({ $0 * factor }),
                    allowed.contains(value)
                else { break }
                return value
            }
            throw Wrong(
                "\"\(word)\" is not \(expected) of \(allowed.lowerBound) to "
                    + "\(allowed.upperBound)")
        }

        /// `slow 0-2 100s 160s 50%` and its kin.
        mutating func fault() throws(Wrong) -> Fault {
            let kind = try next("slow, ramp, fail, restart or pauses")
            let servers = try servers()
            let during = try span(Scenario.longestSeconds)
            switch kind {
            case "slow":
                return Fault(
                    kind: .slow(to: try share(0.01...1)), servers: servers, during: during)
            case "ramp":
                guard during.upperBound - during.lowerBound >= 2 * Fault.rampSeconds else {
                    throw Wrong("a ramp takes \(Fault.rampSeconds) s down and as long up")
                }
                return Fault(
                    kind: .ramp(to: try share(0.01...1)), servers: servers, during: during)
            case "fail":
                return Fault(
                    kind: .fail(share: try share(0...1)), servers: servers, during: during)
            case "restart":
                guard during.upperBound - during.lowerBound >= Fault.leastRestartSeconds else {
                    throw Wrong("a restart takes at least \(Fault.leastRestartSeconds) s")
                }
                return Fault(
                    kind: .restart(warmupSeconds: try seconds(0.1...600)), servers: servers,
                    during: during)
            case "pauses":
                return Fault(
                    kind: .pauses(
                        everySeconds: try seconds(0.1...600), lengthSeconds: try seconds(0.001...60)
                    ), servers: servers, during: during)
            default:
                throw Wrong("\"\(kind)\" is not slow, ramp, fail, restart or pauses")
            }
        }

        /// `0` or `0-2`.
        private mutating func servers() throws(Wrong) -> ClosedRange<Int> {
            let word = try next("servers, as 0 or 0-2")
            let ends = word.split(separator: "-", maxSplits: 1).compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first >= 0, first <= last,
                word.count(where: { $0 == "-" }) == ends.count - 1
            else { throw Wrong("\"\(word)\" is not servers, as 0 or 0-2") }
            return first...last
        }
    }
}
