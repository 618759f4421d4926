// Sums that do not depend on the order of what is added, without sorting it.

extension Collection {
    /// The sum of what `value` gives for each, none of them negative.
    ///
    /// Added as whole numbers of 2⁻⁴⁰ of the largest: whole numbers add up to the same in any
    /// order, so the order of members cannot change a weight.
    func exactSum(_ value: (Element) -> Double) -> Double {
        var largest = 0.0
        for element in self { largest = Swift.max(largest, value(element)) }
        guard largest > 0, largest.isFinite else { return largest }
        let power = Int(40 - largest.exponent)
        let scale = Double(sign: .plus, exponent: power, significand: 1)
        guard scale.isFinite, scale > 0 else { return largest }
        var total: Int64 = 0
        for element in self {
            total &+= Int64((value(element) * scale).nearestWhole)
        }
        return Double(total) / scale
    }
}

extension Double {
    /// As `rounded()` does it, of one that is not negative and that an `Int` can hold.
    ///
    /// Without SSE4.1, which not every machine has, `rounded()` is a call.
    var nearestWhole: Int {
        let whole = Int(self)
        return self - Double(whole) >= 0.5 ? whole + 1 : whole
    }
}
