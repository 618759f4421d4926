// Values with a least and a most, written with two dots between them.

extension Reading<ClosedRange<Double>> {
    /// One value, or two with `..` between them, the lesser first.
    package static func range(_ bound: Reading<Double>) -> Reading<ClosedRange<Double>> {
        Reading(wanted: "\(bound.wanted), or two with .. between them") { tree, reporter in
            guard case .scalar(let scalar) = tree.content,
                let dots = scalar.text.firstRange(of: "..")
            else { return bound.read(tree, reporter).map { $0...$0 } }
            func read(_ text: Substring, after before: Substring) -> Double? {
                let offset = before.unicodeScalars.count + (scalar.isQuoted ? 1 : 0)
                let place = tree.place.source.place(
                    line: tree.place.line, column: tree.place.column + offset,
                    length: max(1, text.unicodeScalars.count))
                let part = Scalar(text: String(text), isQuoted: false)
                return bound.read(Tree(place: place, content: .scalar(part)), reporter)
            }
            let least = read(scalar.text[..<dots.lowerBound], after: "")
            let most = read(
                scalar.text[dots.upperBound...], after: scalar.text[..<dots.upperBound])
            guard let least, let most else { return nil }
            guard least <= most else {
                reporter.error(
                    tree.place, "\(scalar.text) ends before it begins",
                    remedy: "write the lesser value first")
                return nil
            }
            return least...most
        }
    }
}
