// Names one metric of a page, and which of its series count.

/// `name` or `name{label="value",…}`; a value that ends in * matches whatever begins so.
struct MetricSelector: Equatable {
    struct Label: Equatable {
        let name: [UInt8]
        let value: [UInt8]
        let isPrefix: Bool
    }

    let name: [UInt8]
    let labels: [Label]

    /// More labels than this select nothing that people write by hand.
    static let mostLabels = 16

    init(_ text: String) throws(ValueFault) {
        var reader = Reader(bytes: Array(text.utf8))
        name = reader.name(allowingColon: true)
        guard !name.isEmpty else { throw reader.fault("a metric's name belongs here") }
        var labels: [Label] = []
        if reader.take("{") {
            while !reader.take("}") {
                reader.skipBlanks()
                let label = reader.name(allowingColon: false)
                guard !label.isEmpty else { throw reader.fault("a label's name belongs here") }
                guard reader.take("="), reader.take("\"") else {
                    throw reader.fault("a label is written name=\"value\"")
                }
                guard var value = reader.quoted() else { throw reader.fault("a quote is missing") }
                let isPrefix = value.last == UInt8(ascii: "*")
                if isPrefix { value.removeLast() }
                labels.append(Label(name: label, value: value, isPrefix: isPrefix))
                guard labels.count <= Self.mostLabels else {
                    throw reader.fault("more than \(Self.mostLabels) labels")
                }
                reader.skipBlanks()
                guard reader.take(",") || reader.peek == UInt8(ascii: "}") else {
                    throw reader.fault("a , or } belongs here")
                }
                reader.skipBlanks()
            }
        }
        guard reader.peek == nil else { throw reader.fault("nothing may follow a metric") }
        self.labels = labels
    }
}

extension MetricSelector {
    /// Walks over the text of a selector.
    private struct Reader {
        let bytes: [UInt8]
        var index = 0

        var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

        func fault(_ message: String) -> ValueFault {
            // Everything before a fault is ASCII or inside quotes; count characters, not bytes.
            let offset = bytes[..<index].count { $0 & 0xC0 != 0x80 }
            return ValueFault(
                offset: offset, message: "\(message); write NAME or NAME{label=\"value\"}")
        }

        mutating func take(_ character: Unicode.Scalar) -> Bool {
            guard peek == UInt8(ascii: character) else { return false }
            index += 1
            return true
        }

        mutating func skipBlanks() {
            while peek == 0x20 || peek == 0x09 { index += 1 }
        }

        mutating func name(allowingColon: Bool) -> [UInt8] {
            let start = index
            while let byte = peek, MetricText.isNameByte(byte, allowingColon: allowingColon) {
                index += 1
            }
            if start < index, (0x30...0x39).contains(bytes[start]) { index = start }
            return Array(bytes[start..<index])
        }

        /// What stands before the closing quote, without its backslashes.
        mutating func quoted() -> [UInt8]? {
            var value: [UInt8] = []
            while let byte = peek {
                index += 1
                if byte == UInt8(ascii: "\"") { return value }
                guard byte == UInt8(ascii: "\\"), let next = peek else {
                    value.append(byte)
                    continue
                }
                index += 1
                value.append(next == UInt8(ascii: "n") ? 0x0A : next)
            }
            return nil
        }
    }
}
