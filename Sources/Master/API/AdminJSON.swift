// How values become the API's JSON: the same bytes for the same value.

internal import FoundationEssentials

/// Writes JSON with sorted keys and readable slashes.
enum AdminJSON {
    static func bytes(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try [UInt8](encoder.encode(value))
    }
}
