// How values become the API's JSON: the same bytes for the same value.

internal import FoundationEssentials
internal import NIOCore
internal import Weighting

/// Writes JSON with sorted keys and readable slashes.
enum AdminJSON {
    static func bytes(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try [UInt8](encoder.encode(value))
    }

    static func buffer(_ value: some Encodable) throws -> ByteBuffer {
        ByteBuffer(bytes: try bytes(value))
    }

    /// The same of a snapshot, which may be of ten thousand servers.
    ///
    /// The encoder holds a tree of all that it encodes, of eighty megabytes then: so agents and
    /// services are encoded a few at a time.
    static func buffer(snapshot: Snapshot) throws -> ByteBuffer {
        var frame = snapshot
        frame.agents = []
        frame.services = []
        let whole = try bytes(frame)
        // Sorted, they are the first key and the last.
        let (first, last) = (Array(#"{"agents":["#.utf8), Array("]}".utf8))
        guard whole.starts(with: first), whole.suffix(last.count).elementsEqual(last) else {
            return try buffer(snapshot)
        }
        var buffer = ByteBuffer(bytes: first)
        try append(snapshot.agents, atOnce: 100, to: &buffer)
        buffer.writeBytes(whole.dropFirst(first.count).dropLast(last.count))
        // One may have a thousand members.
        try append(snapshot.services, atOnce: 1, to: &buffer)
        buffer.writeBytes(last)
        return buffer
    }

    /// Appends the elements as a list without its brackets.
    private static func append(
        _ values: [some Encodable], atOnce count: Int, to buffer: inout ByteBuffer
    ) throws {
        for start in stride(from: 0, to: values.count, by: count) {
            if start > 0 { buffer.writeInteger(UInt8(ascii: ",")) }
            let list = try bytes(Array(values[start..<min(start + count, values.count)]))
            buffer.writeBytes(list.dropFirst().dropLast())
        }
    }
}
