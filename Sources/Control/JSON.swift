// JSON as poise prints it: the API's own for programs, with line breaks for people.

internal import FoundationEssentials

enum JSON {
    static func text(_ value: some Encodable, isPretty: Bool) throws(Failure) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isPretty { encoder.outputFormatting.insert(.prettyPrinted) }
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
        } catch {
            throw .unprintable("\(error)")
        }
    }
}
