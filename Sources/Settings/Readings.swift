// The kinds of values that keys have: words, names, paths and numbers.

package import Weighting

extension Scalar {
    /// The text, unless YAML would take it for something else.
    package func asText(_ wanted: String) throws(Complaint) -> String {
        guard let surprise else { return text }
        throw Complaint(
            "\"\(text)\" is \(surprise) here, and \(wanted) is needed",
            remedy: "quote it: \"\(text)\"")
    }

    fileprivate func asUnquoted() throws(Complaint) -> String {
        guard isQuoted else { return text }
        throw Complaint(
            "\"\(text)\" in quotes is text, and a number is needed",
            remedy: "write it without quotes")
    }
}

extension Reading {
    /// A whole number in decimal digits.
    package static func whole(_ allowed: ClosedRange<Int>) -> Reading<Int> where Value == Int {
        let bounds = "\(allowed.lowerBound) to \(allowed.upperBound)"
        let wanted = "a whole number from \(bounds)"
        return Reading(wanted) { (scalar) throws(Complaint) in
            let text = try scalar.asUnquoted()
            // YAML 1.1 reads 010 as eight: nobody should have to know.
            let isPlain = text == "0" || text.first != "0"
            guard isPlain, text.utf8.allSatisfy(UInt8.isDigit), let number = Int(text) else {
                throw Complaint("\"\(text)\" is not a whole number", remedy: "\(wanted) is needed")
            }
            guard allowed.contains(number) else {
                throw Complaint("\(number) is out of range", remedy: "\(bounds) is allowed")
            }
            return number
        }
    }

    /// A number in decimal digits, with or without a point.
    package static func number(_ allowed: ClosedRange<Double>) -> Reading<Double>
    where Value == Double {
        let bounds =
            "\(Quantity.plain(allowed.lowerBound)) to \(Quantity.plain(allowed.upperBound))"
        let wanted = "a number from \(bounds)"
        return Reading(wanted) { (scalar) throws(Complaint) in
            let text = try scalar.asUnquoted()
            guard let number = Quantity.decimal(text) else {
                throw Complaint("\"\(text)\" is not a number", remedy: "\(wanted) is needed")
            }
            guard allowed.contains(number) else {
                throw Complaint("\(text) is out of range", remedy: "\(bounds) is allowed")
            }
            return number
        }
    }

    /// One of a few words.
    package static func word(_ noun: String, _ words: KeyValuePairs<String, Value>) -> Reading<
        Value
    > {
        let known = words.map(\.key)
        let pairs = words.map { (word: $0.key, value: $0.value) }
        return Reading(known.joined(separator: " or ")) { (scalar) throws(Complaint) in
            guard let pair = pairs.first(where: { $0.word == scalar.text }) else {
                throw Complaint(
                    "unknown \(noun) \"\(scalar.text)\"",
                    remedy: Suggestion.remedy(for: scalar.text, known: known))
            }
            return pair.value
        }
    }
}

extension Reading<String> {
    /// A name of a service or a server.
    package static let name = Reading("a name") { (scalar) throws(Complaint) in
        let name = try scalar.asText("a name")
        if let fault = NameRule.fault(of: name) {
            throw Complaint(fault.message, remedy: fault.remedy)
        }
        return name
    }

    /// A path of a file or folder; relative ones begin at the folder of the file they stand in.
    package static let path = Reading("a path") { (scalar) throws(Complaint) in
        let path = try scalar.asText("a path")
        if path.hasPrefix("poise-sk1-") {
            throw Complaint(
                "a private key stands here, and the path of its file is needed",
                remedy: "this key is known to others now: make a new one with poise-master keygen")
        }
        // Linux takes paths of up to 4095 bytes.
        guard path.utf8.count < 4096, !path.utf8.contains(0) else {
            throw Complaint("this is no path of a file", remedy: "4095 bytes are allowed")
        }
        return path
    }
}

extension Reading<Scheduler> {
    package static let scheduler = Reading("a scheduler's name") { (scalar) throws(Complaint) in
        let scheduler = Scheduler(name: scalar.text)
        guard case .unknown(let name) = scheduler else { return scheduler }
        let known = Scheduler.Known.allCases.map(\.rawValue)
        throw Complaint(
            "unknown scheduler \"\(name)\"", remedy: Suggestion.remedy(for: name, known: known))
    }
}

extension UInt8 {
    fileprivate static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
