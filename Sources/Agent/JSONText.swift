// Writes JSON by hand: objects, arrays, and the few kinds of value the agent has.

/// JSON text under construction.
struct JSONText {
    private(set) var text = ""
    private var needsComma = false

    mutating func object(_ fields: (inout JSONText) -> Void) {
        separate()
        text += "{"
        needsComma = false
        fields(&self)
        text += "}"
        needsComma = true
    }

    mutating func object(_ name: String, _ fields: (inout JSONText) -> Void) {
        key(name)
        object(fields)
    }

    mutating func array<Element>(
        _ name: String, _ elements: [Element], _ each: (inout JSONText, Element) -> Void
    ) {
        key(name)
        text += "["
        needsComma = false
        for element in elements { each(&self, element) }
        text += "]"
        needsComma = true
    }

    mutating func field(_ name: String, _ value: String) {
        key(name)
        string(value)
    }

    mutating func field(_ name: String, _ value: UInt64?) {
        key(name)
        raw(value.map { "\($0)" } ?? "null")
    }

    mutating func field(_ name: String, _ value: Bool) {
        key(name)
        raw(value ? "true" : "false")
    }

    mutating func field(_ name: String, _ value: ReportSummary.Decimal?) {
        key(name)
        raw(value?.text ?? "null")
    }

    mutating func string(_ value: String) {
        var quoted = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 32:
                let hex = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        raw(quoted + "\"")
    }

    private mutating func key(_ name: String) {
        string(name)
        text += ":"
        needsComma = false
    }

    private mutating func raw(_ piece: String) {
        separate()
        text += piece
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { text += "," }
    }
}
