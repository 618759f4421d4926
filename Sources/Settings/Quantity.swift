// Durations, shares and plain numbers, as people write them and as messages show them.

package import Weighting

package enum Quantity {
    /// Decimal digits with at most one point: no sign, no exponent, no `inf`.
    package static func decimal(_ text: some StringProtocol) -> Double? {
        guard text.first != ".", text.last != ".",
            text.utf8.allSatisfy({ "0123456789.".utf8.contains($0) })
        else { return nil }
        return Double(text)
    }

    /// Without `.0`, and without the last digits that binary fractions bring.
    package static func plain(_ number: Double) -> String {
        let rounded = (number * 1e6).rounded() / 1e6
        return Int(exactly: rounded).map(String.init) ?? "\(rounded)"
    }

    package static func seconds(_ text: String) throws(Complaint) -> Double {
        let units = [("ms", 0.001), ("s", 1.0), ("min", 60.0)]
        guard let (unit, seconds) = units.first(where: { text.hasSuffix($0.0) }),
            let number = decimal(text.dropLast(unit.count))
        else {
            guard decimal(text) != nil else {
                throw Complaint(
                    "\"\(text)\" is not a duration",
                    remedy: "write a number with ms, s or min, as in 500ms")
            }
            throw Complaint("\(text) has no unit", remedy: "write \(text)s or \(text)ms")
        }
        return number * seconds
    }

    package static func text(seconds: Double) -> String {
        seconds > 0 && seconds < 1 ? "\(plain(seconds * 1000))ms" : "\(plain(seconds))s"
    }

    package static func text(share: Double) -> String { "\(plain(share * 100))%" }
}

extension Policy.Knob {
    /// A value of this knob as the policy file writes it.
    package func text(_ value: Double) -> String {
        switch unit {
        case .seconds: Quantity.text(seconds: value)
        case .share: Quantity.text(share: value)
        case .factor: Quantity.plain(value)
        }
    }
}

extension Reading<Double> {
    /// Seconds, written with a unit.
    package static func duration(_ allowed: ClosedRange<Double>) -> Reading<Double> {
        let bounds =
            "\(Quantity.text(seconds: allowed.lowerBound)) to "
            + Quantity.text(seconds: allowed.upperBound)
        return Reading("a duration from \(bounds)") { (scalar) throws(Complaint) in
            let seconds = try Quantity.seconds(scalar.text)
            guard allowed.contains(seconds) else {
                throw Complaint("\(scalar.text) is out of range", remedy: "\(bounds) is allowed")
            }
            return seconds
        }
    }

    /// A part of one, written as `5%` or `0.05`.
    package static func share(_ allowed: ClosedRange<Double>) -> Reading<Double> {
        let bounds =
            "\(Quantity.text(share: allowed.lowerBound)) to "
            + Quantity.text(share: allowed.upperBound)
        return Reading("a share from \(bounds)") { (scalar) throws(Complaint) in
            let text = scalar.text
            let isPercent = text.hasSuffix("%")
            guard let number = Quantity.decimal(text.dropLast(isPercent ? 1 : 0)) else {
                throw Complaint(
                    "\"\(text)\" is not a share", remedy: "write 5% or 0.05; \(bounds) is allowed")
            }
            let share = isPercent ? number / 100 : number
            guard allowed.contains(share) else {
                let isMeant = !isPercent && allowed.contains(number / 100)
                throw Complaint(
                    "\(text) is out of range",
                    remedy: (isMeant ? "did you mean \(text)%? " : "") + "\(bounds) is allowed")
            }
            return share
        }
    }
}
