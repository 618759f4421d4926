// Reads the shape of an INI file: sections, keys and values, each with its place.

/// The sections of a file in their order; what they mean is decided elsewhere.
struct INIFile {
    struct Entry {
        let key: String
        let value: String
        let keyPosition: Position
        let valuePosition: Position
    }

    struct Section {
        /// The first word, as in `service`.
        let kind: String
        /// What follows it, as in `web`; empty when nothing does.
        let name: String
        let position: Position
        let namePosition: Position
        var entries: [Entry] = []
    }

    /// Longer files are refused: no agent needs a tenth of it.
    static let longestBytes = 65_536

    private(set) var sections: [Section] = []
    private(set) var problems: [Problem] = []
    private let lines: [String]

    init(text: String) {
        // By scalars, for a carriage return and a newline are one Character.
        lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map {
            String(String.UnicodeScalarView($0.last == "\r" ? $0.dropLast() : $0))
        }
        for (index, line) in lines.enumerated() { read(line, number: index + 1) }
    }

    /// The text of a line, counted from 1.
    func line(_ number: Int) -> String? {
        lines.indices.contains(number - 1) ? lines[number - 1] : nil
    }

    private mutating func read(_ line: String, number: Int) {
        let scalars = Array(line.unicodeScalars)
        let span = Self.trimmed(scalars, 0..<Self.endBeforeComment(scalars))
        guard let first = span.first else { return }
        func place(_ index: Int) -> Position { Position(line: number, column: index + 1) }

        if let strange = scalars.firstIndex(where: {
            $0.value < 32 && $0 != "\t" || $0 == "\u{FFFD}"
        }) {
            problems.append(
                Problem(position: place(strange), message: "not a character of plain UTF-8 text"))
            return
        }
        if scalars[first] == "[" {
            readSection(scalars, span, place)
            return
        }
        guard let equals = span.first(where: { scalars[$0] == "=" }) else {
            problems.append(
                Problem(
                    position: place(first),
                    message: "neither a [section] nor a key = value; comments begin with # or ;"))
            return
        }
        let key = Self.trimmed(scalars, first..<equals)
        let value = Self.trimmed(scalars, equals + 1..<span.upperBound)
        guard !key.isEmpty else {
            problems.append(Problem(position: place(equals), message: "a key is missing before ="))
            return
        }
        guard !sections.isEmpty else {
            problems.append(
                Problem(
                    position: place(first),
                    message: "a key before the first section; begin with [agent]"))
            return
        }
        sections[sections.count - 1].entries.append(
            Entry(
                key: Self.text(scalars[key]), value: Self.text(scalars[value]),
                keyPosition: place(key.lowerBound),
                // An empty value is pointed at where it should begin.
                valuePosition: place(value.isEmpty ? equals + 1 : value.lowerBound)))
    }

    private mutating func readSection(
        _ scalars: [Unicode.Scalar], _ span: Range<Int>, _ place: (Int) -> Position
    ) {
        guard scalars[span.upperBound - 1] == "]" else {
            problems.append(
                Problem(position: place(span.upperBound - 1), message: "a section ends with ]"))
            return
        }
        let inner = Self.trimmed(scalars, span.lowerBound + 1..<span.upperBound - 1)
        let kindEnd = inner.first { scalars[$0] == " " || scalars[$0] == "\t" } ?? inner.upperBound
        let name = Self.trimmed(scalars, kindEnd..<inner.upperBound)
        sections.append(
            Section(
                kind: Self.text(scalars[inner.lowerBound..<kindEnd]),
                name: Self.text(scalars[name]), position: place(span.lowerBound),
                namePosition: place(name.isEmpty ? inner.upperBound : name.lowerBound)))
    }

    /// A comment begins with # or ; at the start or after a blank, outside of quotes.
    private static func endBeforeComment(_ scalars: [Unicode.Scalar]) -> Int {
        var isQuoted = false
        var previous: Unicode.Scalar = " "
        for (index, scalar) in scalars.enumerated() {
            if scalar == "\"" && previous != "\\" { isQuoted.toggle() }
            if !isQuoted, scalar == "#" || scalar == ";", previous == " " || previous == "\t" {
                return index
            }
            previous = scalar
        }
        return scalars.count
    }

    private static func trimmed(_ scalars: [Unicode.Scalar], _ range: Range<Int>) -> Range<Int> {
        var range = range
        func isBlank(_ index: Int) -> Bool { scalars[index] == " " || scalars[index] == "\t" }
        while let first = range.first, isBlank(first) { range = first + 1..<range.upperBound }
        while let last = range.last, isBlank(last) { range = range.lowerBound..<last }
        return range
    }

    private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        return text
    }
}
