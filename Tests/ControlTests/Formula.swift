// Computes a formula as poise prints it, from the values of its names.

import Foundation

struct Formula {
    private var rest: Substring
    private let values: [String: Double]

    struct Unreadable: Error { let rest: String }

    static func value(_ text: String, where values: [String: Double]) throws -> Double {
        var formula = Formula(rest: text[...], values: values)
        let value = try formula.sum()
        guard formula.rest.isEmpty else { throw Unreadable(rest: String(formula.rest)) }
        return value
    }

    private mutating func sum() throws -> Double {
        var value = try product()
        while true {
            if take(" + ") {
                value += try product()
            } else if take(" - ") {
                value -= try product()
            } else {
                return value
            }
        }
    }

    private mutating func product() throws -> Double {
        var value = try factor()
        while true {
            if take(" × ") {
                value *= try factor()
            } else if take(" ÷ ") {
                value /= try factor()
            } else {
                return value
            }
        }
    }

    private mutating func factor() throws -> Double {
        if take("(") { return try arguments()[0] }
        if take("min(") { return try arguments().min() ?? .nan }
        if take("max(") { return try arguments().max() ?? .nan }
        if take("exp(") { return exp(try arguments()[0]) }
        if take("ln(") { return log(try arguments()[0]) }
        if take("round(") { return try arguments()[0].rounded() }
        if take("clip(") {
            let parts = try arguments()
            return min(max(parts[0], parts[1]), parts[2])
        }
        for name in values.keys.sorted(by: { $0.count > $1.count }) where take(name) {
            return values[name] ?? .nan
        }
        let digits = rest.prefix { $0.isNumber || $0 == "." || $0 == "-" }
        guard let value = Double(digits) else { throw Unreadable(rest: String(rest)) }
        rest = rest.dropFirst(digits.count)
        return value
    }

    private mutating func arguments() throws -> [Double] {
        var parts = [try sum()]
        while take(", ") { parts.append(try sum()) }
        guard take(")") else { throw Unreadable(rest: String(rest)) }
        return parts
    }

    private mutating func take(_ text: String) -> Bool {
        guard rest.hasPrefix(text) else { return false }
        rest = rest.dropFirst(text.count)
        return true
    }
}
