// Numbers as people read them, the same in every locale.

enum Number {
    /// With this many digits after the point.
    static func fixed(_ value: Double, _ digits: Int) -> String {
        let scale = power(digits)
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 1e15 else { return "\(value)" }
        let sign = value < 0 && scaled > 0 ? "-" : ""
        let whole = Int(scaled) / Int(scale)
        guard digits > 0 else { return "\(sign)\(whole)" }
        let rest = String(Int(scaled) % Int(scale))
        let zeros = String(repeating: "0", count: digits - rest.count)
        return "\(sign)\(whole).\(zeros)\(rest)"
    }

    /// With six significant digits and no closing zeros: enough to compute with again.
    static func exact(_ value: Double) -> String {
        guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
        var digits = 5
        var limit = 10.0
        while digits > 0 && abs(value) >= limit { (digits, limit) = (digits - 1, limit * 10) }
        limit = 1
        while digits < 11 && abs(value) < limit { (digits, limit) = (digits + 1, limit / 10) }
        var text = fixed(value, digits)
        guard text.contains(".") else { return text }
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }

    private static func power(_ digits: Int) -> Double {
        (0..<digits).reduce(1) { product, _ in product * 10 }
    }
}
