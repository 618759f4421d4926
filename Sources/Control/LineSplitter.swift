// Lines out of bytes that come in pieces.

/// Keeps what has no end yet.
struct LineSplitter {
    /// More than a tick of a thousand members needs.
    static let mostBytes = 1 << 18

    private var rest: [UInt8] = []
    private var isTooLong = false

    /// Calls `body` with each line that ends in these bytes, without its end; with nothing for one
    /// that is too long.
    mutating func take(
        _ bytes: [UInt8], _ body: (ArraySlice<UInt8>?) throws(Failure) -> Void
    ) throws(Failure) {
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
            if rest.isEmpty && !isTooLong {
                let line = bytes[start..<end]
                try body(line.count <= Self.mostBytes ? line : nil)
            } else {
                keep(bytes[start..<end])
                try finish(body)
            }
            start = end + 1
        }
        keep(bytes[start...])
    }

    /// The last line, where nothing ends it.
    mutating func finish(
        _ body: (ArraySlice<UInt8>?) throws(Failure) -> Void
    ) throws(Failure) {
        defer { (rest, isTooLong) = ([], false) }
        guard !rest.isEmpty || isTooLong else { return }
        try body(isTooLong ? nil : rest[...])
    }

    private mutating func keep(_ piece: ArraySlice<UInt8>) {
        if rest.count + piece.count > Self.mostBytes { (rest, isTooLong) = ([], true) }
        if !isTooLong { rest += piece }
    }
}
